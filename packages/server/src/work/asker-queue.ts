/** Items that wait, each for an asker. Askers are served alternately, however many items one of them has. */
export class AskerQueue<T> {
  /** The items of each asker, in the order in which askers are served next. No list is empty. */
  readonly #waiting = new Map<string, T[]>()

  /** How many items of an asker wait. */
  countOf(who: string): number {
    return this.#waiting.get(who)?.length ?? 0
  }

  /** The askers, in the order in which they are served next. */
  get askers(): string[] {
    return [...this.#waiting.keys()]
  }

  add(who: string, item: T): void {
    const queue = this.#waiting.get(who)
    if (queue === undefined) this.#waiting.set(who, [item])
    else queue.push(item)
  }

  /** Removes the oldest item of the next asker that may be served. */
  takeNext(mayServe: (who: string) => boolean = () => true): { who: string; item: T } | null {
    for (const [who, queue] of this.#waiting) {
      if (!mayServe(who)) continue
      const item = queue.shift() as T
      // An asker that was served is last in the next round.
      this.#waiting.delete(who)
      if (queue.length > 0) this.#waiting.set(who, queue)
      return { who, item }
    }
    return null
  }

  /** Removes the newest item of an asker. */
  takeNewest(who: string): T | null {
    return this.#without(who, this.countOf(who) - 1)
  }

  remove(who: string, item: T): void {
    this.#without(who, this.#waiting.get(who)?.indexOf(item) ?? -1)
  }

  #without(who: string, place: number): T | null {
    const queue = this.#waiting.get(who)
    if (queue === undefined || place < 0) return null
    const [item] = queue.splice(place, 1)
    if (queue.length === 0) this.#waiting.delete(who)
    return item ?? null
  }
}
