import { type NewestRows, readNewest } from '../protocol/newest-rows.ts'
import { linkedAbort } from './abort.ts'
import { drain } from './answers.ts'
import type { Clock } from './clock.ts'
import { timedReader } from './silence.ts'
import { wholeEvents } from './sse-events.ts'

/**
 * Electric sends a comment every 21 s on a quiet stream. A stream that is silent for longer than
 * this has lost its connection.
 */
export const SSE_SILENCE_MS = 45_000

/**
 * How long the first bytes may take if the server announces its newest rows as soon as a stream begins, in
 * milliseconds.
 */
export const FIRST_BYTES_MS = 6_000

/** Thrown when a stream brought nothing for so long that a proxy must be holding it back. */
export class SilentStream extends Error {}

const OFFSET = /"global_last_seen_lsn":\s*"?(\d+)"?/g
/** Enough of the preceding text to find an offset that a chunk boundary splits. */
const OVERLAP = 64

export interface RelayHooks {
  /** Called with a `SilentStream`, which Electric's client does not report. */
  readonly onSilence: (error: SilentStream) => void
  /** Called with each announcement of the server, the first of which comes at once; null: it sends none. */
  readonly onNewest: ((newest: NewestRows) => void) | null
  /** Called when any part of a message arrives. */
  readonly onHeard: () => void
}

/**
 * Joins several short server-sent streams into one long one for a `ShapeStream`.
 *
 * Electric answers a stream that starts behind the log with the backlog and closes it at once.
 * After three of those the client assumes that streaming does not work and polls from then on, ten
 * times slower: measured for 36 of 40 readers that joined while somebody typed. So a stream that
 * ends after it made progress is followed by the next one here, from where it ended. A stream that
 * ends without progress (a proxy that buffers) is left to end, so that the client's own fallback
 * still works. Only whole events are passed on: the rest of a truncated one would corrupt the first
 * event of the next stream.
 */
export function relaySse(upstream: typeof fetch, clock: Clock, hooks: RelayHooks): typeof fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const first = await upstream(input, init)
    if (url.searchParams.get('live_sse') !== 'true' || !isOpenStream(first)) return first
    let unlink = () => {}
    const open = (next: URL) => {
      // Each stream has its own signal, so that the listeners of the previous one are released.
      unlink()
      const own = linkedAbort(init?.signal)
      unlink = own.unlink
      return upstream(next.href, { ...init, signal: own.controller.signal })
    }
    const body = relayBody(first, url, open, clock, hooks)
    return new Response(body, { status: first.status, headers: headersOf(first, url) })
  }
}

const isOpenStream = (response: Response): response is Response & { body: ReadableStream } =>
  response.ok &&
  !!response.body &&
  (response.headers.get('content-type')?.startsWith('text/event-stream') ?? false)

/**
 * The client believes the offset in the headers before it has read the body. If a stream starts
 * behind the log and breaks, the client would skip rows. So the relay puts the client's own offset
 * into the headers, and each up-to-date message advances it from there.
 */
function headersOf(response: Response, request: URL): Headers {
  const headers = new Headers(response.headers)
  const offset = request.searchParams.get('offset')
  if (offset !== null) headers.set('electric-offset', offset)
  return headers
}

function relayBody(
  first: Response & { body: ReadableStream<Uint8Array> },
  url: URL,
  open: (url: URL) => Promise<Response>,
  clock: Clock,
  { onSilence, onNewest, onHeard }: RelayHooks,
): ReadableStream<Uint8Array> {
  const fellSilent = (): SilentStream => {
    const error = new SilentStream('the server stopped sending the stream')
    onSilence(error)
    return error
  }

  const firstBytesMs = onNewest === null ? SSE_SILENCE_MS : FIRST_BYTES_MS
  const read = (body: ReadableStream<Uint8Array>) =>
    timedReader(body, clock, SSE_SILENCE_MS, fellSilent, firstBytesMs)
  let reader = read(first.body)
  let progress = trackOffset()
  let whole = wholeEvents()
  followCursor(url, first)

  /** The next upstream stream, or false if the relay ends. */
  async function reopen(): Promise<boolean> {
    const lsn = progress.lsn()
    if (lsn === null || url.searchParams.get('offset') === `${lsn}_0`) return false
    // The client derives the same offset from the same message (`getOffset` in its helpers).
    url.searchParams.set('offset', `${lsn}_0`)
    const next = await open(url)
    if (!isOpenStream(next)) {
      await drain(next)
      return false
    }
    followCursor(url, next)
    reader = read(next.body)
    progress = trackOffset()
    whole = wholeEvents()
    return true
  }

  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (;;) {
        const { done, value } = await reader.read()
        if (!done) {
          const events = whole(value)
          const text = progress.note(events)
          // Comments only show that the connection is open; a partial event may be the start of
          // a long one.
          const isPart = value.byteLength > 0 && events.byteLength === 0
          if (isPart || text.includes('data:')) onHeard()
          const newest = readNewest(text)
          if (newest !== null) onNewest?.(newest)
          if (events.byteLength === 0) continue
          controller.enqueue(events)
          return
        }
        if (!(await reopen())) {
          controller.close()
          return
        }
      }
    },
    cancel: (reason) => reader.cancel(reason),
  })
}

/** The cursor lets simultaneous live requests share one answer of a CDN. */
function followCursor(url: URL, response: Response): void {
  const cursor = response.headers.get('electric-cursor')
  if (cursor !== null) url.searchParams.set('cursor', cursor)
}

/** Finds the last offset in a stream's text; `note` returns a chunk as text. */
function trackOffset(): { note(chunk: Uint8Array): string; lsn(): string | null } {
  const decoder = new TextDecoder()
  let tail = ''
  let last: string | null = null
  return {
    note(chunk) {
      const decoded = decoder.decode(chunk, { stream: true })
      const text = tail + decoded
      for (const match of text.matchAll(OFFSET)) last = match[1] ?? last
      tail = text.slice(-OVERLAP)
      return decoded
    },
    lsn: () => last,
  }
}
