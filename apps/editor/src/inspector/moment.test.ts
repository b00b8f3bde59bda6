import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  clockInWords,
  exactInWords,
  fromLocalInput,
  storedInWords,
  toLocalInput,
} from './moment.ts'

const at = new Date(2026, 10, 30, 14, 3, 22, 45).getTime()
const later = (hours: number) => at + hours * 3_600_000

test('a recent row says how long ago it was stored, an older one the time of day, with the date of another day', () => {
  expect(storedInWords(at, at + 5_000, 'en')).toBe('just now')
  expect(storedInWords(at, at + 130_000, 'en')).toBe('2 minutes ago')
  expect(storedInWords(at, later(2), 'en')).toBe('14:03:22')
  expect(storedInWords(at, later(24), 'en')).toBe('Nov 30, 14:03:22')
  expect(clockInWords(at, later(24 * 365), 'en')).toBe('Nov 30, 2026, 14:03:22')
  expect(exactInWords(at, later(2), 'en')).toBe('14:03:22.045')
  expect(exactInWords(at, later(24), 'en')).toBe('Nov 30, 14:03:22.045')
})

test('the value of an input for local times is read back to the second', () => {
  expect(toLocalInput(at)).toBe('2026-11-30T14:03:22')
  expect(fromLocalInput('')).toBeNull()
  expect(fromLocalInput('2026-11-30T14:03')).toBe(new Date(2026, 10, 30, 14, 3).getTime())
  // Not in the hour that repeats when summer time ends.
  const second = fc.integer({ min: 1_767_225_600, max: 1_772_323_200 })
  fc.assert(
    fc.property(second, (each) => {
      expect(fromLocalInput(toLocalInput(each * 1_000 + 999))).toBe(each * 1_000)
    }),
  )
})
