import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Failure, LogLimiter, type Subject } from './limiter.ts'

const INTERVAL = 30_000
const DOWN: Failure = { kind: 'db', subject: 'database', text: 'the database cannot be reached' }
const SHAPES: Failure = { kind: 'shapes 503', subject: 'shapes', text: 'shapes answered 503' }
const BUG: Failure = { kind: 'bug', subject: null, text: 'TypeError at x.ts:3' }

test('the first of a thousand failures has a line, and each interval has one line that counts the others', () => {
  const limiter = new LogLimiter(INTERVAL)
  const lines: [number, string, boolean][] = []
  for (let second = 0; second <= 90; second++) {
    for (let i = 0; i < 10; i++) {
      const line = limiter.failed(DOWN, second * 1_000)
      if (line !== null) lines.push([second, line.text, line.isFirst])
    }
  }
  const counted = 'the database cannot be reached: 300 more requests in the last 30 s'
  expect(lines).toEqual([
    [0, 'the database cannot be reached', true],
    [30, counted, false],
    [60, counted, false],
    [90, counted, false],
  ])
})

test('one line says that a part works again, after how long, and how many failures had no line', () => {
  const limiter = new LogLimiter(INTERVAL)
  for (let i = 0; i < 5; i++) limiter.failed(DOWN, i * 1_000)
  expect(limiter.worked('shapes', 6_000)).toBeNull()
  expect(limiter.worked('database', 7_000)).toEqual({
    text: 'the database works again, 7 s after the first failure; 4 more requests failed',
    isFirst: false,
  })
  expect(limiter.worked('database', 8_000)).toBeNull()
  expect(limiter.flush(100_000)).toEqual([])
})

test('one line ends several kinds of failure of one part', () => {
  const limiter = new LogLimiter(INTERVAL)
  limiter.failed(SHAPES, 0)
  limiter.failed({ ...SHAPES, kind: 'unreachable', text: 'shapes cannot be reached' }, 100)
  limiter.failed(SHAPES, 200)
  expect(limiter.worked('shapes', 500)?.text).toBe(
    'the shape service works again, 500 ms after the first failure; 1 more request failed',
  )
  expect(limiter.worked('shapes', 600)).toBeNull()
})

test('a part that keeps failing and recovering has two lines per interval, and every failure is counted', () => {
  const limiter = new LogLimiter(INTERVAL)
  const lines: string[] = []
  for (let at = 0; at < 60_000; at += 100) {
    const line = at % 200 === 0 ? limiter.failed(DOWN, at) : limiter.worked('database', at)
    if (line !== null) lines.push(line.text)
  }
  expect(lines).toEqual([
    'the database cannot be reached',
    'the database works again, 100 ms after the first failure',
    'the database cannot be reached: 150 more requests in the last 30 s',
    'the database works again, 100 ms after the first failure',
  ])
  expect(limiter.nextFlushAt()).toBe(60_000)
  expect(limiter.flush(60_000).map(({ text }) => text)).toEqual([
    'the database cannot be reached: 149 more requests in the last 30 s',
  ])
})

test('failures without a later request are counted at the end of their interval', () => {
  const limiter = new LogLimiter(INTERVAL)
  expect(limiter.nextFlushAt()).toBeNull()
  for (const at of [0, 10, 20]) limiter.failed(BUG, at)
  expect(limiter.nextFlushAt()).toBe(INTERVAL)
  expect(limiter.flush(INTERVAL - 1)).toEqual([])
  expect(limiter.flush(INTERVAL)).toEqual([
    { text: 'TypeError at x.ts:3: 2 more requests in the last 30 s', isFirst: false },
  ])
  expect(limiter.nextFlushAt()).toBeNull()
})

test('a failure right after the line that counted the ones before has no line of its own', () => {
  const limiter = new LogLimiter(INTERVAL)
  for (const at of [0, 1]) limiter.failed(BUG, at)
  expect(limiter.flush(INTERVAL)).toHaveLength(1)
  expect(limiter.failed(BUG, INTERVAL)).toBeNull()
  expect(limiter.nextFlushAt()).toBe(2 * INTERVAL)
})

describe('the stack is shown', () => {
  test('once for a part that stays unavailable, however rarely a request needs it', () => {
    const limiter = new LogLimiter(INTERVAL)
    const lines = [0, 60_000, 120_000].map((at) => limiter.failed(DOWN, at))
    expect(lines.map((line) => line?.isFirst)).toEqual([true, false, false])
  })

  test('again for a later outage, and for a bug that did not occur for an interval', () => {
    const limiter = new LogLimiter(INTERVAL)
    limiter.failed(DOWN, 0)
    limiter.worked('database', 1_000)
    expect(limiter.failed(DOWN, 40_000)).toEqual({ text: DOWN.text, isFirst: true })
    expect(limiter.failed(BUG, 0)?.isFirst).toBe(true)
    expect(limiter.failed(BUG, 1_000)).toBeNull()
    limiter.flush(INTERVAL)
    expect(limiter.failed(BUG, 90_000)?.isFirst).toBe(true)
  })
})

test('the number of kinds is bounded, and the newest are kept', () => {
  const limiter = new LogLimiter(INTERVAL)
  for (let i = 0; i < 10_000; i++) limiter.failed({ ...BUG, kind: String(i) }, i)
  expect(limiter.failed({ ...BUG, kind: '9999' }, 10_000)).toBeNull()
  expect(limiter.failed({ ...BUG, kind: '0' }, 10_000)?.isFirst).toBe(true)
})

test('in every sequence of events, no kind has two lines in an interval and all failures are counted', () => {
  const events = fc.array(
    fc.record({
      after: fc.integer({ min: 0, max: 20_000 }),
      what: fc.constantFrom<Failure | Subject | 'flush'>(
        DOWN,
        SHAPES,
        BUG,
        'database',
        'shapes',
        'flush',
      ),
    }),
    { maxLength: 100 },
  )
  fc.assert(
    fc.property(events, (steps) => {
      const limiter = new LogLimiter(INTERVAL)
      const failureLines: { text: string; at: number }[] = []
      const recoveries: number[] = []
      let [now, failed, counted] = [0, 0, 0]
      const note = (text: string): void => {
        counted += Number(/(\d+) more request/.exec(text)?.[1] ?? 0)
      }
      for (const { after, what } of steps) {
        now += after
        if (what === 'flush') {
          for (const { text } of limiter.flush(now)) {
            note(text)
            failureLines.push({ text: text.replace(/: \d+ more.*/, ''), at: now })
          }
        } else if (typeof what === 'string') {
          const line = limiter.worked(what, now)
          if (line === null) continue
          note(line.text)
          recoveries.push(now)
        } else {
          failed++
          const line = limiter.failed(what, now)
          if (line === null) continue
          if (line.isFirst) counted++
          note(line.text)
          failureLines.push({ text: what.text, at: now })
        }
      }
      for (const { text } of limiter.flush(now + INTERVAL)) note(text)
      expect(counted).toBe(failed)
      for (const { text } of [DOWN, SHAPES, BUG]) {
        const times = failureLines.filter((line) => line.text === text).map(({ at }) => at)
        for (let i = 1; i < times.length; i++) {
          expect((times[i] ?? 0) - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(INTERVAL)
        }
      }
      expect(recoveries.length).toBeLessThanOrEqual(failureLines.length)
    }),
  )
})
