import { Finding } from '../engine/target.ts'

/** Processor time is measured, not time: other processes of a machine do not count. */
export class Cost {
  #worst = 0
  #worstWhat = ''

  /** The most that anything took, in milliseconds. */
  get worst(): number {
    return this.#worst
  }

  get worstWhat(): string {
    return this.#worstWhat
  }

  /** Runs something that may take so much processor time. @throws {Finding} when it takes more */
  within<T>(limitMs: number, what: string, run: () => T): T {
    const before = process.cpuUsage()
    const began = performance.now()
    try {
      return run()
    } finally {
      const { user, system } = process.cpuUsage(before)
      // Other threads of this process count as well; the clock bounds what can be ours.
      const ms = Math.min((user + system) / 1_000, performance.now() - began)
      if (ms > this.#worst) [this.#worst, this.#worstWhat] = [ms, what]
      if (ms > limitMs) {
        // biome-ignore lint/correctness/noUnsafeFinally: taking too long is worse than throwing
        throw new Finding(`slow: ${what}`, `${what} took ${Math.round(ms)} ms of processor time`)
      }
    }
  }
}
