import type { Remedy } from '../core/awaited-rows.ts'
import { BadRows } from '../core/bad-rows.ts'
import { EMPTY_TALLY, type Tally, tallyRow, tallySeal, tallyState } from '../core/compaction.ts'
import {
  CLOSED,
  type ConnectionCommand,
  type ConnectionEvent,
  type ConnectionState,
  connectionStep,
  type FollowPoint,
} from '../core/connection.ts'
import { followMessage, rowSeq, type ShapeMessage } from '../core/follow.ts'
import { soundState } from '../core/sound-state.ts'
import { isTooHeavy } from '../core/state-weight.ts'
import { type Refusal, refusalOfStatus } from '../core/status.ts'
import { ElectricProviderError } from '../errors.ts'
import { withSignal } from '../io/abort.ts'
import { Backoff } from '../io/backoff.ts'
import type { StreamEnd } from '../io/shape-reader.ts'
import { readState } from '../io/state-reader.ts'
import type { State } from '../protocol/state-frames.ts'
import { endOfJoin, isGone, tooHeavy } from './read-end.ts'
import type { ReaderOptions } from './reader-options.ts'
import { StreamWatch } from './stream-watch.ts'

/** Joining again within this time of the last time is put off, as a failure would be. Milliseconds. */
const REJOIN_REST_MS = 1_000

/** The reading side of a session: tells the connection what happened, and does what it says. */
export class Reader {
  readonly #options: ReaderOptions
  #connection: ConnectionState = CLOSED
  #isSynced = false
  /** The segment that is followed will not change again. */
  #isSealSeen = false
  #error: ElectricProviderError | null = null
  #tally: Tally = EMPTY_TALLY
  /** Rows of the followed segment that state brought already. */
  #seen: ReadonlySet<number> = new Set()
  /** Ends what is under way: a read of state, a stream, a wait. */
  #end: () => void = () => {}
  /** Asks anew for what the stream does not bring. */
  #reread: () => void = () => {}
  readonly #watch: StreamWatch
  readonly #badRows = new BadRows()

  #rejoinedAt = Number.NEGATIVE_INFINITY
  readonly #backoff: Backoff

  constructor(options: ReaderOptions) {
    this.#options = options
    this.#backoff = new Backoff(options)
    const onSilent = (remedy: Remedy) => this.#onSilent(remedy)
    this.#watch = new StreamWatch({ ...options, onSilent })
  }

  get connection(): ConnectionState {
    return this.#connection
  }

  /** All that the server had is here (SYNC-1). */
  get isSynced(): boolean {
    return this.#isSynced
  }

  /** Why the last try failed; null once one has worked. */
  get error(): ElectricProviderError | null {
    return this.#error
  }

  get refusal(): Refusal {
    return this.#connection.phase === 'stopped' ? refusalOfStatus(this.#error?.status) : null
  }

  /** Since when a request waits for an answer that the server gives at once; null: none does. */
  get askingSince(): number | null {
    return this.#watch.askingSince
  }

  get tally(): Tally {
    return this.#tally
  }

  /** A compactor learned that no sealed segment waits any more. */
  noteFolded(snapshotBytes: number): void {
    this.#tally = { ...this.#tally, snapshotBytes, isSealedWaiting: false }
  }

  /** @param from where an earlier page left off; null joins */
  open(from: FollowPoint | null): void {
    if (from !== null) {
      this.#tally = { ...EMPTY_TALLY, activeSegment: from.segment }
      this.#watch.resumed(from.segment)
    }
    this.#step({ type: 'open', from })
  }

  close(): void {
    this.#isSynced = false
    this.#step({ type: 'close' })
  }

  /** Reads state anew, whatever is under way. */
  rejoin(): void {
    if (this.#connection.phase === 'closed' || this.#connection.phase === 'stopped') return
    this.close()
    this.open(null)
  }

  /** Nothing more can come of reading, until the app connects again. */
  refuse(error: ElectricProviderError): void {
    this.#failed({ error, transient: false, position: null })
  }

  /** The server has stored a row of this client, which must come back. */
  expect(seq: number): void {
    this.#watch.acked(seq)
  }

  /** The server may be back: a wait may be over earlier. */
  hasten(): void {
    this.#backoff.hasten()
  }

  #step(event: ConnectionEvent): void {
    const { state, command } = connectionStep(this.#connection, event)
    this.#connection = state
    if (command === null) return
    this.#end()
    this.#end = this.#run(command)
  }

  #run(command: ConnectionCommand): () => void {
    switch (command.type) {
      case 'join': {
        const aborter = new AbortController()
        this.#isSynced = false
        this.#options.onJoining()
        void this.#join(aborter.signal)
        return () => aborter.abort()
      }
      case 'follow':
        return this.#follow(command.from)
      case 'wait':
        return this.#wait(command.failures)
      case 'stop':
        return () => {}
    }
  }

  #wait(failures: number): () => void {
    return this.#backoff.wait(failures, this.#error?.retryAfterMs, () => {
      this.#step({ type: 'retry' })
      this.#options.onChange()
    })
  }

  async #join(signal: AbortSignal): Promise<void> {
    const { http, stateUrl, maxDocumentStructs, onState, onPlace, onChange } = this.#options
    let state: State
    try {
      state = await withSignal(signal, (own) => readState(http, stateUrl, own))
    } catch (cause) {
      if (!signal.aborted) this.#failed(endOfJoin(cause))
      return
    }
    if (signal.aborted) return
    if (isTooHeavy(state, maxDocumentStructs)) {
      this.refuse(tooHeavy(maxDocumentStructs))
      return
    }
    this.#seen = new Set(state.rows.map(({ seq }) => seq))
    this.#watch.joined(state.activeSegment, this.#seen)
    const { state: sound, bad } = soundState(state)
    for (const { message, data } of bad) this.#onBadRow(message, data)
    this.#tally = tallyState(sound)
    const ready = onState(sound)
    if (ready !== null) await ready
    if (signal.aborted) return
    if (ready !== null) return this.#join(signal)
    onPlace({ segment: state.activeSegment, position: null })
    this.#worked()
    this.#step({ type: 'joined', activeSegment: state.activeSegment })
    onChange()
  }

  #follow(from: FollowPoint): () => void {
    const { http, clock, live, follow, segmentUrl, onPlace } = this.#options
    const { segment } = from
    this.#isSealSeen = false
    const { stop, reread } = follow({
      http,
      clock,
      live,
      start: from.position ?? 'beginning',
      log: 'full',
      url: segmentUrl(segment),
      onPosition: (position) => onPlace({ segment, position }),
      onMessage: (message) => this.#onMessage(message),
      ...this.#watch.hooks,
      onEnd: (end) => {
        if (isGone(end.error)) this.#rejoin()
        else this.#failed(end)
      },
    })
    this.#reread = reread
    this.#watch.start()
    return () => {
      this.#watch.stop()
      stop()
    }
  }

  #onSilent(remedy: Remedy): void {
    if (remedy === 'join') this.#rejoin()
    else {
      this.#isSynced = false
      this.#step({ type: 'silent' })
      this.#reread()
      this.#options.onChange()
    }
  }

  #onMessage(message: ShapeMessage): void {
    const arrived = rowSeq(message)
    if (arrived !== null) this.#watch.arrived(arrived)
    const action = followMessage(message, this.#seen)
    switch (action.type) {
      case 'apply':
        this.#tally = tallyRow(this.#tally, action.update.byteLength)
        this.#options.onRow(action.seq, action.update)
        return
      case 'bad-row':
        this.#onBadRow(action.message, action.data)
        return
      case 'caught-up':
        if (this.#isSealSeen) this.#sealed()
        else this.#caughtUp()
        return
      case 'sealed':
        // Not at once: the rows that a shape begins with come in any order, some after the seal.
        this.#isSealSeen = true
        return
      case 'rejoin':
        this.#rejoin()
        return
      case 'ignore':
    }
  }

  #onBadRow(message: string, data: Uint8Array | null): void {
    if (data !== null && !this.#badRows.isNew(data)) return
    this.#options.onError(new ElectricProviderError('bad_row', message))
  }

  #sealed(): void {
    this.#tally = tallySeal(this.#tally)
    this.#watch.crossed(this.#tally.activeSegment)
    this.#options.onPlace({ segment: this.#tally.activeSegment, position: null })
    this.#step({ type: 'sealed' })
    this.#options.onChange()
  }

  /** After every transaction of everybody: most of the time nothing is new in it. */
  #caughtUp(): void {
    if (this.#isSynced && this.#connection.phase === 'following' && this.#connection.live) return
    // Up to date, says the shape service; the server has rows that it does not know of.
    if (this.#watch.isBehind) return
    this.#step({ type: 'caught-up' })
    this.#worked()
    this.#options.onChange()
  }

  #worked(): void {
    this.#isSynced = true
    this.#error = null
    this.#options.onCaughtUp()
  }

  #rejoin(): void {
    this.#isSynced = false
    const now = this.#options.clock.now()
    this.#step({ type: 'rejoin', isRepeated: now - this.#rejoinedAt < REJOIN_REST_MS })
    this.#rejoinedAt = now
    this.#options.onChange()
  }

  #failed({ error, transient, position }: StreamEnd): void {
    this.#isSynced = false
    this.#error = error
    this.#step(transient ? { type: 'failed', position } : { type: 'refused' })
    this.#options.onChange()
    this.#options.onError(error)
  }
}
