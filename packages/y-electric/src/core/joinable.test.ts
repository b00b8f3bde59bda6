import { expect, test } from 'vitest'
import { tallyState } from './compaction.ts'
import { joinable } from './joinable.ts'

const row = (seq: number, segment: number, bytes: number) => ({
  seq,
  segment,
  data: new Uint8Array(bytes).fill(1),
})
const rows = [row(3, 0, 10), row(4, 0, 20), row(7, 1, 30), row(9, 1, 40)]
const plain = { activeSegment: 1, snapshot: null, rows }

test('without merged rows state is joined as it is', () => {
  const { state, seqs, tally } = joinable(plain, null)
  expect(state).toBe(plain)
  expect([...seqs]).toEqual([3, 4, 7, 9])
  expect(tally).toEqual(tallyState(plain))
})

test('merged rows are joined as one row, and count for compaction as they are stored', () => {
  const [a, b, c, waiting] = rows as [
    (typeof rows)[0],
    (typeof rows)[0],
    (typeof rows)[0],
    (typeof rows)[0],
  ]
  const data = new Uint8Array([7])
  const merged = {
    data,
    activeBytes: c.data.byteLength,
    rows: [a, b, c].map(({ seq, segment }) => ({ seq, segment })),
  }
  const { state, seqs, tally } = joinable({ ...plain, rows: [waiting] }, merged)
  expect(state.rows).toEqual([{ seq: 7, segment: 1, data }, waiting])
  expect([...seqs]).toEqual([3, 4, 7, 9])
  expect(tally).toEqual(tallyState(plain))
})
