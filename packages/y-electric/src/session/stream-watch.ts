import { AwaitedRows, type Remedy, SILENT_AFTER_MS } from '../core/awaited-rows.ts'
import type { Clock } from '../io/clock.ts'
import type { FollowOptions } from '../io/shape-reader.ts'

export interface StreamWatchOptions {
  readonly clock: Clock
  /** Rows that the server has are overdue. */
  readonly onSilent: (remedy: Remedy) => void
  /** Whether an answer is awaited has changed. */
  readonly onChange: () => void
}

/** Notices that a followed segment brings nothing although the server has more: the timer of `AwaitedRows`. */
export class StreamWatch {
  readonly #options: StreamWatchOptions
  readonly #rows = new AwaitedRows()
  #isFollowing = false
  #askingSince: number | null = null
  #cancel: (() => void) | null = null

  constructor(options: StreamWatchOptions) {
    this.#options = options
  }

  /** What following the segment tells. */
  readonly hooks: Pick<Required<FollowOptions>, 'onNewest' | 'onHeard' | 'onAsking'> = {
    onNewest: (newest) => {
      this.#rows.announced(newest, this.#options.clock.now())
      this.#arm()
    },
    onHeard: () => this.#rows.heard(this.#options.clock.now()),
    onAsking: (isAsking) => {
      this.#askingSince = isAsking ? (this.#askingSince ?? this.#options.clock.now()) : null
      this.#options.onChange()
    },
  }

  /** Since when a request waits for an answer that the server gives at once; null: none does. */
  get askingSince(): number | null {
    return this.#askingSince
  }

  /** The server is known to have rows that have been asked for anew and have still not come. */
  get isBehind(): boolean {
    return this.#rows.isBehind
  }

  /** State was read. */
  joined(activeSegment: number, seqs: Iterable<number>): void {
    this.#rows.joined(activeSegment, seqs)
  }

  /** Reading goes on where an earlier page left off. */
  resumed(segment: number): void {
    this.#rows.resumed(segment)
  }

  /** A seal has come. */
  crossed(segment: number): void {
    this.#rows.crossed(segment)
  }

  /** A segment is followed from now on. */
  start(): void {
    this.#isFollowing = true
    this.#arm()
  }

  stop(): void {
    this.#isFollowing = false
    this.#askingSince = null
    this.#cancel?.()
    this.#cancel = null
  }

  arrived(seq: number): void {
    this.#rows.arrived(seq, this.#options.clock.now())
  }

  /** The server has stored a row of this client. */
  acked(seq: number): void {
    if (!this.#isFollowing) return
    this.#rows.acked(seq, this.#options.clock.now())
    this.#arm()
  }

  /** One timer at a time: what comes meanwhile only moves the moment at which it is due. */
  #arm(): void {
    const { dueAt } = this.#rows
    if (!this.#isFollowing || this.#cancel !== null || dueAt === null) return
    const { clock } = this.#options
    // An answer that is awaited may bring what is missing: beginning anew would only delay it.
    const wait = this.#askingSince === null ? Math.max(0, dueAt - clock.now()) : SILENT_AFTER_MS
    this.#cancel = clock.after(wait, () => {
      this.#cancel = null
      if (this.#askingSince === null) this.#act()
      this.#arm()
    })
  }

  #act(): void {
    const remedy = this.#rows.remedy(this.#options.clock.now())
    if (remedy !== null) this.#options.onSilent(remedy)
  }
}
