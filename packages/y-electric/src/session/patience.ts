import { ANSWER_PATIENCE_MS } from '../core/status.ts'
import type { Clock } from '../io/clock.ts'

/** Reports when a pending answer becomes late, so that the status can change. */
export class Patience {
  readonly #clock: Clock
  readonly #onLate: () => void
  #awaitedSince: number | null = null
  #cancel: () => void = () => {}

  constructor(clock: Clock, onLate: () => void) {
    this.#clock = clock
    this.#onLate = onLate
  }

  /** @param since when the oldest request without an answer was made; null: all are answered */
  note(since: number | null): void {
    if (since === this.#awaitedSince) return
    this.#awaitedSince = since
    this.#cancel()
    this.#cancel = () => {}
    if (since === null) return
    const wait = since + ANSWER_PATIENCE_MS - this.#clock.now()
    if (wait > 0) this.#cancel = this.#clock.after(wait, this.#onLate)
  }
}
