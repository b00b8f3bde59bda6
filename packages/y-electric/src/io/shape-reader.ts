import type { Row } from '@electric-sql/client'
import type { ShapePosition } from '../core/connection.ts'
import type { ShapeMessage } from '../core/follow.ts'
import { ElectricProviderError } from '../errors.ts'
import { type NewestRows, newestOf } from '../protocol/newest-rows.ts'
import { linkedAbort } from './abort.ts'
import type { Clock } from './clock.ts'
import type { Http } from './http.ts'
import { type Platform, systemPlatform } from './platform.ts'
import { checkedShape, endOf, LogIsGone } from './shape-answers.ts'
import { relaySse, SilentStream } from './sse-relay.ts'

/** How live changes arrive. */
export type StreamMode = 'sse' | 'long-poll'

export interface FollowOptions {
  readonly http: Http
  readonly clock: Clock
  /** Electric's client; the installed one by default. */
  readonly ShapeStream?: Platform['ShapeStream'] | undefined
  /** URL of the shape. */
  readonly url: string
  /** Where to begin: with all existing rows, with changes from now on, or where a stream ended. */
  readonly start: 'beginning' | 'now' | ShapePosition
  /**
   * Whether the shape begins with the existing rows or has changes only, as one from `now` on does.
   * To Electric these are two shapes even for the same table: an offset belongs to one of them.
   */
  readonly log: 'full' | 'changes_only'
  /** `once` ends, without `onEnd`, when it has caught up. */
  readonly live: StreamMode | 'once'
  /**
   * Called with one message at a time, in order. An error for one message does not affect the next.
   */
  readonly onMessage: (message: ShapeMessage) => void
  /**
   * A shape from `now` on restarted at a later time: through tabs, when another tab leads. Changes
   * in between were not delivered.
   */
  readonly onBegin?: () => void
  /** All messages up to this point were delivered. */
  readonly onPosition?: (position: ShapePosition) => void
  /** Called when the server announces its newest rows in the stream. */
  readonly onNewest?: (newest: NewestRows) => void
  /** Called when at least part of a message has arrived. */
  readonly onHeard?: () => void
  /**
   * Whether a request is waiting that the server answers at once: a catch-up, or the start of a
   * stream. For a long poll it is unknown whether the server holds it or it was not even sent.
   */
  readonly onAsking?: (isAsking: boolean) => void
  /** Called when the server begins to answer a request for changes as they happen. */
  readonly onLive?: () => void
  /**
   * The stream ended early. `position` is where it can resume; everything before it was delivered.
   */
  readonly onEnd: (end: StreamEnd) => void
}

/** A shape that is being followed. */
export interface Following {
  /** Ends it; nothing is delivered after this call. */
  stop(): void
  /** For an open stream that delivers nothing: polls from its offset, and streams again later. */
  reread(): void
}

export interface StreamEnd {
  readonly error: ElectricProviderError
  readonly transient: boolean
  readonly position: ShapePosition | null
}

/**
 * How long to poll after streaming did not work, before it is tried again, in milliseconds. It
 * doubles each time up to the maximum, because nothing arrives while a stream is held back.
 */
const SSE_RETRY_MS = { first: 30_000, most: 600_000 }

/** How long the answer to a request for a stream may take to begin, in milliseconds. */
const STREAM_DEADLINE_MS = 10_000

/** How long an answer may take, in milliseconds: more than twice the length of a long poll. */
const SHAPE_DEADLINE_MS = 45_000

/**
 * A document in a hidden tab keeps receiving, as with every other provider: a title can show what
 * is new, and a tab that is shown again is up to date. (By default the client pauses, and never
 * removes its listener from the page.)
 */
const ALWAYS_VISIBLE = { getCurrentState: () => 'visible' as const, subscribe: () => () => {} }

/** Marks an end that the reader requests itself, to return from polling to streaming. */
class BackToStreaming extends Error {}

/** Marks an end that the reader requests itself when it learns that this `fetch` cannot stream. */
class CannotStream extends Error {}

/**
 * Marks an end that the reader requests itself after the client detected that the process was
 * suspended for some seconds. The client then sends a request that Electric refuses: an SSE request
 * that is not live.
 */
class StoodStill extends Error {}

const MUST_REFETCH: ShapeMessage = { headers: { control: 'must-refetch' } }

/** The `fetch` functions whose answers have no readable body stream, such as React Native's. */
const streamless = new WeakSet<Http>()

/**
 * Follows a shape through Electric's own client. This reader does the retries, not the client:
 * every failure ends the stream and is reported, so that the status is true and there is one policy
 * for waiting.
 */
export function followShape(options: FollowOptions): Following {
  const { clock, start, onMessage, onEnd, ShapeStream = systemPlatform.ShapeStream } = options
  let stopped = false
  let aborter = new AbortController()
  /**
   * Requests without an answer. The client prefetches with signals that do not always follow ours.
   */
  const waiting = new Set<AbortController>()
  let position = typeof start === 'string' ? null : start
  let pollingSince: number | null = null
  /** Consecutive streams that a proxy held back. */
  let silentStreams = 0
  let isStreaming = false
  let fail = (_error: unknown): void => {}
  /** The request that the server should answer at once, if one is waiting. */
  let asked: object | null = null

  function ask(): () => void {
    const request = {}
    asked = request
    options.onAsking?.(true)
    return () => {
      if (asked !== request || stopped) return
      asked = null
      options.onAsking?.(false)
    }
  }

  function noteMode(url: URL): void {
    const live = url.searchParams.get('live') === 'true'
    isStreaming = url.searchParams.get('live_sse') === 'true'
    const canStream = !streamless.has(options.http)
    if (isStreaming && !canStream) throw new CannotStream()
    if (isStreaming && !live) throw new StoodStill()
    if (options.live !== 'sse' || !canStream || !live || isStreaming) return
    pollingSince ??= clock.now()
    const { first, most } = SSE_RETRY_MS
    const patience = Math.min(most, first * 2 ** Math.max(0, silentStreams - 1))
    if (clock.now() - pollingSince >= patience) throw new BackToStreaming()
  }

  function endRequests(): void {
    aborter.abort()
    for (const request of waiting) request.abort()
    waiting.clear()
  }

  function open(streaming: boolean): void {
    pollingSince = null
    aborter = new AbortController()
    const { signal } = aborter
    /**
     * The client or its `fetch` reports the failure first (the client reports no failures while
     * streaming).
     */
    fail = (error: unknown): void => {
      if (stopped || signal.aborted) return
      endRequests()
      if (error instanceof BackToStreaming || error instanceof StoodStill) open(true)
      else if (error instanceof LogIsGone) onMessage(MUST_REFETCH)
      else if (error instanceof CannotStream) open(false)
      else if (error instanceof SilentStream) {
        silentStreams += 1
        open(false)
      } else onEnd({ ...endOf(error), position })
    }
    const stream = new ShapeStream<Row>({
      url: options.url,
      ...startOptions(position ?? start),
      log: options.log,
      liveSse: streaming,
      subscribe: options.live !== 'once',
      signal,
      fetchClient: shapeFetch(options, { signal, waiting, noteMode, ask, fail }),
      backoffOptions: { initialDelay: 1, maxDelay: 1, multiplier: 1, maxRetries: 0 },
      runtimeVisibility: ALWAYS_VISIBLE,
      // It warns about six connections to a host, but the tabs of one browser share theirs.
      warnOnHttp: false,
      // Rows stay text: the follower parses seq and bytea, where an error affects only one row.
      parser: { int8: (text: string) => text, bytea: (text: string) => text },
      onError: fail,
    })
    stream.subscribe(
      (messages) => {
        if (isStreaming) silentStreams = 0
        for (const message of messages) {
          if (stopped) return
          if (!isMessage(message)) {
            // An error thrown here would be uncaught, and later messages would be skipped.
            fail(
              new ElectricProviderError(
                'bad_response',
                'the shape contains something that is not a message',
              ),
            )
            return
          }
          onMessage(message)
        }
        // The reader cannot resume in the middle of a catch-up: the messages take effect only at
        // its end.
        if (!stream.isUpToDate) return
        const { lastOffset: offset, shapeHandle: handle } = stream
        position = handle === undefined ? null : { offset, handle }
        if (position !== null && !stopped) options.onPosition?.(position)
      },
      () => {},
    )
  }

  open(options.live === 'sse' && !streamless.has(options.http))
  return {
    stop() {
      stopped = true
      endRequests()
    },
    reread: () => fail(new SilentStream('the stream does not deliver rows that the server has')),
  }
}

/** Electric's client passes on any element of the list of messages. */
const isMessage = (message: unknown): message is ShapeMessage =>
  typeof message === 'object' &&
  message !== null &&
  'headers' in message &&
  typeof message.headers === 'object' &&
  message.headers !== null

function startOptions(start: FollowOptions['start']) {
  if (start === 'beginning') return {}
  if (start === 'now') return { offset: 'now' } as const
  return { offset: start.offset as `${number}_${number}`, handle: start.handle }
}

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
}

/** The client's `fetch`: adds our headers and deadline, and streams that do not end early. */
function shapeFetch(
  { http, clock, live, onNewest = () => {}, onHeard = () => {}, onLive = () => {} }: FollowOptions,
  { signal, waiting, noteMode, ask, fail }: FetchHooks,
): typeof fetch {
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
      if (newest !== null) onNewest(newest)
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
  const relayed = relaySse(send, clock, { onSilence: fail, onNewest, onHeard })
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
