import { AwaitedRows, type Remedy, SILENT_AFTER_MS } from '../../core/awaited-rows.ts'
import type { Clock } from '../../io/clock.ts'
import type { FollowOptions } from '../../io/shape-reader.ts'

export interface StreamWatchOptions {
  readonly clock: Clock
  /** Called when rows that the server has are overdue. */
  readonly onSilent: (remedy: Remedy) => void
  /** Called when a request begins or stops waiting for an answer that the server gives at once. */
  readonly onAsking: (isAsking: boolean) => void
}

/** Detects that a followed segment lacks rows that the server has; runs the timer of `AwaitedRows`. */
export class StreamWatch {
  readonly #options: StreamWatchOptions
  readonly #rows = new AwaitedRows()
  #isFollowing = false
  #askingSince: number | null = null
  #cancel: (() => void) | null = null

  constructor(options: StreamWatchOptions) {
    this.#options = options
  }

  /** The hooks for the reader that follows the segment. */
  readonly hooks: Pick<Required<FollowOptions>, 'onNewest' | 'onHeard' | 'onAsking'> = {
    onNewest: (newest) => {
      this.#rows.announced(newest, this.#options.clock.now())
      this.#arm()
    },
    onHeard: () => this.#rows.heard(this.#options.clock.now()),
    onAsking: (isAsking) => {
      this.#askingSince = isAsking ? (this.#askingSince ?? this.#options.clock.now()) : null
      this.#options.onAsking(isAsking)
    },
  }

  /** True if rows that the server has are still missing after they were requested again. */
  get isBehind(): boolean {
    return this.#rows.isBehind
  }

  /** True while rows that the server announced have not arrived. */
  get lacksAnnounced(): boolean {
    return this.#rows.lacksAnnounced
  }

  /** The largest sequence number of the followed segment that has arrived; null if it is not known. */
  get newest(): number | null {
    return this.#rows.newest
  }

  /** Records that state was read. */
  joined(activeSegment: number, seqs: Iterable<number>): void {
    this.#rows.joined(activeSegment, seqs)
  }

  /** Records that reading continues where an earlier page left off. */
  resumed(segment: number, newest: number | null): void {
    this.#rows.resumed(segment, newest)
  }

  /** Records that a seal has arrived. */
  crossed(segment: number): void {
    this.#rows.crossed(segment)
  }

  /** Starts to watch, because a segment is now followed. */
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

  /** Records that the server has stored a row of this client. */
  acked(seq: number): void {
    if (!this.#isFollowing) return
    this.#rows.acked(seq, this.#options.clock.now())
    this.#arm()
  }

  /** Only one timer runs at a time; events until then only move its due time. */
  #arm(): void {
    const { dueAt } = this.#rows
    if (!this.#isFollowing || this.#cancel !== null || dueAt === null) return
    const { clock } = this.#options
    // The pending answer may deliver the missing rows; starting over would only delay them.
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
