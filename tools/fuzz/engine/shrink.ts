/** The most time for shrinking one finding, in milliseconds. */
const SHRINK_MS = 8_000
/** The most smaller inputs that are tried. */
const MAX_TRIES = 3_000

/**
 * Finds fewer and smaller choices that still break the same rule.
 * @param stillFails whether the input of these choices breaks the rule
 */
export async function shrinkChoices(
  choices: readonly number[],
  stillFails: (choices: readonly number[]) => Promise<boolean>,
): Promise<number[]> {
  const until = performance.now() + SHRINK_MS
  let tries = 0
  let best = [...choices]
  const attempt = async (candidate: number[]): Promise<boolean> => {
    if (tries++ >= MAX_TRIES || performance.now() > until) return false
    if (!(await stillFails(candidate))) return false
    best = candidate
    return true
  }
  for (let size = Math.max(1, best.length >> 1); size >= 1; size >>= 1) {
    for (let at = best.length - size; at >= 0; at -= size) {
      await attempt([...best.slice(0, at), ...best.slice(at + size)])
    }
  }
  for (let at = 0; at < best.length; at++) {
    for (let value = 0; value < (best[at] ?? 0); value = value * 2 + 1) {
      if (await attempt([...best.slice(0, at), value, ...best.slice(at + 1)])) break
    }
  }
  return best
}
