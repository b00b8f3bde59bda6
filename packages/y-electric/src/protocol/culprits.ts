/** The most rows that are left out: each costs several attempts. */
const MAX_CULPRITS = 100

/**
 * The rows without which `works` holds, found by bisection: of the shortest beginning that does not work,
 * always the last row.
 * @param works whether these rows can be used together
 * @returns null if there is no such set of rows, or it is too large
 */
export function findCulprits<T>(
  rows: readonly T[],
  works: (rows: readonly T[]) => boolean,
): ReadonlySet<T> | null {
  const culprits = new Set<T>()
  let kept = [...rows]
  while (!works(kept)) {
    if (culprits.size === MAX_CULPRITS || !works([])) return null
    let [good, bad] = [0, kept.length]
    while (bad - good > 1) {
      const middle = Math.floor((good + bad) / 2)
      if (works(kept.slice(0, middle))) good = middle
      else bad = middle
    }
    const culprit = kept[good] as T
    culprits.add(culprit)
    kept = kept.filter((row) => row !== culprit)
  }
  return culprits
}
