// Repeatable randomness. Every random choice in a test comes from a seed that the test prints.

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** An integer in [0, below). */
export function pickBelow(random: () => number, below: number): number {
  return Math.floor(random() * below)
}

/** The same values in another order. */
export function shuffled<T>(values: readonly T[], seed: number): T[] {
  const random = seededRandom(seed)
  const keyed = values.map((value) => ({ value, key: random() }))
  return keyed.sort((a, b) => a.key - b.key).map(({ value }) => value)
}
