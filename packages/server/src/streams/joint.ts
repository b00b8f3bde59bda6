import pLimit from 'p-limit'

/** Several event streams as one, each event under the number of its stream. */

/** How many bytes wait for the reader of the joint stream before its parts are read no further. */
const MAX_UNREAD_BYTES = 64 * 1024

/** How often a quiet stream says that it is open, in milliseconds: proxies cut one that is silent for longer. */
const HEARTBEAT_MS = 8_000

/** One of the streams. */
export interface Part {
  /**
   * Opens it, or opens it again where it ended.
   * @param offset the place in the log that it has reached; null: where its reader asked for
   */
  readonly open: (offset: string | null, signal: AbortSignal) => Promise<Response>
}

/**
 * How many parts are opened at once. Each asks the database: a reader of many streams must not take every
 * connection.
 */
const OPENED_AT_ONCE = 12

/** The headers of a part that mean something to its reader. */
const isMeant = (name: string): boolean =>
  name.startsWith('electric-') || name === 'content-type' || name === 'retry-after'

const LAST_LSN = /"global_last_seen_lsn":\s*"?(\d+)"?/g

/**
 * Reads all parts at once, and writes one event stream:
 *
 * - `event: open`, `data: {"stream": i, "status": …, "headers": {…}, "body": …}`: part i was answered.
 *   Anything but a stream of events has a body, and has ended with it.
 * - `event: i`, then the lines of one event of part i as they came, comments among them.
 * - `event: end`, `data: {"stream": i}`: part i has ended and can only be asked for again.
 *
 * A part that ends after it made progress is opened again where it ended, as Electric's protocol has it: a
 * stream that begins behind the log brings the backlog and is over.
 */
export function jointStream(
  parts: readonly Part[],
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const opening = pLimit(OPENED_AT_ONCE)
  const aborter = new AbortController()
  const ends = AbortSignal.any([signal, aborter.signal])
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(
    undefined,
    new ByteLengthQueuingStrategy({ highWaterMark: MAX_UNREAD_BYTES }),
    new ByteLengthQueuingStrategy({ highWaterMark: 0 }),
  )
  const writer = writable.getWriter()

  /** Resolves when the reader can take more. */
  async function write(text: string): Promise<void> {
    writer.write(encoder.encode(text)).catch(() => aborter.abort())
    await writer.ready
  }
  const writeEvent = (name: string, data: object): Promise<void> =>
    write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)

  async function run(part: Part, stream: number): Promise<void> {
    let offset: string | null = null
    for (;;) {
      const from = offset
      const response: Response = await opening(() => part.open(from, ends))
      const isStream = isEventStream(response)
      if (offset === null || !isStream) {
        const headers = Object.fromEntries([...response.headers].filter(([name]) => isMeant(name)))
        const body = isStream ? {} : { body: await response.text() }
        await writeEvent('open', { stream, status: response.status, headers, ...body })
      }
      if (!isStream || response.body === null) return
      const reached = await relay(response.body, stream)
      if (reached === null || reached === offset) {
        await writeEvent('end', { stream })
        return
      }
      offset = reached
    }
  }

  /** Passes on the events of a part until it ends. @returns the place in the log that it has reached */
  async function relay(body: ReadableStream<Uint8Array>, stream: number): Promise<string | null> {
    const decoder = new TextDecoder()
    let rest = ''
    let reached: string | null = null
    for await (const chunk of untilAborted(body, ends)) {
      const events = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n\r?\n/)
      rest = events.pop() ?? ''
      if (events.length === 0) continue
      const text = events.map((event) => `event: ${stream}\n${event}\n\n`).join('')
      for (const [, lsn] of text.matchAll(LAST_LSN)) reached = `${lsn}_0`
      await write(text)
    }
    return reached
  }

  async function runAll(): Promise<void> {
    // At once, so that its reader knows that nothing on the way holds the stream back.
    await write(': open\n\n')
    await Promise.all(
      parts.map((part, i) =>
        run(part, i).catch((error: unknown) => {
          if (ends.aborted) throw error
          return writeEvent('end', { stream: i })
        }),
      ),
    )
  }

  const heartbeat = setInterval(() => {
    // A reader that does not read needs none.
    if ((writer.desiredSize ?? 0) > 0) void write(': here\n\n').catch(() => {})
  }, HEARTBEAT_MS)
  writer.closed.catch(() => aborter.abort())
  runAll()
    .then(() => writer.close())
    .catch(() => writer.abort().catch(() => {}))
    .finally(() => {
      clearInterval(heartbeat)
      aborter.abort()
    })
  return readable
}

const isEventStream = ({ ok, headers }: Response): boolean =>
  ok && (headers.get('content-type')?.startsWith('text/event-stream') ?? false)

/** The chunks of a body, whose reader is let go when the signal aborts. A body that breaks off has ended. */
async function* untilAborted(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  const cancel = (): void => void reader.cancel(signal.reason).catch(() => {})
  if (signal.aborted) cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
      if (signal.aborted) throw signal.reason
      if (done || value === undefined) return
      yield value
    }
  } finally {
    signal.removeEventListener('abort', cancel)
    cancel()
  }
}
