import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DEFAULT_RETRY, retryDelay } from './retry.ts'

test('between 0 and a cap that doubles, never beyond the longest wait', () => {
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

test('what the server asked for is the floor', () => {
  expect(retryDelay(DEFAULT_RETRY, 1, 0, 5_000)).toBe(5_000)
  expect(retryDelay({ baseMs: 100, maxMs: 100 }, 1, 0.5, 10)).toBe(50)
})
