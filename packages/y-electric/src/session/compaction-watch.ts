import { type CompactionPolicy, compactionDue, type Tally } from '../core/compaction.ts'
import type { Clock } from '../io/clock.ts'
import type { Compactor } from '../io/compactor.ts'

export interface CompactionWatchOptions {
  readonly clock: Clock
  readonly policy: CompactionPolicy
  readonly tally: () => Tally
  /** False for a read-only client, which never runs for election. */
  readonly mayWrite: () => boolean
  /** Calls its argument with the compactor once its code is loaded; returns a function that cancels this. */
  readonly load: (use: (compactor: Compactor) => void) => () => void
}

/** Loads the compactor in the first interval in which there is something to compact. */
export class CompactionWatch {
  readonly #options: CompactionWatchOptions
  #compactor: Compactor | null = null
  #cancel: () => void = () => {}

  constructor(options: CompactionWatchOptions) {
    this.#options = options
  }

  start(): void {
    this.stop()
    if (this.#compactor === null) this.#awaitInterval()
    else this.#compactor.start()
  }

  stop(): void {
    this.#cancel()
    this.#compactor?.stop()
  }

  forgetRefusal(): void {
    this.#compactor?.forgetRefusal()
  }

  #awaitInterval(): void {
    const { clock, policy } = this.#options
    const untilNext = policy.everyMs - (clock.now() % policy.everyMs)
    this.#cancel = clock.after(untilNext, () => this.#stand())
  }

  #stand(): void {
    const { tally, policy, mayWrite, load } = this.#options
    if (!mayWrite() || compactionDue(tally(), policy) === null) {
      this.#awaitInterval()
      return
    }
    this.#cancel = load((compactor) => {
      this.#compactor = compactor
      compactor.stand()
    })
  }
}
