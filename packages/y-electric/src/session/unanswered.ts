/** Batches that were posted and not answered: nobody knows whether the server has them. */
export class Unanswered {
  readonly #batchIds = new Set<string>()
  #waiting: (() => void)[] = []

  get isEmpty(): boolean {
    return this.#batchIds.size === 0
  }

  add(batchId: string): void {
    this.#batchIds.add(batchId)
  }

  /** The server has told what became of this batch. */
  answered(batchId: string): void {
    this.#batchIds.delete(batchId)
    if (this.isEmpty) this.endWaits()
  }

  /** None of them is sent again. */
  clear(): void {
    this.#batchIds.clear()
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
