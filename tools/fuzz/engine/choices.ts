import { seededRandom } from '../../../test/harness/random.ts'

/** The most choices of one input. After that, a generator always gets the first alternative. */
export const MAX_CHOICES = 20_000

/**
 * The choices that a generator makes, in order. They are recorded, so that an input can be repeated, mutated
 * and shrunk without knowledge of its meaning. Fewer and smaller choices make a simpler input, so generators
 * put the simplest alternative first.
 */
export class Choices {
  /** The choices so far. */
  readonly taken: number[] = []
  readonly #given: readonly number[]
  readonly #random: (() => number) | null

  private constructor(given: readonly number[], random: (() => number) | null) {
    this.#given = given
    this.#random = random
  }

  /** Returns the given choices, and then random ones from a seed. */
  static random(seed: number, given: readonly number[] = []): Choices {
    return new Choices(given, seededRandom(seed))
  }

  /** Returns the given choices, and then always the first alternative. */
  static replay(given: readonly number[]): Choices {
    return new Choices(given, null)
  }

  /** An integer in [0, below). */
  below(below: number): number {
    const given = this.#given[this.taken.length]
    const isOver = this.taken.length >= MAX_CHOICES
    const choice =
      given !== undefined
        ? given % below
        : this.#random === null || isOver
          ? 0
          : Math.floor(this.#random() * below)
    if (!isOver) this.taken.push(choice)
    return choice
  }

  /** True in one of `outOf` cases. False is the simpler alternative. */
  oneIn(outOf: number): boolean {
    return this.below(outOf) === outOf - 1
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)]
    if (value === undefined && values.length === 0)
      throw new Error('the list to pick from is empty')
    return value as T
  }

  /** Makes a list of `least` to `most` items. */
  list<T>(least: number, most: number, make: (index: number) => T): T[] {
    return Array.from({ length: least + this.below(most - least + 1) }, (_, index) => make(index))
  }

  /** Runs one of the makers, chosen in proportion to its weight. */
  weighted<T>(makers: readonly (readonly [weight: number, make: () => T])[]): T {
    // Plain loops are fast, and this runs hundreds of times for each input.
    let total = 0
    for (let i = 0; i < makers.length; i++) total += makers[i]?.[0] ?? 0
    let left = this.below(total)
    for (let i = 0; i < makers.length; i++) {
      const maker = makers[i]
      if (maker === undefined) break
      if (left < maker[0]) return maker[1]()
      left -= maker[0]
    }
    throw new Error('the list of makers is empty')
  }
}
