/** How often `works` may be called by default. Each call builds a document from up to all rows. */
export const MAX_TRIES = 1_500

/**
 * The rows without which `works` holds: each row that does not work together with those before it that do.
 * Halves the rows until they work or one is left, so that `k` bad rows of `n` take at most about
 * `2 k log2(n / k)` calls.
 * @param works whether these rows can be used together; if they cannot, more rows cannot either
 * @param maxTries how often it may be called
 * @returns null if not even an empty list works, or if there are too many bad rows to find them
 */
export function findCulprits<T>(
  rows: readonly T[],
  works: (rows: readonly T[]) => boolean,
  maxTries = MAX_TRIES,
): ReadonlySet<T> | null {
  let triesLeft = maxTries
  const tryRows = (some: readonly T[]): boolean => {
    if (triesLeft === 0) throw new TooManyCulprits()
    triesLeft -= 1
    return works(some)
  }
  const culprits = new Set<T>()

  /** @returns the rows that work: `kept`, and those of `block` that are not culprits */
  const search = (
    kept: readonly T[],
    block: readonly T[],
    isKnownToFail: boolean,
  ): readonly T[] => {
    if (!isKnownToFail) {
      const all = [...kept, ...block]
      if (tryRows(all)) return all
    }
    const [culprit] = block
    if (block.length === 1 && culprit !== undefined) {
      culprits.add(culprit)
      return kept
    }
    const middle = Math.floor(block.length / 2)
    const before = culprits.size
    const half = search(kept, block.slice(0, middle), false)
    return search(half, block.slice(middle), culprits.size === before)
  }

  try {
    if (tryRows(rows)) return culprits
    if (!tryRows([])) return null
    search([], rows, true)
    return culprits
  } catch (error) {
    if (error instanceof TooManyCulprits) return null
    throw error
  }
}

class TooManyCulprits extends Error {}
