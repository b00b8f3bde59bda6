/**
 * Runs groups of items, with a fixed number of lanes, each of which runs one group at a time. An idle lane takes an
 * item at once; `p-limit` would start it in a later microtask. Items that arrive while all lanes run gather for the
 * next group.
 */
export class Lanes<T> {
  readonly #lanes: number
  readonly #runGroup: (waiting: T[]) => Promise<void>
  readonly #waiting: T[] = []
  #running = 0

  /** @param runGroup removes its items from the waiting ones; never rejects */
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

/** The wanted number of lanes, but at most the number of connections of the pool. */
export const lanesOf = (
  pool: { readonly options?: { readonly max?: number } },
  wanted: number,
): number => Math.min(wanted, pool.options?.max ?? wanted)
