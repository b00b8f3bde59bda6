// Random choices from one seed. Every part of the world has its own stream. If shrinking drops a step of a
// failing run, the choices of the other parts therefore change as little as possible.
import { pickBelow, seededRandom } from '../../harness/random.ts'

export class Chance {
  readonly #next: () => number

  constructor(seed: number) {
    this.#next = seededRandom(seed)
  }

  /** A separate stream for the part of this name. */
  static of(seed: number, name: string): Chance {
    let hash = seed >>> 0
    for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
    return new Chance(hash >>> 0)
  }

  /** A number in [0, 1). */
  readonly number = (): number => this.#next()

  /** An integer in [0, below). */
  below(below: number): number {
    return pickBelow(this.#next, below)
  }

  happens(share: number): boolean {
    return this.#next() < share
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)]
    if (value === undefined) throw new Error('the list to pick from is empty')
    return value
  }

  /** A version 4 UUID. */
  readonly uuid = (): string =>
    'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (place) => {
      const nibble = this.below(16)
      return (place === 'x' ? nibble : (nibble & 3) | 8).toString(16)
    })
}
