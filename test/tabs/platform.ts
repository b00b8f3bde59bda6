// The platform of a provider in a simulated page.
import { loadElectricClient, type Platform } from '../simulation/browsers/electric.ts'
import { Chance } from '../simulation/kernel/chance.ts'
import { type VirtualGlobals, virtualGlobals } from '../simulation/kernel/globals.ts'
import { SimulatedChannel, type SimulatedPage, SimulatedWorker } from './browser.ts'

/** The timers and the clock of a page, for code that takes them from the global scope. */
export function globalsOf(page: SimulatedPage): VirtualGlobals {
  const { timeline, random } = page.browser.options
  const after = (ms: number, _owner: unknown, task: () => void) => {
    const id = page.setTimer(task, ms)
    return () => page.clearTimer(id)
  }
  return virtualGlobals({ timeline: { after }, owner: page, now: () => timeline.now(), random })
}

/** Counts pages, so that the ids of all pages differ whatever `random` returns. */
let opened = 0

export function platformOf(page: SimulatedPage): Platform {
  const { timeline, random, hasWorkers = true } = page.browser.options
  opened += 1
  const ids = Chance.of(opened, 'ids')
  return {
    clock: {
      now: () => timeline.now(),
      random,
      uuid: ids.uuid,
      after(ms, task) {
        const id = page.setTimer(task, ms)
        return () => page.clearTimer(id)
      },
    },
    fetch: page.fetch,
    locks: () => page.locks as LockManager | null,
    openChannel: (name) => new SimulatedChannel(name, page),
    hasWorkers: () => false,
    startWorker: (kind) => (kind === 'alarm' && hasWorkers ? new SimulatedWorker(page) : null),
    page: {
      window: page.events,
      document: page.events,
      isVisible: () => page.visibilityState === 'visible',
      isOnline: () => page.browser.isOnline,
      location: () => null,
    },
    ShapeStream: loadElectricClient(globalsOf(page)),
  }
}
