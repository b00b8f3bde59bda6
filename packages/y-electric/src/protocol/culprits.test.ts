import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findCulprits } from './culprits.ts'

test('exactly the rows that fail by themselves are found', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(200)), fc.func(fc.boolean()), (rows, isBad) => {
      const culprits = findCulprits(rows, (some) => !some.some((row) => isBad(row)))
      expect([...(culprits ?? [])].sort()).toEqual(rows.filter((row) => isBad(row)).sort())
    }),
  )
})

test('each row is found that does not work together with the good rows before it', () => {
  const pair = fc.tuple(fc.nat(60), fc.nat(60))
  fc.assert(
    fc.property(fc.nat(60), fc.array(pair, { maxLength: 20 }), (count, conflicts) => {
      const rows = Array.from({ length: count }, (_, i) => i)
      const works = (some: readonly number[]) =>
        !conflicts.some(([one, other]) => some.includes(one) && some.includes(other))
      const kept: number[] = []
      for (const row of rows) if (works([...kept, row])) kept.push(row)
      const culprits = findCulprits(rows, works)
      expect(rows.filter((row) => !culprits?.has(row))).toEqual(kept)
    }),
  )
})

test.each([
  [1, 30, 12],
  [10, 200, 100],
  [100, 1_100, 600],
])(
  '%i bad rows of 4,096 are found in %i attempts that apply each row %f times on average',
  (bad, maxAttempts, maxApplications) => {
    const rows = Array.from({ length: 4_096 }, (_, i) => i)
    // A prime step: bad rows lie in places without a pattern.
    const isBad = new Set(Array.from({ length: bad }, (_, i) => (i * 1_579 + 2_000) % rows.length))
    let [attempts, applied] = [0, 0]
    const culprits = findCulprits(rows, (some) => {
      attempts += 1
      applied += some.length
      return !some.some((row) => isBad.has(row))
    })
    expect(culprits).toEqual(isBad)
    expect(attempts).toBeLessThanOrEqual(maxAttempts)
    expect(applied / rows.length).toBeLessThanOrEqual(maxApplications)
  },
)

test('the search ends after the given number of attempts', () => {
  const rows = Array.from({ length: 1_000 }, (_, i) => i)
  let attempts = 0
  const works = (some: readonly number[]) => {
    attempts += 1
    return some.length === 0
  }
  expect(findCulprits(rows, works, 50)).toBeNull()
  expect(attempts).toBe(50)
  expect(findCulprits(rows, works, 0)).toBeNull()
  expect(attempts).toBe(50)
})

test('the later one of two rows that only fail together is found', () => {
  const rows = [1, 2, 3, 4, 5]
  const works = (some: readonly number[]) => !(some.includes(2) && some.includes(4))
  expect(findCulprits(rows, works)).toEqual(new Set([4]))
})

test('no row is blamed for a failure that occurs without any row', () => {
  expect(findCulprits([1, 2], () => false)).toBeNull()
})
