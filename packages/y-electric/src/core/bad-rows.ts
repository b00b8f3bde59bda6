/** How many bad rows are remembered. */
const REMEMBERED_ROWS = 1_000

/**
 * Tells which bad rows have been reported, so that the app hears of each once: a fold appends a bad row
 * again, and a stream that begins anew repeats it.
 */
export class BadRows {
  readonly #reported = new Set<string>()

  /** @returns true the first time, for rows of the same bytes */
  isNew(data: Uint8Array): boolean {
    const key = `${data.byteLength} ${hashOf(data)}`
    if (this.#reported.has(key)) return false
    this.#reported.add(key)
    const [oldest] = this.#reported
    if (this.#reported.size > REMEMBERED_ROWS && oldest !== undefined) this.#reported.delete(oldest)
    return true
  }
}

/** FNV-1a. A row that has the hash of another one is not reported, and no more depends on it. */
function hashOf(data: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of data) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}
