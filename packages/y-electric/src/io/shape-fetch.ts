import { ElectricProviderError } from '../errors.ts'
import { type NewestRows, newestOf, readNewest } from '../protocol/newest-rows.ts'
import { linkedAbort } from './abort.ts'
import type { BacklogFirst } from './backlog-first.ts'
import type { Clock } from './clock.ts'
import type { Http } from './http.ts'
import { checkedShape } from './shape-answers.ts'
import { relaySse, SilentStream } from './sse-relay.ts'

/** How live changes arrive. */
export type StreamMode = 'sse' | 'long-poll'

export interface ShapeFetchOptions {
  readonly http: Http
  readonly clock: Clock
  /** `once` ends, without `onEnd`, when it has caught up. */
  readonly live: StreamMode | 'once'
  /**
   * The code with which a reader that continues at an offset gets its backlog at the beginning of its stream. Null:
   * with a request of its own, after which it can still stop without a stream.
   */
  readonly backlogFirst?: BacklogFirst | null | undefined
  /**
   * Called when the server announces its newest rows in the stream. Such a server sends the first
   * announcement as soon as a stream begins, so a stream without first bytes is held back.
   */
  readonly onNewest?: (newest: NewestRows) => void
  /** Called when at least part of a message has arrived. */
  readonly onHeard?: () => void
  /** Called when the server begins to answer a request for changes as they happen. */
  readonly onLive?: () => void
}

/** How long the answer to a request for a stream may take to begin, in milliseconds. */
const STREAM_DEADLINE_MS = 10_000

/** How long an answer may take, in milliseconds: more than twice the length of a long poll. */
const SHAPE_DEADLINE_MS = 45_000

/** The `fetch` functions whose answers have no readable body stream, such as React Native's. */
const streamless = new WeakSet<Http>()

/** Whether answers can be streamed, as far as is known: false after an answer without a body stream. */
export const canStream = (http: Http): boolean => !streamless.has(http)

interface FetchHooks {
  /** Aborted when the stream has ended; nothing is requested after that. */
  readonly signal: AbortSignal
  /** Requests without an answer, which end with the stream. */
  readonly waiting: Set<AbortController>
  readonly noteMode: (url: URL) => void
  /**
   * Records the start of a request that the server should answer at once; the returned function
   * records the answer.
   */
  readonly ask: () => () => void
  readonly fail: (error: unknown) => void
  /** False while the reader polls. */
  readonly isStreaming: boolean
}

/** The `fetch` of Electric's client: adds our headers and deadline, and streams that do not end early. */
export function shapeFetch(
  options: ShapeFetchOptions,
  { signal, waiting, noteMode, ask, fail, isStreaming }: FetchHooks,
): typeof fetch {
  const { http, clock, live, backlogFirst = null, onNewest } = options
  const { onHeard = () => {}, onLive = () => {} } = options
  const send: typeof fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input)
    const { searchParams } = new URL(url)
    const isStream = searchParams.get('live_sse') === 'true'
    const deadlineMs = isStream ? STREAM_DEADLINE_MS : SHAPE_DEADLINE_MS
    const isPoll = !isStream && searchParams.get('live') === 'true'
    if (signal.aborted) throw signal.reason
    const own = linkedAbort(init?.signal)
    waiting.add(own.controller)
    const answered = isPoll ? () => {} : ask()
    try {
      // A reader that catches up in order to continue with another tab's stream must not get an
      // older answer.
      const cache = live === 'once' ? 'no-store' : 'default'
      const response = await checkedShape(
        await http.send(url, {
          ...init,
          signal: own.controller.signal,
          cache,
          deadlineMs,
          isStream,
        }),
      )
      if ((isStream || isPoll) && response.status === 200) onLive()
      if (isStream) return response
      const whole = await begun(response, () => streamless.add(http))
      // Before its messages: they say "up to date", as far as the shape service knows.
      const newest = newestOf(whole.headers)
      if (newest !== null) onNewest?.(newest)
      return whole
    } catch (error) {
      const late = error instanceof ElectricProviderError && error.code === 'timeout'
      const failure =
        isStream && late ? new SilentStream('the stream did not begin in time') : (error as Error)
      // At once: the client does not report a stream that continues in the next one.
      if (!own.controller.signal.aborted) fail(failure)
      throw failure
    } finally {
      waiting.delete(own.controller)
      // The body of a stream follows its signal until it ends.
      if (!isStream) own.unlink()
      answered()
    }
  }
  const onBefore = (events: string): void => {
    const newest = readNewest(events)
    if (newest !== null) onNewest?.(newest)
  }
  const upstream =
    isStreaming && backlogFirst !== null
      ? backlogFirst(send, { http, clock, signal, onBefore })
      : send
  const relayed = relaySse(upstream, clock, {
    onSilence: fail,
    onNewest: onNewest ?? null,
    onHeard,
  })
  return async (input, init) => {
    try {
      noteMode(new URL(input instanceof Request ? input.url : input))
    } catch (error) {
      // The client aborted it: it polls again, or was stopped.
      if (!init?.signal?.aborted) fail(error)
      throw error
    }
    return relayed(input, init)
  }
}

/**
 * The client believes the offset in the headers, and takes an empty body for an answer without
 * changes. So an answer that ended before its first byte would make it skip rows. If the answer
 * ends later, the client notices.
 */
async function begun(response: Response, onStreamless: () => void): Promise<Response> {
  const { status, statusText, headers } = response
  if (status !== 200) return response
  const bytes = await response.arrayBuffer().catch(() => new ArrayBuffer())
  if (bytes.byteLength > 0 && !response.body) onStreamless()
  if (bytes.byteLength === 0) throw new ElectricProviderError('network', 'the answer was cut off')
  return new Response(bytes, { status, statusText, headers })
}
