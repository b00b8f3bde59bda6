import { hasten, type RetryPolicy, type Wait, waitAfter } from '../core/retry.ts'
import type { Clock } from './clock.ts'

export interface BackoffOptions {
  readonly clock: Clock
  readonly retry: RetryPolicy
}

/** Waits between tries of one operation. */
export class Backoff {
  readonly #options: BackoffOptions
  #wait: Wait | null = null
  #task: (() => void) | null = null
  #isHastened = false
  #cancelTimer: () => void = () => {}

  constructor(options: BackoffOptions) {
    this.#options = options
  }

  /**
   * Calls `task` when it is time to try again.
   * @param attempt consecutive failures so far, from 1
   * @param retryAfterMs the wait that the server asked for
   * @returns a function that cancels the call
   */
  wait(attempt: number, retryAfterMs: number | undefined, task: () => void): () => void {
    const { clock, retry } = this.#options
    const now = clock.now()
    const random = clock.random()
    this.#wait = waitAfter(retry, { attempt, now, random, retryAfterMs, previous: this.#wait })
    this.#isHastened = false
    this.#arm(this.#wait.dueAt - now, task)
    return () => {
      this.#cancelTimer()
      this.#task = null
    }
  }

  /** Handles a hint that the server is back: pending tries run earlier, if they are allowed to. */
  hasten(): void {
    if (this.#task === null || this.#wait === null || this.#isHastened) return
    this.#isHastened = true
    this.#arm(hasten(this.#wait, this.#options.clock.now()), this.#task)
  }

  #arm(ms: number, task: () => void): void {
    this.#cancelTimer()
    this.#task = task
    this.#cancelTimer = this.#options.clock.after(ms, () => {
      this.#task = null
      task()
    })
  }
}
