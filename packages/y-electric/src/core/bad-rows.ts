/** How many bad rows are remembered. */
const REMEMBERED_ROWS = 1_000

/**
 * Tracks which bad rows have been reported, so that the app is notified of each one once. A fold
 * appends a bad row again, and a restarted stream repeats it.
 */
export class BadRows {
  readonly #reported = new Set<string>()

  /** @returns true the first time for rows with the same bytes */
  isNew(data: Uint8Array): boolean {
    const key = `${data.byteLength} ${hashOf(data)}`
    if (this.#reported.has(key)) return false
    this.#reported.add(key)
    const [oldest] = this.#reported
    if (this.#reported.size > REMEMBERED_ROWS && oldest !== undefined) this.#reported.delete(oldest)
    return true
  }
}

/** FNV-1a. On a hash collision a row is not reported; nothing else depends on the hash. */
function hashOf(data: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of data) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}
