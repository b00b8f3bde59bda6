import { Finding } from '../engine/target.ts'

/** How often the processor time is read, in milliseconds: to read it for each input would take as long as an input. */
const SAMPLE_MS = 50

/**
 * Bounds what the steps of an input may take. Time is cheap to measure, but other processes of the machine
 * count in it; so a step that seems slow is judged by the processor time since its input began, and up to
 * {@link SAMPLE_MS} before.
 */
export class Cost {
  #worst = 0
  #worstWhat = ''
  #sample = process.cpuUsage()
  #sampledAt = performance.now()

  /** The most that any step took, in milliseconds, and which. */
  get worst(): string {
    return `${Math.round(this.#worst)} (${this.#worstWhat})`
  }

  /** A new input begins. */
  begin(): void {
    const now = performance.now()
    if (now - this.#sampledAt < SAMPLE_MS) return
    this.#sampledAt = now
    this.#sample = process.cpuUsage()
  }

  /** @throws {Finding} when a step takes longer than it may */
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
