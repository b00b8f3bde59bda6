import { nextTurn } from '../node.ts'
import { AskerQueue } from './asker-queue.ts'

/**
 * Admits requests one by one, with a turn of the event loop between two of them, and askers alternately. When
 * many requests arrive at once, edits and answers get their turn between any two, instead of after all of them.
 */
export class Turns {
  readonly #waiting = new AskerQueue<() => void>()
  /** True if a request was admitted in this turn. */
  #isTaken = false

  /**
   * Resolves when the request may be handled: at once, unless another was admitted in this turn.
   * @param who the user or address that asks
   * @throws the reason of the signal, if the client has disconnected meanwhile
   */
  async enter(who: string, signal: AbortSignal): Promise<void> {
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.add(who, resolve))
    else this.#take()
    signal.throwIfAborted()
  }

  #take(): void {
    this.#isTaken = true
    void nextTurn().then(() => this.#admitNext())
  }

  #admitNext(): void {
    const next = this.#waiting.takeNext()
    if (next === null) {
      this.#isTaken = false
      return
    }
    this.#take()
    next.item()
  }
}
