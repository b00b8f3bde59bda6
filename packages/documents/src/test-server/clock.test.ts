import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FakeClock, startFakeClock } from './clock.ts'

const real = { Date, setTimeout, setInterval, clearTimeout, clearInterval, now: performance.now }
const hour = 3_600_000

let clock: FakeClock
beforeEach(() => {
  clock = startFakeClock()
})
afterEach(() => clock.restore())

test('timers that become due run in their order, also those that another timer starts', async () => {
  const ran: string[] = []
  setTimeout(() => ran.push('last'), 2 * hour)
  setTimeout(() => {
    ran.push('first')
    setTimeout(() => ran.push('second'), hour / 2)
  }, hour)
  const later = setTimeout(() => ran.push('later'), 3 * hour)
  await clock.advance(2 * hour)
  expect(ran).toEqual(['first', 'second', 'last'])
  clearTimeout(later)
})

test('a timer that is cleared does not run, and an interval runs once until it is cleared', async () => {
  const ran: string[] = []
  clearTimeout(setTimeout(() => ran.push('cleared'), hour))
  const interval = setInterval((text: string) => ran.push(text), hour, 'interval')
  await clock.advance(10 * hour)
  await clock.advance(hour)
  clearInterval(interval)
  await clock.advance(10 * hour)
  expect(ran).toEqual(['interval', 'interval'])
})

test('dates and the time of the page move ahead together', async () => {
  const [date, page] = [Date.now(), performance.now()]
  await clock.advance(hour)
  expect(Date.now() - date).toBeGreaterThanOrEqual(hour)
  expect(new Date() > new Date(date + hour - 1)).toBe(true)
  expect(performance.now() - page).toBeGreaterThanOrEqual(hour)
  expect(clock.now() - date).toBeGreaterThanOrEqual(hour)
  expect(new Date(0)).toBeInstanceOf(real.Date)
  expect([new Date(0).getTime(), Date.UTC(1970, 0, 1)]).toEqual([0, 0])
  expect(Date()).toMatch(/GMT/)
})

test('time goes on, and a timer that was not moved runs after its real duration', async () => {
  await new Promise((resolve) => setTimeout(resolve, 1))
  await promisify(setTimeout)(1)
})

test('a timer that is due just after the time that the clock moves to still runs at its own time', async () => {
  const ran: string[] = []
  const [timeout, interval] = await Promise.all([
    new Promise<number>((resolve) => setTimeout(() => resolve(clock.now()), hour + 50)),
    new Promise<number>((resolve) => {
      const repeated = setInterval(() => {
        ran.push('interval')
        clearInterval(repeated)
        resolve(clock.now())
      }, hour + 60)
    }),
    clock.advance(hour),
  ])
  expect(interval).toBeGreaterThanOrEqual(timeout)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(ran).toEqual(['interval'])
})

test('an interval that the clock ran early runs again after its own time, and once', async () => {
  const ran: number[] = []
  const interval = setInterval(() => ran.push(clock.now()), hour)
  await clock.advance(hour)
  await clock.advance(hour - 20)
  expect(ran).toHaveLength(1)
  await new Promise((resolve) => setTimeout(resolve, 100))
  clearInterval(interval)
  expect(ran).toHaveLength(2)
})

test('a timer that is refreshed waits anew, also after it has run, unless it was cleared', async () => {
  const ran: string[] = []
  const idle = setTimeout(() => ran.push('idle'), hour)
  const tick = setTimeout(() => ran.push('tick') < 3 && tick.refresh(), hour / 4)
  const cleared = setTimeout(() => ran.push('cleared'), hour)
  clearTimeout(cleared)
  cleared.refresh()
  await clock.advance(hour / 2 + hour / 8)
  expect(ran).toEqual(['tick', 'tick'])
  idle.refresh()
  await clock.advance(hour / 2)
  expect(ran).toEqual(['tick', 'tick', 'tick'])
  await clock.advance(hour / 2)
  expect(ran).toEqual(['tick', 'tick', 'tick', 'idle'])
})

test('a negative time is refused', async () => {
  await expect(clock.advance(-1)).rejects.toThrow(RangeError)
})

test('after restore, the process has its own time, and its timers can still be cleared', () => {
  const timer = setTimeout(() => {}, hour)
  clock.restore()
  clearTimeout(timer)
  expect(timer.hasRef()).toBe(true)
  const { now } = performance
  expect({ Date, setTimeout, setInterval, clearTimeout, clearInterval, now }).toEqual(real)
})
