/** The module that is the direct caller of a function, as a stack names it. */
const callerOf = (stack: string | undefined): string => stack?.split('\n')[2] ?? ''

/** Where the provider is loaded from, as a stack names it. */
const PROVIDER = /\/y-electric\/(dist|src)\//

/** Counts the timers that the provider set and that neither fired nor were cleared. It leaves out those of
 * Electric's client, which ends its own waits late, and those of a server that another file of this process
 * has not stopped yet. Replaces the `setTimeout` and `clearTimeout` of `globals`, real or virtual. */
export function ownTimers(globals: Pick<typeof globalThis, 'setTimeout' | 'clearTimeout'>) {
  const { setTimeout: set, clearTimeout: clear } = globals
  const pending = new Map<unknown, string>()
  const counted = {
    setTimeout(run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) {
      const caller = callerOf(new Error().stack)
      const timer = set(() => {
        pending.delete(timer)
        run(...args)
      }, ms)
      if (PROVIDER.test(caller)) pending.set(timer, caller.trim())
      return timer
    },
    clearTimeout(timer: Parameters<typeof clear>[0]) {
      pending.delete(timer)
      clear(timer)
    },
  }
  Object.assign(globals, counted)
  return {
    pending: (): string[] => [...pending.values()],
    restore: () => void Object.assign(globals, { setTimeout: set, clearTimeout: clear }),
  }
}
