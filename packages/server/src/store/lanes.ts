/**
 * Runs groups of items, so many groups at once. An idle lane starts with an item at once, unlike one of `p-limit`, which
 * starts in a later microtask. Items that come while all lanes run gather for the next group.
 */
export class Lanes<T> {
  readonly #lanes: number
  readonly #runGroup: (waiting: T[]) => Promise<void>
  readonly #waiting: T[] = []
  #running = 0

  /** @param runGroup takes its items out of those that wait; never rejects */
  constructor(lanes: number, runGroup: (waiting: T[]) => Promise<void>) {
    this.#lanes = lanes
    this.#runGroup = runGroup
  }

  /** How many items no lane has taken yet. */
  get waiting(): number {
    return this.#waiting.length
  }

  add(item: T): void {
    this.#waiting.push(item)
    if (this.#running < this.#lanes) void this.#run()
  }

  async #run(): Promise<void> {
    this.#running += 1
    while (this.#waiting.length > 0) await this.#runGroup(this.#waiting)
    this.#running -= 1
  }
}

/** How many of the wanted lanes a pool has connections for. */
export const lanesOf = (
  pool: { readonly options?: { readonly max?: number } },
  wanted: number,
): number => Math.min(wanted, pool.options?.max ?? wanted)
