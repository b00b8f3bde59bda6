import { expect, test } from 'vitest'
import { type Entry, entriesOf } from './entries.ts'
import type { LogRow, Turning } from './log.ts'

const row = (seq: number): LogRow => ({
  seq,
  segment: 0,
  data: new Uint8Array(),
  arrivedAt: null,
  storedAt: null,
})
const roll = (segment: number, afterSeq: number): Turning => ({
  kind: 'roll',
  at: 0,
  afterSeq,
  segment,
  rows: 1,
})
const rows = [1, 2, 4].map(row)
const drawn = (entries: readonly Entry[]) =>
  entries.map((entry) => (entry.kind === 'row' ? entry.row.seq : entry.kind))

test('the newest lines come first, and a roll stands after the rows that were stored before it', () => {
  expect(drawn(entriesOf(rows, [], 10))).toEqual([4, 2, 1])
  expect(drawn(entriesOf(rows, [roll(0, 2)], 10))).toEqual([4, 'roll', 2, 1])
  expect(drawn(entriesOf(rows, [roll(1, 4), roll(0, 0)], 10))).toEqual(['roll', 4, 2, 1, 'roll'])
  expect(drawn(entriesOf([], [roll(0, 9)], 10))).toEqual(['roll'])
  expect(drawn(entriesOf(rows, [roll(0, 2)], 2))).toEqual([4, 'roll'])
})
