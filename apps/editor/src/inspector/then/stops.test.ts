import { expect, test } from 'vitest'
import type { LogRow } from '../log.ts'
import { stopAt, stopsOf } from './stops.ts'

const row = (seq: number): LogRow => ({
  seq,
  segment: 0,
  data: new Uint8Array(),
  arrivedAt: null,
  storedAt: null,
})
const rows = [3, 5, 8, 9].map(row)
const drawn = (shown: ReadonlySet<LogRow> | null) =>
  stopsOf(rows, shown).map((stop) => [stop.row?.seq ?? 0, stop.count])

test('the slider stops before the first row and after each row that is shown', () => {
  expect(drawn(null)).toEqual([
    [0, 0],
    [3, 1],
    [5, 2],
    [8, 3],
    [9, 4],
  ])
  // The document after row 8 has row 5 too.
  expect(drawn(new Set(rows.filter(({ seq }) => seq === 8)))).toEqual([
    [0, 0],
    [8, 3],
  ])
  expect(stopsOf([], null)).toEqual([{ row: null, count: 0 }])
})

test('a seq without a position of its own gets the last one before it', () => {
  const stops = stopsOf(rows, null)
  const at = (seq: number) => stops[stopAt(stops, seq)]?.row?.seq ?? 0
  expect([0, 2, 3, 4, 5, 7, 9, 99].map(at)).toEqual([0, 0, 3, 3, 5, 5, 9, 9])
  expect(stopAt(stopsOf([], null), 7)).toBe(0)
})
