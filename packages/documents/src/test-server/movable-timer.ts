/** The functions that the fake clock replaces. */
export interface RealTimers {
  readonly setTimeout: typeof setTimeout
  readonly setInterval: typeof setInterval
  readonly clearTimeout: typeof clearTimeout
}

interface MovableTimerOptions {
  readonly real: RealTimers
  /** The time of the fake clock. */
  readonly now: () => number
  /** The timer is in this map, under its handle, while it waits. */
  readonly waiting: Map<unknown, MovableTimer>
  readonly isInterval: boolean
  readonly ms: number
  readonly run: () => void
}

/** A real timer, which also runs before its real duration has passed, when a fake clock reaches its time. */
export class MovableTimer {
  /** Returned to the caller of `setTimeout`. */
  readonly handle: NodeJS.Timeout
  /** The time of the fake clock at which the timer runs. */
  dueAt = 0
  readonly #options: MovableTimerOptions
  /** Runs the timer before its handle would. */
  #alarm: NodeJS.Timeout | undefined
  /** The timer ran early, and its handle was cleared: `refresh` of Node does not start that again. */
  #isHandleSpent = false
  #isCleared = false

  constructor(options: MovableTimerOptions) {
    const { real, now, isInterval, ms } = options
    this.#options = options
    const start = isInterval ? real.setInterval : real.setTimeout
    this.handle = start(() => this.#ring(now()), ms)
    const { refresh } = this.handle
    this.handle.refresh = () => {
      refresh.call(this.handle)
      this.#wait(now())
      return this.handle
    }
    this.#wait(now())
  }

  /** Handles `clearTimeout`; the caller clears the handle. */
  clear(): void {
    this.#isCleared = true
    this.#end()
  }

  /**
   * Runs the timer before its real duration has passed.
   * @param from an interval waits again, from this time of the fake clock on
   */
  runEarly(from: number): void {
    if (this.#options.isInterval) this.handle.refresh()
    else {
      this.#isHandleSpent = true
      this.#options.real.clearTimeout(this.handle)
    }
    this.#ring(from)
  }

  /** The fake clock has moved, so less is left than the real duration. */
  bringCloser(): void {
    const { real, now } = this.#options
    this.forgetAlarm()
    this.#alarm = real.setTimeout(() => this.runEarly(now()), Math.max(0, this.dueAt - now()))
    // The handle decides whether the process stays alive.
    if (!this.#isHandleSpent) this.#alarm.unref()
  }

  /** The timer runs after its real duration again. */
  forgetAlarm(): void {
    this.#options.real.clearTimeout(this.#alarm)
  }

  #wait(from: number): void {
    if (this.#isCleared) return
    this.forgetAlarm()
    this.dueAt = from + this.#options.ms
    this.#options.waiting.set(this.handle, this)
    if (this.#isHandleSpent) this.bringCloser()
  }

  #ring(from: number): void {
    if (this.#options.isInterval) this.#wait(from)
    else this.#end()
    this.#options.run()
  }

  #end(): void {
    this.forgetAlarm()
    this.#options.waiting.delete(this.handle)
  }
}
