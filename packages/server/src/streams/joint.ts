import pLimit from 'p-limit'
import { BACKLOG_HEADER } from 'y-electric/protocol'
import { type Feed, takeFeed } from './feed.ts'
import { JointOutput } from './joint-output.ts'
import { namedEvents } from './named-events.ts'

/** Several event streams as one, each event under the number of its stream. */

/** The interval of heartbeats in a quiet stream, in milliseconds: proxies cut a stream that is silent for longer. */
const HEARTBEAT_MS = 8_000

/** One of the streams. */
export interface Part {
  /**
   * Opens the part, or opens it again where it ended.
   * @param offset the position in the log that it has reached; null: the position that its reader requested
   */
  readonly open: (offset: string | null, signal: AbortSignal) => Promise<Response>
}

/**
 * How many parts are opened at once. Each asks the database: a reader of many streams must not take every
 * connection.
 */
const OPENED_AT_ONCE = 12

const MEANT: ReadonlySet<string> = new Set(['content-type', 'retry-after', BACKLOG_HEADER])

/** The headers of a part that matter to its reader. */
const isMeant = (name: string): boolean => name.startsWith('electric-') || MEANT.has(name)

const encoder = new TextEncoder()
const OPEN = encoder.encode(': open\n\n')
const HEARTBEAT = encoder.encode(': here\n\n')

/**
 * Reads all parts at once, and writes one event stream:
 *
 * - `event: open`, `data: {"stream": i, "status": …, "headers": {…}, "body": …}`: part i was answered.
 * An answer that is not a stream of events has a body, and has ended with it.
 * - `event: i`, then the lines of one event of part i as they came, including comments.
 * - `event: end`, `data: {"stream": i}`: part i has ended and can only be requested again.
 *
 * A part that ends after it made progress is opened again where it ended, as Electric's protocol requires: a
 * stream that begins behind the log delivers the backlog and ends.
 */
export function jointStream(
  parts: readonly Part[],
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const opening = pLimit(OPENED_AT_ONCE)
  const aborter = new AbortController()
  const ends = aborter.signal
  const output = new JointOutput(() => aborter.abort())
  const writeEvent = (name: string, data: object): void =>
    output.write(encoder.encode(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`))

  async function run(part: Part, stream: number): Promise<void> {
    let offset: string | null = null
    for (;;) {
      const from = offset
      // A reader that does not read gets no new backlog.
      await output.room()
      if (ends.aborted) return
      const response: Response = await opening(() => part.open(from, ends))
      const feed = takeFeed(response)
      if (offset === null || feed === null) {
        const headers = Object.fromEntries([...response.headers].filter(([name]) => isMeant(name)))
        const body = feed === null ? { body: await response.text() } : {}
        writeEvent('open', { stream, status: response.status, headers, ...body })
      }
      if (feed === null) return
      const reached = await relay(feed, stream)
      if (ends.aborted) return
      if (reached === null || reached === offset) {
        writeEvent('end', { stream })
        return
      }
      offset = reached
    }
  }

  /** Passes on the events of a part until it ends. @returns the position in the log that it has reached */
  function relay(feed: Feed, stream: number): Promise<string | null> {
    return new Promise((resolve) => {
      let reached: string | null = null
      const end = (): void => {
        ends.removeEventListener('abort', cancel)
        resolve(reached)
      }
      const cancel = (): void => {
        feed.cancel()
        end()
      }
      if (ends.aborted) return cancel()
      ends.addEventListener('abort', cancel)
      const resume = (): void => feed.resume()
      feed.start({
        write(events) {
          const named = namedEvents(events, stream)
          reached = named.reached ?? reached
          output.write(named.bytes, resume)
        },
        end,
      })
    })
  }

  async function runAll(): Promise<void> {
    // Sent at once, so that the reader knows that no proxy buffers the stream.
    output.write(OPEN)
    await Promise.all(
      parts.map((part, i) =>
        run(part, i).catch(() => {
          if (!ends.aborted) writeEvent('end', { stream: i })
        }),
      ),
    )
  }

  const heartbeat = setInterval(() => {
    // A reader that does not read needs no heartbeat.
    if (output.hasRoom) output.write(HEARTBEAT)
  }, HEARTBEAT_MS)
  const leave = (): void => aborter.abort()
  if (signal.aborted) leave()
  else signal.addEventListener('abort', leave, { once: true })
  void runAll().finally(() => {
    clearInterval(heartbeat)
    signal.removeEventListener('abort', leave)
    aborter.abort()
    output.end()
  })
  return output.readable
}
