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

interface Timer {
  dueAt: number
  /** The time between two runs; null for a timeout. */
  readonly everyMs: number | null
  readonly run: () => void
}

type Run = (...args: unknown[]) => void

/**
 * Moves the time of this process: `Date`, `performance.now`, `setTimeout` and `setInterval`. It goes on like the real
 * time, since a server and a database work in between, and `advance` moves it ahead: for example over the wait before
 * the next attempt, or until the presence of a user who left expires. Start the clock before the providers, because
 * timers that already exist keep the real time.
 *
 * Each timer is a real one, which `advance` runs early. The timers of sockets and of `fetch`, which use the same
 * globals, therefore end as they would without the clock. The fake timers of test runners lose them.
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
  const timers = new Map<unknown, Timer>()
  let ahead = 0
  const now = (): number => real.Date.now() + ahead

  const timeout = (run: Run, ms = 0, ...args: unknown[]): NodeJS.Timeout => {
    const once = (): void => {
      timers.delete(timer)
      run(...args)
    }
    const timer = real.setTimeout(once, ms)
    timers.set(timer, { dueAt: now() + ms, everyMs: null, run: once })
    return timer
  }
  const interval = (run: Run, ms = 1, ...args: unknown[]): NodeJS.Timeout => {
    const everyMs = Math.max(1, ms)
    const timer = real.setInterval(() => {
      const entry = timers.get(timer)
      if (entry !== undefined) entry.dueAt = now() + everyMs
      run(...args)
    }, everyMs)
    timers.set(timer, { dueAt: now() + everyMs, everyMs, run: () => run(...args) })
    return timer
  }
  const clear = (timer?: NodeJS.Timeout | string | number): void => {
    timers.delete(timer)
    real.clearTimeout(timer)
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
        const next = earliest(timers)
        if (next === undefined || next[1].dueAt > target) break
        const [timer, { dueAt, everyMs, run }] = next
        ahead += Math.max(0, dueAt - now())
        if (everyMs === null) real.clearTimeout(timer)
        else next[1].dueAt = target + everyMs
        run()
        // The timer may have started another timer that is due as well.
        await new Promise((resolve) => setImmediate(resolve))
      }
      ahead += Math.max(0, target - now())
    },
    restore() {
      const { performanceNow, ...globals } = real
      replace(globals)
      performance.now = performanceNow
    },
  }
}

const earliest = (timers: ReadonlyMap<unknown, Timer>): [NodeJS.Timeout, Timer] | undefined =>
  ([...timers] as [NodeJS.Timeout, Timer][]).reduce<[NodeJS.Timeout, Timer] | undefined>(
    (first, timer) => (first === undefined || timer[1].dueAt < first[1].dueAt ? timer : first),
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
