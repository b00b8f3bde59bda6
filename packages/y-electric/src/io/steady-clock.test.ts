import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Clock } from './clock.ts'
import { systemPlatform } from './platform.ts'
import { SteadyClock } from './steady-clock.ts'

/** Timers of a hidden page wait until the next full minute; those of a worker do not. */
const CLAMP_MS = 60_000

let page: EventTarget & { visibilityState: 'visible' | 'hidden' }
let workers: Set<FakeWorker>
let canHaveWorkers: boolean

class FakeWorker {
  onmessage: (() => void) | null = null
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    if (!canHaveWorkers) throw new DOMException('refused', 'SecurityError')
    workers.add(this)
  }

  postMessage(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.onmessage?.(), ms)
  }

  terminate(): void {
    clearTimeout(this.#timer)
    workers.delete(this)
  }
}

const clamped: Clock = {
  now: () => Date.now(),
  random: () => 0,
  uuid: () => 'id',
  after(ms, task) {
    const due = Date.now() + ms
    const at = page.visibilityState === 'hidden' ? Math.ceil(due / CLAMP_MS) * CLAMP_MS : due
    const timer = setTimeout(task, at - Date.now())
    return () => clearTimeout(timer)
  },
}

let clock: SteadyClock
beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  workers = new Set()
  canHaveWorkers = true
  page = Object.assign(new EventTarget(), { visibilityState: 'visible' as const })
  vi.stubGlobal('document', page)
  vi.stubGlobal('Worker', FakeWorker)
  clock = new SteadyClock(clamped, systemPlatform)
})
afterEach(() => {
  clock.close()
  expect(workers.size).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

function set(visibilityState: 'visible' | 'hidden') {
  page.visibilityState = visibilityState
  page.dispatchEvent(new Event('visibilitychange'))
}
const rings: number[] = []
beforeEach(() => void rings.splice(0))
const ring = () => void rings.push(Date.now())

test('a visible page has no worker', () => {
  clock.after(1_000, ring)
  vi.advanceTimersByTime(500)
  expect(workers.size).toBe(0)
  vi.advanceTimersByTime(500)
  expect(rings).toEqual([1_000])
})

test('in a hidden page, timers run on time, in the right order and once', () => {
  set('hidden')
  clock.after(30_000, () => {
    ring()
    clock.after(30_000, ring)
  })
  clock.after(10_000, ring)
  const forget = clock.after(20_000, ring)
  forget()
  vi.advanceTimersByTime(200_000)
  expect(rings).toEqual([10_000, 30_000, 60_000])
})

test('timers that were set before the page was hidden also run on time', () => {
  set('hidden')
  clock.after(90_000, ring)
  set('visible')
  set('hidden')
  vi.advanceTimersByTime(90_000)
  expect(rings).toEqual([90_000])
})

test('a task can cancel another one that is due', () => {
  set('hidden')
  let forget = () => {}
  clock.after(5_000, () => {
    ring()
    forget()
  })
  forget = clock.after(5_000, ring)
  vi.advanceTimersByTime(120_000)
  expect(rings).toEqual([5_000])
})

test('the worker is stopped when the page is shown again', () => {
  set('hidden')
  clock.after(1_000, ring)
  expect(workers.size).toBe(1)
  set('visible')
  expect(workers.size).toBe(0)
  vi.advanceTimersByTime(CLAMP_MS)
  expect(rings).toHaveLength(1)
})

test('without workers it behaves like the clock that it was given', () => {
  canHaveWorkers = false
  set('hidden')
  clock.after(10_000, ring)
  vi.advanceTimersByTime(CLAMP_MS)
  expect(rings).toEqual([CLAMP_MS])
})
