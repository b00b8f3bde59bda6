import { Finding } from '../engine/target.ts'

/** The interval in which the processor time is read, in milliseconds. A read takes as long as an input. */
const SAMPLE_MS = 50

/**
 * Limits the time of each step of an input. Clock time is cheap to measure, but includes other processes of the
 * machine. So a step that seems slow is judged by the processor time since its input began, and up to
 * {@link SAMPLE_MS} before.
 */
export class Cost {
  #worst = 0
  #worstWhat = ''
  #sample = process.cpuUsage()
  #sampledAt = performance.now()

  /** The longest step, with its milliseconds. */
  get worst(): string {
    return `${Math.round(this.#worst)} (${this.#worstWhat})`
  }

  /** Marks the beginning of an input. */
  begin(): void {
    const now = performance.now()
    if (now - this.#sampledAt < SAMPLE_MS) return
    this.#sampledAt = now
    this.#sample = process.cpuUsage()
  }

  /** @throws {Finding} if a step takes longer than its limit */
  within<T>(limitMs: number, what: string, run: () => T): T {
    const began = performance.now()
    const result = run()
    const elapsed = performance.now() - began
    if (elapsed <= this.#worst && elapsed <= limitMs) return result
    const { user, system } = process.cpuUsage(this.#sample)
    const ms = Math.min(elapsed, (user + system) / 1_000)
    if (ms > this.#worst) [this.#worst, this.#worstWhat] = [ms, what]
    if (ms <= limitMs) return result
    throw new Finding(`slow: ${what}`, `${what} took ${Math.round(ms)} ms of processor time`)
  }
}
