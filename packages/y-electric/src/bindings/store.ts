/** A value that changes, in the form that React's `useSyncExternalStore` takes. */
export interface Store<T> {
  /** The current value: the same object until it changes. */
  readonly get: () => T
  /** @returns a function that ends the subscription */
  readonly subscribe: (listener: () => void) => () => void
}

/** The listeners of a store. */
export class Listeners {
  readonly #listeners = new Set<() => void>()

  get size(): number {
    return this.#listeners.size
  }

  /** Each call is a subscription of its own, even with the same function. */
  add(listener: () => void): () => void {
    const own = (): void => listener()
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}
