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
  /** Where to begin: with all that is there, with what comes from now on, or where a stream broke off. */
  readonly start: 'beginning' | 'now' | ShapePosition
  /**
   * Whether the shape begins with the rows that are there, or knows changes only, as one from `now` on
   * does. To Electric these are two shapes, also of one table: a position belongs to one of them.
   */
  readonly log: 'full' | 'changes_only'
  /** `once` ends, without `onEnd`, when it has caught up. */
  readonly live: StreamMode | 'once'
  /** One message at a time, in order; each in a guard of its own, so that none hides the next. */
  readonly onMessage: (message: ShapeMessage) => void
  /**
   * What comes from `now` on begins anew, at a later now: through tabs, when another tab leads. What
   * came in between was not delivered.
   */
  readonly onBegin?: () => void
  /** All messages up to here were delivered. */
  readonly onPosition?: (position: ShapePosition) => void
  /** Called when the server announces its newest rows in the stream. */
  readonly onNewest?: (newest: NewestRows) => void
  /** Called when at least part of a message has arrived. */
  readonly onHeard?: () => void
  /**
   * Whether a request waits for its answer that the server gives at once: a catch-up, or the beginning
   * of a stream. Of a long poll nobody can tell whether the server holds it or it was not even sent.
   */
  readonly onAsking?: (isAsking: boolean) => void
  /** The stream broke off. `position` is where it can go on; everything before it was delivered. */
  readonly onEnd: (end: StreamEnd) => void
}

/** A shape that is being followed. */
export interface Following {
  /** Ends it; nothing is delivered after this was called. */
  stop(): void
  /** For an open stream that delivers nothing: polls from its position, and streams again later. */
  reread(): void
}

export interface StreamEnd {
  readonly error: ElectricProviderError
  readonly transient: boolean
  readonly position: ShapePosition | null
}

/**
 * How long to poll after streaming turned out not to work, before trying it again, in milliseconds;
 * twice as long each time, up to the most: while a stream is held back, nothing arrives.
 */
const SSE_RETRY_MS = { first: 30_000, most: 600_000 }

/** How long the answer to a request for a stream may take to begin, in milliseconds. */
const STREAM_DEADLINE_MS = 10_000

/** How long an answer may take, in milliseconds: more than twice as long as a long poll is held. */
const SHAPE_DEADLINE_MS = 45_000

/**
 * A document goes on in a hidden tab, as it does with every other provider: a title can show what is
 * new, and a tab that comes back is not behind. (Left to itself the client pauses, and keeps its
 * listener on the page for ever.)
 */
const ALWAYS_VISIBLE = { getCurrentState: () => 'visible' as const, subscribe: () => () => {} }

/** Marks the end that the reader itself asks for, to go back from polling to streaming. */
class BackToStreaming extends Error {}

/** Marks the end that the reader itself asks for when it learns that this `fetch` streams nothing. */
class CannotStream extends Error {}

/**
 * Marks the end that the reader itself asks for when the client has noticed that the process stood still
 * for some seconds, and goes on with a request that Electric refuses: a stream that is not live.
 */
class StoodStill extends Error {}

const MUST_REFETCH: ShapeMessage = { headers: { control: 'must-refetch' } }

/** Whose `fetch` gives answers without a body to read bit by bit, as React Native's does. */
const streamless = new WeakSet<Http>()

/**
 * Follows a shape through Electric's own client. Retries are not the client's but
 * ours: every failure ends the stream and is reported, so that status is true and waiting is one policy.
 */
export function followShape(options: FollowOptions): Following {
  const { clock, start, onMessage, onEnd, ShapeStream = systemPlatform.ShapeStream } = options
  let stopped = false
  let aborter = new AbortController()
  /** Requests without an answer. The client reads ahead with signals that do not always follow ours. */
  const waiting = new Set<AbortController>()
  let position = typeof start === 'string' ? null : start
  let pollingSince: number | null = null
  /** Streams in a row that were held back on the way. */
  let silentStreams = 0
  let isStreaming = false
  let fail = (_error: unknown): void => {}
  /** The request whose answer should come at once, if one waits for it. */
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
    /** Whichever notices first: the client, or its `fetch` (of failures while streaming it tells nobody). */
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
      // It warns of six connections to a host: the tabs of one browser share theirs.
      warnOnHttp: false,
      // Rows stay text: seq and bytea are read by the follower, in a guard of their own.
      parser: { int8: (text: string) => text, bytea: (text: string) => text },
      onError: fail,
    })
    stream.subscribe(
      (messages) => {
        if (isStreaming) silentStreams = 0
        for (const message of messages) {
          if (stopped) return
          if (!isMessage(message)) {
            // An error thrown here would be an uncaught one, and what comes after would be skipped.
            fail(new ElectricProviderError('bad_response', 'the shape holds what is no message'))
            return
          }
          onMessage(message)
        }
        // In the middle of a catch-up is no place to go on from: what was heard there is not acted on
        // before its end.
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
    reread: () => fail(new SilentStream('the server has rows that the stream does not deliver')),
  }
}

/** Electric's client hands on whatever stands in the list of messages. */
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
  /** Aborted when the stream has ended: nothing is asked for any more. */
  readonly signal: AbortSignal
  /** Requests without an answer, which end with the stream. */
  readonly waiting: Set<AbortController>
  readonly noteMode: (url: URL) => void
  /** A request begins whose answer should come at once; to be called again when it has. */
  readonly ask: () => () => void
  readonly fail: (error: unknown) => void
}

/** The client's `fetch`: our headers and deadline, and streams that do not end early. */
function shapeFetch(
  { http, clock, live, onNewest = () => {}, onHeard = () => {} }: FollowOptions,
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
      // Who catches up to go on with what another tab tells must not be given an older answer.
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
      if (isStream) return response
      const whole = await begun(response, () => streamless.add(http))
      // Before its messages: they say "up to date", as far as the shape service knows.
      const newest = newestOf(whole.headers)
      if (newest !== null) onNewest(newest)
      return whole
    } catch (error) {
      const late = error instanceof ElectricProviderError && error.code === 'timeout'
      const failure =
        isStream && late ? new SilentStream('the stream does not begin') : (error as Error)
      // At once: of a stream that goes on in the next one the client tells nobody.
      if (!own.controller.signal.aborted) fail(failure)
      throw failure
    } finally {
      waiting.delete(own.controller)
      // The body of a stream follows its signal to the end.
      if (!isStream) own.unlink()
      answered()
    }
  }
  const relayed = relaySse(send, clock, { onSilence: fail, onNewest, onHeard })
  return async (input, init) => {
    try {
      noteMode(new URL(input instanceof Request ? input.url : input))
    } catch (error) {
      // An abort is the client's own doing: it polls again, or was stopped.
      if (!init?.signal?.aborted) fail(error)
      throw error
    }
    return relayed(input, init)
  }
}

/**
 * The client believes the offset of the headers, and takes an empty body for one without news: an
 * answer that ended before its first byte would make it skip what it never got. Of one that ends later
 * it notices by itself.
 */
async function begun(response: Response, onStreamless: () => void): Promise<Response> {
  const { status, statusText, headers } = response
  if (status !== 200) return response
  const bytes = await response.arrayBuffer().catch(() => new ArrayBuffer())
  if (bytes.byteLength > 0 && !response.body) onStreamless()
  if (bytes.byteLength === 0) throw new ElectricProviderError('network', 'the answer broke off')
  return new Response(bytes, { status, statusText, headers })
}
