import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DEFAULT_RETRY, hasten, retryDelay, type Wait, waitAfter } from './retry.ts'

test('a delay is between 0 and a cap that doubles, and never more than the longest wait', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, random) => {
        const delay = retryDelay(DEFAULT_RETRY, attempt, random)
        expect(delay).toBeGreaterThanOrEqual(0)
        expect(delay).toBeLessThanOrEqual(
          Math.min(DEFAULT_RETRY.maxMs, DEFAULT_RETRY.baseMs * 2 ** (attempt - 1)),
        )
      },
    ),
  )
})

test('a delay is never less than the server asked for', () => {
  expect(retryDelay(DEFAULT_RETRY, 1, 0, 5_000)).toBe(5_000)
  expect(retryDelay({ baseMs: 100, maxMs: 100 }, 1, 0.5, 10)).toBe(50)
})

/**
 * Tries to reach a server that is down from 0 to `end`; each try fails at once.
 * @param delays the random numbers, one for each wait
 * @param hints the times at which something suggests that the server is back
 * @returns the times of the tries
 */
function outage(
  end: number,
  delays: readonly number[],
  hints: readonly number[],
  { policy = DEFAULT_RETRY, retryAfterMs = 0 } = {},
): number[] {
  const tries: number[] = []
  let now = 0
  let previous: Wait | null = null
  while (now < end) {
    tries.push(now)
    const random = delays[tries.length % delays.length] ?? 0
    const wait = waitAfter(policy, { attempt: tries.length, now, random, retryAfterMs, previous })
    const hint = hints.find((at) => at > now && at < wait.dueAt)
    const next: number = hint === undefined ? wait.dueAt : hint + hasten(wait, hint)
    expect(next - now).toBeGreaterThanOrEqual(retryAfterMs)
    expect(next).toBeLessThanOrEqual(wait.dueAt)
    // A wait of zero is allowed, but time must advance.
    now = Math.max(next, now + 1)
    previous = wait
  }
  return tries
}

const chance = fc.double({ min: 0.05, max: 1, maxExcluded: true, noNaN: true })

test('any number of hints during an outage add at most one try to the schedule', () => {
  fc.assert(
    fc.property(
      fc.array(chance, { minLength: 1, maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 120_000 }), { maxLength: 300, size: 'max' }),
      fc.integer({ min: 1, max: 120_000 }),
      fc.constantFrom(0, 50, 2_000, 20_000),
      (delays, unsorted, end, retryAfterMs) => {
        const hints = [...unsorted].sort((a, b) => a - b)
        const scheduled = outage(end, delays, [], { retryAfterMs })
        const hinted = outage(end, delays, hints, { retryAfterMs })
        expect(hinted.length).toBeLessThanOrEqual(scheduled.length + 1)
      },
    ),
  )
})

test('a hint every 100 ms for a minute causes no storm, and the first one takes effect at once', () => {
  const hints = Array.from({ length: 600 }, (_, i) => (i + 1) * 100)
  const delays = [0.9]
  expect(outage(60_000, delays, hints).length).toBeLessThanOrEqual(
    outage(60_000, delays, []).length + 1,
  )
  const wait = waitAfter(DEFAULT_RETRY, { attempt: 9, now: 0, random: 0.9, previous: null })
  expect([wait.dueAt, hasten(wait, 10)]).toEqual([4_500, 0])
})

test('after an early try, the rest of its wait is added to the next wait', () => {
  const first = waitAfter(DEFAULT_RETRY, { attempt: 9, now: 0, random: 0.9, previous: null })
  const next = waitAfter(DEFAULT_RETRY, { attempt: 10, now: 10, random: 0.5, previous: first })
  expect(next).toEqual({ since: 10, earliestAt: 4_500, dueAt: 7_000 })
  expect(hasten(next, 20)).toBe(4_480)
})

test('a clock that is set back makes no wait longer than planned', () => {
  const first = waitAfter(DEFAULT_RETRY, { attempt: 9, now: 1e6, random: 0.9, previous: null })
  const back = waitAfter(DEFAULT_RETRY, { attempt: 1, now: 0, random: 0, previous: first })
  expect(back.dueAt).toBe(4_500)
  expect(hasten({ since: 1e6, earliestAt: 1e6 + 20, dueAt: 1e6 + 50 }, 0)).toBe(20)
})
