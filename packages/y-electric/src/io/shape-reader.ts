import type { Row } from '@electric-sql/client'
import type { ShapePosition } from '../core/connection.ts'
import type { ShapeMessage } from '../core/follow.ts'
import { ElectricProviderError } from '../errors.ts'
import { type Platform, systemPlatform } from './platform.ts'
import { endOf, LogIsGone } from './shape-answers.ts'
import { canStream, type ShapeFetchOptions, shapeFetch } from './shape-fetch.ts'
import { SilentStream } from './sse-relay.ts'

export interface FollowOptions extends ShapeFetchOptions {
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
  /**
   * Whether a request is waiting that the server answers at once: a catch-up, or the start of a
   * stream. For a long poll it is unknown whether the server holds it or it was not even sent.
   */
  readonly onAsking?: (isAsking: boolean) => void
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

export type { StreamMode } from './shape-fetch.ts'

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
    const isAble = canStream(options.http)
    if (isStreaming && !isAble) throw new CannotStream()
    if (isStreaming && !live) throw new StoodStill()
    if (options.live !== 'sse' || !isAble || !live || isStreaming) return
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
      fetchClient: shapeFetch(options, {
        signal,
        waiting,
        noteMode,
        ask,
        fail,
        isStreaming: streaming,
      }),
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

  open(options.live === 'sse' && canStream(options.http))
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
