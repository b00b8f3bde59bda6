/** Batches that were posted and not answered: nobody knows whether the server has them. */
export class Unanswered {
  /** By batch id: whether this page posted it. */
  readonly #batches = new Map<string, boolean>()
  #waiting: (() => void)[] = []

  get isEmpty(): boolean {
    return this.#batches.size === 0
  }

  /** An earlier page may have posted it. */
  restored(batchId: string): void {
    this.#batches.set(batchId, false)
  }

  /** @returns true when this page posts it for the first time, as far as is known */
  posted(batchId: string): boolean {
    const isFirst = this.#batches.get(batchId) !== true
    this.#batches.set(batchId, true)
    return isFirst
  }

  /** The server has told what became of this batch. */
  answered(batchId: string): void {
    this.#batches.delete(batchId)
    if (this.isEmpty) this.endWaits()
  }

  /** None of them is sent again. */
  clear(): void {
    this.#batches.clear()
    this.endWaits()
  }

  /** @returns a promise for when there are none, or the writer closes; null when there are none now */
  settled(): Promise<void> | null {
    if (this.isEmpty) return null
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  endWaits(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
