import { expect, test } from 'vitest'
import { momentInWords, whenInWords } from './when.ts'

const now = new Date(2026, 7, 20, 15, 30).getTime()
const words = (...then: [number, number, number, number, number]) =>
  whenInWords(new Date(...then).getTime(), now, 'en-GB')

test.each([
  [words(2026, 7, 20, 15, 30), 'just now'],
  [words(2026, 7, 20, 15, 10), '20 minutes ago'],
  [words(2026, 7, 20, 9, 5), '9:05'],
  [words(2026, 7, 19, 23, 59), 'yesterday'],
  [words(2026, 7, 16, 8, 0), '4 days ago'],
  [words(2026, 2, 3, 8, 0), '3 Mar'],
  [words(2024, 2, 3, 8, 0), '3 Mar 2024'],
])('a recent time is described as "%s"', (said, expected) => {
  expect(said.replace(/^0/, '')).toBe(expected)
})

test('a time is shown with its day only if that is not today', () => {
  const now = new Date(2026, 4, 20, 15, 30).getTime()
  const at = (hour: number, day = 20) => new Date(2026, 4, day, hour, 5).getTime()
  expect(momentInWords(at(9), now, 'en-GB')).toMatch(/^0?9:05$/)
  expect(momentInWords(at(0), now, 'en-GB')).toMatch(/^0?0:05$/)
  expect(momentInWords(at(23, 19), now, 'en-GB')).toMatch(/^19 May.* 23:05$/)
})
