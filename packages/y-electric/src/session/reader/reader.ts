/** Runs the effects of reading: reads state, follows the shape of a segment, and waits between tries. */
import type { Remedy } from '../../core/awaited-rows.ts'
import type { ResumePoint } from '../../core/connection.ts'
import { rowSeq } from '../../core/follow.ts'
import { joinable } from '../../core/joinable.ts'
import type { ReaderEffect } from '../../core/ledger/effects.ts'
import type { Dispatch, ReaderEvent } from '../../core/ledger/events.ts'
import type { RetryPolicy } from '../../core/retry.ts'
import { soundState } from '../../core/sound-state.ts'
import { isTooHeavy } from '../../core/state-weight.ts'
import { withSignal } from '../../io/abort.ts'
import { Backoff } from '../../io/backoff.ts'
import type { Clock } from '../../io/clock.ts'
import type { Http } from '../../io/http.ts'
import type { Following, FollowOptions, StreamEnd, StreamMode } from '../../io/shape-reader.ts'
import { type ReadState, readState } from '../../io/state-reader.ts'
import type { State } from '../../protocol/state-frames.ts'
import { endOfJoin, tooHeavy } from './read-end.ts'
import { StreamWatch } from './stream-watch.ts'

export interface ReaderOptions {
  readonly http: Http
  readonly clock: Clock
  readonly retry: RetryPolicy
  readonly live: StreamMode
  /** See the option of `FollowOptions`. */
  readonly backlogFirst: () => FollowOptions['backlogFirst']
  /** Follows a shape with its own stream, or through another tab's. */
  readonly follow: (options: FollowOptions) => Following
  /** The URL of state for a joiner; `isEmpty`: the server may send many rows as one update. */
  readonly joinUrl: (isEmpty: boolean) => string
  /** True while the document holds nothing. */
  readonly isBlank: () => boolean
  /** The URL of a segment's shape. */
  readonly segmentUrl: (segment: number) => string
  /** A document with more structs than this is not applied. */
  readonly maxDocumentStructs: number
  /** Loads what is needed to compare the document with state; null if nothing is missing. */
  readonly whenComparable: (state: State) => Promise<unknown> | null
  readonly dispatch: Dispatch<ReaderEvent>
}

export class Reader {
  readonly #options: ReaderOptions
  readonly #backoff: Backoff
  readonly #watch: StreamWatch
  /** Ends what is in progress: a read of state, a stream, a wait. */
  #end: () => void = () => {}
  /** Requests the missing rows of the stream again. */
  #reread: () => void = () => {}

  constructor(options: ReaderOptions) {
    this.#options = options
    this.#backoff = new Backoff(options)
    this.#watch = new StreamWatch({
      clock: options.clock,
      onSilent: (remedy: Remedy) => options.dispatch({ type: 'silent', remedy }),
      onAsking: (isAsking) => options.dispatch({ type: 'asking', isAsking }),
    })
  }

  run(effect: ReaderEffect): void {
    switch (effect.type) {
      case 'join':
        this.#begin(() => this.#join())
        return
      case 'follow':
        this.#begin(() => this.#follow(effect.from))
        return
      case 'wait':
        this.#begin(() => this.#wait(effect.failures, effect.retryAfterMs))
        return
      case 'stop':
        this.#begin(() => () => {})
        return
      case 'reread':
        this.#reread()
        return
      case 'resumed':
        this.#watch.resumed(effect.segment, effect.newest)
        return
      case 'crossed':
        this.#watch.crossed(effect.segment)
        return
      case 'expect':
        this.#watch.acked(effect.seq)
        return
      case 'hasten':
        this.#backoff.hasten()
    }
  }

  #begin(start: () => () => void): void {
    this.#end()
    this.#end = start()
  }

  #wait(failures: number, retryAfterMs: number | undefined): () => void {
    return this.#backoff.wait(failures, retryAfterMs, () =>
      this.#options.dispatch({ type: 'read-retry' }),
    )
  }

  #join(): () => void {
    const aborter = new AbortController()
    void this.#readState(aborter.signal)
    return () => aborter.abort()
  }

  async #readState(signal: AbortSignal): Promise<void> {
    const { maxDocumentStructs, whenComparable, dispatch } = this.#options
    let read: ReadState
    try {
      read = await withSignal(signal, (own) => this.#readRows(own))
    } catch (cause) {
      if (!signal.aborted) this.#failed(endOfJoin(cause))
      return
    }
    if (signal.aborted) return
    const { state, seqs, tally } = joinable(read.state, read.merged)
    if (isTooHeavy(state, maxDocumentStructs)) {
      const error = tooHeavy(maxDocumentStructs)
      this.#failed({ error, transient: false, position: null })
      return
    }
    const { state: sound, bad } = soundState(state)
    const loading = whenComparable(sound)
    if (loading !== null) {
      const failure = await loading.then(() => null, endOfJoin)
      if (signal.aborted) return
      if (failure !== null) {
        this.#failed(failure)
        return
      }
    }
    this.#watch.joined(state.activeSegment, seqs)
    dispatch({ type: 'state-read', state: sound, follow: read.follow, seqs, tally, bad })
  }

  /** Content of the document is compared row by row, so only an empty document takes merged rows. */
  async #readRows(signal: AbortSignal): Promise<ReadState> {
    const { http, joinUrl, isBlank } = this.#options
    if (isBlank()) {
      const read = await readState(http, joinUrl(true), signal)
      if (read.merged === null || isBlank()) return read
    }
    return readState(http, joinUrl(false), signal)
  }

  #follow({ segment, position }: ResumePoint): () => void {
    const { http, clock, live, follow, backlogFirst, segmentUrl, dispatch } = this.#options
    const { stop, reread } = follow({
      http,
      clock,
      live,
      backlogFirst: backlogFirst(),
      start: position ?? 'beginning',
      log: 'full',
      url: segmentUrl(segment),
      onPosition: (reached) => {
        const { newest } = this.#watch
        const point = { segment, position: reached, ...(newest !== null && { newest }) }
        dispatch({ type: 'reached', point })
      },
      onMessage: (message) => {
        const arrived = rowSeq(message)
        if (arrived !== null) this.#watch.arrived(arrived)
        const isBehind = this.#watch.isBehind || this.#watch.lacksAnnounced
        dispatch({ type: 'message', message, isBehind })
      },
      ...this.#watch.hooks,
      onLive: () => dispatch({ type: 'live-answered' }),
      onEnd: (end) => this.#failed(end),
    })
    this.#reread = reread
    this.#watch.start()
    return () => {
      this.#watch.stop()
      stop()
    }
  }

  #failed({ error, transient, position }: StreamEnd): void {
    this.#options.dispatch({ type: 'read-failed', error, isTransient: transient, position })
  }
}
