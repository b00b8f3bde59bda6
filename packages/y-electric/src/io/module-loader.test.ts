import { beforeEach, expect, test } from 'vitest'
import type { ElectricProviderError } from '../errors.ts'
import type { Clock } from './clock.ts'
import { LazyModule } from './lazy-module.ts'
import { ModuleLoader } from './module-loader.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
const lost = () => Promise.reject(new TypeError('Failed to fetch dynamically imported module'))

let timers: (() => void)[] = []
const clock: Clock = {
  now: () => 0,
  random: () => 0.5,
  uuid: () => 'id',
  after(_ms, task) {
    timers.push(task)
    return () => {
      timers = timers.filter((other) => other !== task)
    }
  },
}
/** The next wait is over. */
async function wait(): Promise<void> {
  timers.shift()?.()
  await turn()
}

let errors: ElectricProviderError[] = []
let loader: ModuleLoader
beforeEach(() => {
  timers = []
  errors = []
  const onError = (error: ElectricProviderError) => errors.push(error)
  loader = new ModuleLoader({ clock, retry: { baseMs: 1, maxMs: 1 }, onError })
})

/** A module that fails so many times, and how often it was requested. */
function failing(times: number) {
  let requests = 0
  const module = new LazyModule('parts', () =>
    ++requests <= times ? lost() : Promise.resolve('the parts'),
  )
  return { module, requests: () => requests }
}

test('a module is requested once, however many wait for it', async () => {
  const { module, requests } = failing(0)
  const used: string[] = []
  loader.whenLoaded(module, (parts) => used.push(parts))
  loader.whenLoaded(module, (parts) => used.push(parts))
  expect(used).toEqual([])
  await turn()
  expect(used).toEqual(['the parts', 'the parts'])
  expect(requests()).toBe(1)
})

test('a module that is loaded is used at once', async () => {
  const { module } = failing(0)
  await module.load()
  const used: string[] = []
  loader.whenLoaded(module, (parts) => used.push(parts))
  expect(used).toEqual(['the parts'])
})

test('a module that cannot be loaded is requested again until it is there, and reported once', async () => {
  const { module, requests } = failing(3)
  const used: string[] = []
  loader.whenLoaded(module, (parts) => used.push(parts))
  await turn()
  for (let i = 0; i < 3; i++) await wait()
  expect(used).toEqual(['the parts'])
  expect(requests()).toBe(4)
  expect(errors.map(({ code }) => code)).toEqual(['module_failed'])
  expect(errors[0]?.message).toContain('reload the page')
  expect(timers).toEqual([])
})

test('a cancelled wait makes no further request and uses nothing', async () => {
  const { module, requests } = failing(1)
  const used: string[] = []
  const cancel = loader.whenLoaded(module, (parts) => used.push(parts))
  await turn()
  cancel()
  expect(timers).toEqual([])
  await module.load()
  await turn()
  expect([used, requests()]).toEqual([[], 2])
})

test('a wait that is cancelled while the module is on its way uses nothing', async () => {
  const { module } = failing(0)
  const used: string[] = []
  loader.whenLoaded(module, (parts) => used.push(parts))()
  await turn()
  expect(used).toEqual([])
})

test('the next try is made earlier when the network is back', async () => {
  const { module, requests } = failing(1)
  loader.whenLoaded(module, () => {})
  await turn()
  const [first] = timers
  loader.hasten()
  expect(timers).toHaveLength(1)
  expect(timers[0]).not.toBe(first)
  await wait()
  expect(requests()).toBe(2)
})
