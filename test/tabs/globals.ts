// The globals of whichever simulated page runs, in place of Node's.
import { current, SimulatedChannel, type SimulatedPage, SimulatedWorker } from './browser.ts'

type Listening = [name: string, listener: EventListener]

/** Lets code that runs in a page find that page's globals, from now on in this process. */
export function installGlobals(): void {
  const real = { setTimeout, clearTimeout, setInterval, clearInterval, now: Date.now }
  const define = (name: string, get: () => unknown) =>
    Object.defineProperty(globalThis, name, { configurable: true, get })
  const inPage =
    <In extends unknown[], Out>(
      simulated: (page: SimulatedPage, ...args: In) => Out,
      otherwise: (...args: In) => Out,
    ) =>
    (...args: In): Out => {
      const page = current.getStore()
      return page === undefined ? otherwise(...args) : simulated(page, ...args)
    }
  type Task = (...args: unknown[]) => void
  const setTimer = (page: SimulatedPage, task: Task, ms = 0, ...args: unknown[]): unknown =>
    page.setTimer(() => task(...args), ms)
  const repeat = (page: SimulatedPage, task: Task, ms = 0): unknown => {
    const clock = { id: 0, [Symbol.toPrimitive]: () => clock.id }
    const again = () => {
      clock.id = page.setTimer(() => {
        again()
        task()
      }, ms)
    }
    again()
    return clock
  }
  const clear = (page: SimulatedPage, id: unknown): void => page.clearTimer(Number(id))
  Object.assign(globalThis, {
    setTimeout: inPage(setTimer, real.setTimeout),
    setInterval: inPage(repeat, real.setInterval),
    clearTimeout: inPage(clear, (id: unknown) => real.clearTimeout(id as never)),
    clearInterval: inPage(clear, (id: unknown) => real.clearInterval(id as never)),
    addEventListener: inPage(
      (page, ...[name, listener]: Listening) => page.events.addEventListener(name, listener),
      (..._: Listening) => {},
    ),
    removeEventListener: inPage(
      (page, ...[name, listener]: Listening) => page.events.removeEventListener(name, listener),
      (..._: Listening) => {},
    ),
  })
  Math.random = inPage((page) => page.browser.options.random(), Math.random)
  Date.now = inPage((page) => page.browser.options.timeline.now(), real.now)
  const { BroadcastChannel: RealChannel, navigator: realNavigator } = globalThis
  define('navigator', () => current.getStore()?.navigator ?? realNavigator)
  define('BroadcastChannel', () => (current.getStore() ? SimulatedChannel : RealChannel))
  define('Worker', () =>
    current.getStore()?.browser.options.hasWorkers === false || !current.getStore()
      ? undefined
      : SimulatedWorker,
  )
  define('document', () => {
    const page = current.getStore()
    return page === undefined
      ? undefined
      : Object.assign(page.events, { visibilityState: page.visibilityState })
  })
}
