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

test('of two rows that only fail together, the later one is found', () => {
  const rows = [1, 2, 3, 4, 5]
  const works = (some: readonly number[]) => !(some.includes(2) && some.includes(4))
  expect(findCulprits(rows, works)).toEqual(new Set([4]))
})

test('no row is blamed for a failure that occurs without any row', () => {
  expect(findCulprits([1, 2], () => false)).toBeNull()
})
