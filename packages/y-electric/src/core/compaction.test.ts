import { describe, expect, test } from 'vitest'
import {
  compactionDue,
  DEFAULT_COMPACTION,
  EMPTY_TALLY,
  intervalsToSkip,
  type Tally,
  tallyRow,
  tallySeal,
  tallyState,
} from './compaction.ts'

const due = (tally: Partial<Tally>) =>
  compactionDue({ ...EMPTY_TALLY, ...tally }, DEFAULT_COMPACTION)

describe('the work that is due', () => {
  test.each([
    ['an empty log', {}, null],
    ['one row less than the threshold', { rows: 199 }, null],
    ['enough rows', { rows: 200 }, 'roll'],
    ['enough bytes', { rows: 1, bytes: 64 * 1024 }, 'roll'],
    [
      'rows that are small compared with the document',
      { rows: 200, snapshotBytes: 5_000_000 },
      null,
    ],
    [
      'rows that are large compared with the document',
      { rows: 7_000, snapshotBytes: 5_000_000 },
      'roll',
    ],
    ['a sealed segment that waits to be folded', { isSealedWaiting: true }, 'fold'],
    ['both', { rows: 200, isSealedWaiting: true }, 'roll'],
    [
      'a sealed segment that waits, and too few rows for the document',
      { rows: 200, snapshotBytes: 5_000_000, isSealedWaiting: true },
      'fold',
    ],
  ] as const)('%s', (_name, tally, expected) => {
    expect(due(tally)).toBe(expected)
  })
})

describe('the tally', () => {
  test('counts the active segment of state and records whether sealed segments wait', () => {
    const row = (segment: number, bytes: number) => ({
      seq: bytes,
      segment,
      data: new Uint8Array(bytes),
    })
    const snapshot = { seq: 1, throughSegment: 0, data: new Uint8Array(9) }
    expect(tallyState({ activeSegment: 2, snapshot, rows: [row(1, 5), row(2, 7)] })).toEqual({
      activeSegment: 2,
      rows: 1,
      bytes: 7,
      snapshotBytes: 9,
      isSealedWaiting: true,
    })
    expect(tallyState({ activeSegment: 1, snapshot, rows: [] }).isSealedWaiting).toBe(false)
    expect(tallyState({ activeSegment: 0, snapshot: null, rows: [] })).toEqual(EMPTY_TALLY)
  })

  test('grows with each row and restarts at a seal', () => {
    const two = tallyRow(tallyRow(EMPTY_TALLY, 5), 6)
    expect(two).toMatchObject({ rows: 2, bytes: 11 })
    expect(tallySeal(two)).toMatchObject({
      activeSegment: 1,
      rows: 0,
      bytes: 0,
      isSealedWaiting: true,
    })
  })
})

test('the number of intervals to skip doubles with each failure, up to a limit', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7, 100].map(intervalsToSkip)).toEqual([
    0, 1, 2, 4, 8, 16, 32, 32, 32,
  ])
})
