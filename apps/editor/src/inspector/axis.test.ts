import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { byteTicks, timeTicks } from './axis.ts'

const labels = (ticks: readonly { label: string }[]) => ticks.map(({ label }) => label)

describe('byteTicks', () => {
  test.each([
    [0, ['0', '1 B']],
    [7, ['0', '2 B', '4 B', '6 B', '8 B']],
    [1_000, ['0', '500 B', '1000 B']],
    [3_000, ['0', '1 KB', '2 KB', '3 KB']],
    [150 * 1_024, ['0', '50 KB', '100 KB', '150 KB']],
    [3 * 1_024 ** 2, ['0', '1 MB', '2 MB', '3 MB']],
  ])('the axis of %d bytes has the marks %j', (most, marks) => {
    expect(labels(byteTicks(most))).toEqual(marks)
  })

  test('the last mark is not below the largest size, and the marks are few', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 1), (most) => {
        const ticks = byteTicks(most)
        expect(ticks.at(-1)?.at).toBeGreaterThanOrEqual(most)
        expect(ticks.length).toBeLessThanOrEqual(5)
      }),
    )
  })
})

describe('timeTicks', () => {
  const at = (...[hour, minute = 0, second = 0, day = 30]: number[]) =>
    new Date(2026, 10, day, hour, minute, second).getTime()

  test('the marks are at round times, and name the day at midnight', () => {
    const ticks = (from: number, to: number) => labels(timeTicks(from, to, 5, 'en'))
    expect(ticks(at(14, 3, 1), at(14, 3, 9))).toEqual([
      '14:03:02',
      '14:03:04',
      '14:03:06',
      '14:03:08',
    ])
    expect(ticks(at(14, 3), at(14, 31))).toEqual(['14:10', '14:20', '14:30'])
    expect(ticks(at(20, 0, 0, 29), at(8))).toEqual(['21:00', 'Nov 30', '03:00', '06:00'])
    expect(ticks(at(20, 0, 0, 26), at(8))).toEqual(['Nov 27', 'Nov 28', 'Nov 29', 'Nov 30'])
  })

  test('the marks are within the span, in order, and few', () => {
    const span = fc.tuple(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1_000, max: 1e12 }))
    fc.assert(
      fc.property(span, fc.integer({ min: 2, max: 9 }), ([from, length], most) => {
        const ticks = timeTicks(from, from + length, most).map((tick) => tick.at)
        expect(ticks).toEqual([...new Set(ticks)].sort((a, b) => a - b))
        expect(ticks.length).toBeLessThanOrEqual(most + 2)
        for (const each of ticks) {
          expect(each).toBeGreaterThanOrEqual(from)
          expect(each).toBeLessThanOrEqual(from + length)
        }
      }),
    )
  })
})
