import { MovableTimer } from './movable-timer.ts'

/** Time that a test moves ahead. */
export interface FakeClock {
  /** Milliseconds since the epoch. */
  now(): number
  /**
   * Moves the time ahead by `ms` milliseconds, and runs the timers that become due, in their order; an interval runs
   * once, as after a machine has slept. Requests that they send are answered afterwards: wait for their result, for
   * example with `provider.whenSaved()`.
   * @throws {RangeError} if `ms` is negative
   */
  advance(ms: number): Promise<void>
  /** Gives the process its own time back. Timers that have not run yet run after their real duration. */
  restore(): void
}

type Run = (...args: unknown[]) => void

/**
 * Moves the time of this process: `Date`, `performance.now`, `setTimeout` and `setInterval`. It goes on like the real
 * time, since a server and a database work in between, and `advance` moves it ahead: for example over the wait before
 * the next attempt, or until the presence of a user who left expires. Start the clock before the providers, because
 * timers that already exist keep the real time.
 *
 * Each timer is a real one, which `advance` runs early, or brings closer if it is due later. The timers of sockets
 * and of `fetch`, which use the same globals, therefore end as they would without the clock. The fake timers of test
 * runners lose them.
 */
export function startFakeClock(): FakeClock {
  const real = {
    Date,
    setTimeout,
    setInterval,
    clearTimeout,
    clearInterval,
    performanceNow: performance.now,
  }
  const waiting = new Map<unknown, MovableTimer>()
  let ahead = 0
  const now = (): number => real.Date.now() + ahead

  const start = (isInterval: boolean, ms: number, run: () => void): NodeJS.Timeout =>
    new MovableTimer({ real, now, waiting, isInterval, ms, run }).handle
  const timeout = (run: Run, ms = 0, ...args: unknown[]): NodeJS.Timeout =>
    start(false, ms, () => run(...args))
  const interval = (run: Run, ms = 1, ...args: unknown[]): NodeJS.Timeout =>
    start(true, Math.max(1, ms), () => run(...args))
  const clear = (handle?: NodeJS.Timeout | string | number): void => {
    waiting.get(handle)?.clear()
    real.clearTimeout(handle)
  }

  replace({
    Date: movedDate(real.Date, now),
    setTimeout: withPropertiesOf(real.setTimeout, timeout),
    setInterval: withPropertiesOf(real.setInterval, interval),
    clearTimeout: clear,
    clearInterval: clear,
  })
  performance.now = () => real.performanceNow.call(performance) + ahead

  return {
    now,
    async advance(ms) {
      if (!(ms >= 0)) throw new RangeError(`advance: the time must be 0 ms or more, not ${ms}`)
      const target = now() + ms
      for (;;) {
        const next = earliest(waiting.values())
        if (next === undefined || next.dueAt > target) break
        ahead += Math.max(0, next.dueAt - now())
        next.runEarly(target)
        // The timer may have started another timer that is due as well.
        await new Promise((resolve) => setImmediate(resolve))
      }
      ahead += Math.max(0, target - now())
      for (const timer of waiting.values()) timer.bringCloser()
    },
    restore() {
      const { performanceNow, ...globals } = real
      replace(globals)
      performance.now = performanceNow
      for (const timer of waiting.values()) timer.forgetAlarm()
    },
  }
}

const earliest = (timers: Iterable<MovableTimer>): MovableTimer | undefined =>
  [...timers].reduce<MovableTimer | undefined>(
    (first, timer) => (first === undefined || timer.dueAt < first.dueAt ? timer : first),
    undefined,
  )

const replace = (globals: object): void => {
  Object.assign(globalThis, globals)
}

/** Copies the properties of the real function, because `util.promisify` needs them. */
function withPropertiesOf<T extends object>(real: T, moved: object): T {
  return Object.defineProperties(moved, {
    ...Object.getOwnPropertyDescriptors(real),
    name: { value: (real as { name?: unknown }).name },
  }) as T
}

/** Dates are still instances of the real class. */
const movedDate = (real: DateConstructor, now: () => number): DateConstructor =>
  new Proxy(real, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: (target) => new target(now()).toString(),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  })
