import type { HttpLimits } from './http-limits.ts'

/** A sample of a connection at one moment. */
export interface ReadSample {
  /** Bytes of answers that the system has taken for the reader so far. */
  readonly taken: number
  /** True while written bytes wait for the reader. */
  readonly isWaiting: boolean
}

type ReadLimits = Pick<HttpLimits, 'readStallMs' | 'minReadBytesPerSecond'>

/**
 * Judges whether a reader takes its answers. Bytes that wait for a slow reader are held in memory, so a
 * reader that takes too little for `readStallMs` is disconnected. A live stream without news is no
 * stall, because no bytes wait. Pure: times are arguments, in milliseconds.
 */
export class ReadProgress {
  readonly #limits: ReadLimits
  #since: number
  #takenBefore: number

  constructor(limits: ReadLimits, now: number, taken: number) {
    this.#limits = limits
    this.#since = now
    this.#takenBefore = taken
  }

  /** @returns true if the reader must be disconnected */
  isStalled({ taken, isWaiting }: ReadSample, now: number): boolean {
    const { readStallMs, minReadBytesPerSecond } = this.#limits
    const elapsed = now - this.#since
    if (isWaiting && elapsed < readStallMs) return false
    const required = (minReadBytesPerSecond * elapsed) / 1_000
    if (isWaiting && taken - this.#takenBefore < required) return true
    this.#since = now
    this.#takenBefore = taken
    return false
  }
}
