import type { Clock } from './clock.ts'
import type { Platform, PlatformWorker } from './platform.ts'

interface Timer {
  readonly at: number
  readonly run: () => void
}

/** The parts of the platform that the clock needs. */
type SteadyPlatform = Pick<Platform, 'page' | 'startWorker'>

/** The message to the worker: how long to wait, in milliseconds. It replaces the previous wait. */
export type AlarmRequest = number

/**
 * A clock whose timers also run on time in hidden pages, where browsers delay the page's timers by
 * up to a minute: while the page is hidden, a worker wakes it for the next timer. Where a page
 * cannot start a worker (a content security policy, an unbundled worker file) it behaves like the
 * given clock. Close it when it is no longer needed.
 */
export class SteadyClock implements Clock {
  readonly #clock: Clock
  readonly #platform: SteadyPlatform
  readonly #due = new Set<Timer>()
  readonly #forgetPage: () => void
  #worker: PlatformWorker | null = null
  #alarmAt = Number.POSITIVE_INFINITY

  constructor(clock: Clock, platform: SteadyPlatform) {
    this.#clock = clock
    this.#platform = platform
    const { document } = platform.page
    const listener = () => this.#setAlarm()
    document?.addEventListener('visibilitychange', listener)
    this.#forgetPage = () => document?.removeEventListener('visibilitychange', listener)
  }

  readonly now = (): number => this.#clock.now()
  readonly random = (): number => this.#clock.random()
  readonly uuid = (): string => this.#clock.uuid()

  readonly after = (ms: number, task: () => void): (() => void) => {
    const run = () => {
      forget()
      task()
    }
    const timer = { at: this.now() + ms, run }
    const cancel = this.#clock.after(ms, run)
    const forget = () => {
      cancel()
      this.#due.delete(timer)
    }
    this.#due.add(timer)
    this.#setAlarm()
    return forget
  }

  close(): void {
    this.#forgetPage()
    this.#stopWorker()
  }

  /** One alarm at a time, for the timer that is due next. */
  #setAlarm(): void {
    if (this.#platform.page.isVisible()) {
      this.#stopWorker()
      return
    }
    let next = Number.POSITIVE_INFINITY
    for (const { at } of this.#due) next = Math.min(next, at)
    if (next >= this.#alarmAt) return
    this.#worker ??= this.#platform.startWorker('alarm')
    if (this.#worker === null) return
    this.#worker.onmessage = () => this.#ring()
    this.#alarmAt = next
    this.#worker.postMessage(Math.max(0, next - this.now()) satisfies AlarmRequest)
  }

  #ring(): void {
    this.#alarmAt = Number.POSITIVE_INFINITY
    const now = this.now()
    // One of them may cancel another.
    for (const timer of [...this.#due]) if (timer.at <= now && this.#due.has(timer)) timer.run()
    this.#setAlarm()
  }

  #stopWorker(): void {
    this.#worker?.terminate()
    this.#worker = null
    this.#alarmAt = Number.POSITIVE_INFINITY
  }
}
