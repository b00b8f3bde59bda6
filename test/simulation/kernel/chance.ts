// Chance from one seed. Every part of the world draws from a stream of its own, so that dropping a step
// while a failing run is shrunk changes as little as possible of what the others draw.
import { pickBelow, seededRandom } from '../../harness/random.ts'

export class Chance {
  readonly #next: () => number

  constructor(seed: number) {
    this.#next = seededRandom(seed)
  }

  /** A stream of its own, named by who draws from it. */
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
    if (value === undefined) throw new Error('there is nothing to pick from')
    return value
  }

  /** A version 4 UUID. */
  readonly uuid = (): string =>
    'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (place) => {
      const nibble = this.below(16)
      return (place === 'x' ? nibble : (nibble & 3) | 8).toString(16)
    })
}
