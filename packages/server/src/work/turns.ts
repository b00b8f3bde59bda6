import { nextTurn } from '../node.ts'

/**
 * Admits requests one by one, with a turn of the event loop between two of them, and askers alternately. When
 * many requests arrive at once, edits and answers get their turn between any two, instead of after all of them.
 */
export class Turns {
  /** The queue of each asker, in the order in which they are served next. No queue is empty. */
  readonly #waiting = new Map<string, (() => void)[]>()
  /** True if a request was admitted in this turn. */
  #isTaken = false

  /**
   * Resolves when the request may be handled: at once, unless another was admitted in this turn.
   * @param who the user or address that asks
   * @throws the reason of the signal, if the client has disconnected meanwhile
   */
  async enter(who: string, signal: AbortSignal): Promise<void> {
    if (this.#isTaken) {
      await new Promise<void>((resolve) => {
        const queue = this.#waiting.get(who)
        if (queue === undefined) this.#waiting.set(who, [resolve])
        else queue.push(resolve)
      })
    } else this.#take()
    signal.throwIfAborted()
  }

  #take(): void {
    this.#isTaken = true
    void nextTurn().then(() => this.#admitNext())
  }

  #admitNext(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#isTaken = false
      return
    }
    const [who, queue] = next
    const admit = queue.shift()
    // An asker that was served is last in the next round.
    this.#waiting.delete(who)
    if (queue.length > 0) this.#waiting.set(who, queue)
    this.#take()
    admit?.()
  }
}
