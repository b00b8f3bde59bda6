/** The longest wait, in milliseconds. */
export const MAX_BACKOFF_MS = 10 * 60 * 1_000

/** The shortest wait beyond the tolerance, in milliseconds. */
export const MIN_BACKOFF_MS = 1_000

/** How many proposers are remembered; beyond that, the ones that failed first are forgotten. */
const MAX_PROPOSERS = 10_000

interface Record {
  failures: number
  /** The total time of the failures, in milliseconds. */
  spentMs: number
  /** When the next proposal is accepted for a check. */
  until: number
}

/**
 * Remembers which proposers waste time. A proposer whose proposals were refused or took too long waits
 * before the server checks its next one: as long as the failures took, and twice as long after each
 * further failure. Failures that together took less than the tolerance are free.
 */
export class ProposerBackoff {
  readonly #records = new Map<string, Record>()
  readonly #toleranceMs: number

  constructor(toleranceMs: number) {
    this.#toleranceMs = toleranceMs
  }

  /** How long this proposer still has to wait, in milliseconds. */
  waitMs(proposer: string, now: number): number {
    const record = this.#records.get(proposer)
    if (record === undefined) return 0
    if (record.until + MAX_BACKOFF_MS < now) this.#records.delete(proposer)
    return Math.max(0, record.until - now)
  }

  failed(proposer: string, tookMs: number, now: number): void {
    const before = this.#records.get(proposer) ?? { failures: 0, spentMs: 0, until: now }
    const spentMs = before.spentMs + tookMs
    const isFree = spentMs <= this.#toleranceMs
    const failures = isFree ? 0 : before.failures + 1
    const waitMs = isFree ? 0 : Math.max(MIN_BACKOFF_MS, spentMs) * 2 ** (failures - 1)
    const until = now + Math.min(MAX_BACKOFF_MS, waitMs)
    // The newest record is last.
    this.#records.delete(proposer)
    this.#records.set(proposer, { failures, spentMs, until })
    const [oldest] = this.#records.keys()
    if (this.#records.size > MAX_PROPOSERS && oldest !== undefined) this.#records.delete(oldest)
  }

  succeeded(proposer: string): void {
    this.#records.delete(proposer)
  }
}
