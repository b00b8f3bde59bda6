import { Finding } from '../engine/target.ts'

/**
 * Bounds what the steps of an input may take. Time is cheap to measure, but other processes of the machine
 * count in it; so a step that seems slow is judged by the processor time since its input began.
 */
export class Cost {
  #worst = 0
  #worstWhat = ''
  #began = process.cpuUsage()

  /** The most that any step took, in milliseconds, and which. */
  get worst(): string {
    return `${Math.round(this.#worst)} (${this.#worstWhat})`
  }

  /** A new input begins. */
  begin(): void {
    this.#began = process.cpuUsage()
  }

  /** @throws {Finding} when a step takes longer than it may */
  within<T>(limitMs: number, what: string, run: () => T): T {
    const began = performance.now()
    const result = run()
    const elapsed = performance.now() - began
    if (elapsed <= this.#worst && elapsed <= limitMs) return result
    const { user, system } = process.cpuUsage(this.#began)
    const ms = Math.min(elapsed, (user + system) / 1_000)
    if (ms > this.#worst) [this.#worst, this.#worstWhat] = [ms, what]
    if (ms <= limitMs) return result
    throw new Finding(`slow: ${what}`, `${what} took ${Math.round(ms)} ms of processor time`)
  }
}
