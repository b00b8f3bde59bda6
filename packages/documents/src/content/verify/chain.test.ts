import { describe, expect, test } from 'vitest'
import { type ChainRow, verifyChain } from './chain.ts'

/** `0` is an update row of segment 0, `0!` its seal; seqs count from 1. */
const rowsOf = (text: string): ChainRow[] =>
  text
    .split(' ')
    .filter((word) => word !== '')
    .map((word, i) => ({
      seq: i + 1,
      segment: Number.parseInt(word, 10),
      isSeal: word.endsWith('!'),
    }))

const verify = (activeSegment: number, foldedSegment: number, rows: string) =>
  verifyChain({ activeSegment, foldedSegment, rows: rowsOf(rows) }).map(
    ({ code, seq, message }) => `${code} ${seq ?? '-'}: ${message}`,
  )

describe('a complete chain has no finding', () => {
  test.each([
    ['without rows', 0, -1, ''],
    ['with one active segment', 0, -1, '0 0 0'],
    ['with sealed segments and an active one', 2, -1, '0 0! 1! 2'],
    ['with rows after a fold', 3, 1, '2 2! 3 3'],
    ['without rows after a fold', 2, 1, ''],
    [
      'with the seal of a folded segment, as in a document that began with a snapshot row',
      2,
      1,
      '0!',
    ],
  ])('%s', (_name, active, folded, rows) => {
    expect(verify(active, folded, rows)).toEqual([])
  })
})

describe('a broken chain is reported with', () => {
  test.each([
    ['a missing seal', 1, -1, '0 1', ['seal_missing -: segment 0 was sealed, but has no seal']],
    [
      'a missing segment',
      2,
      -1,
      '0! 2',
      ['seal_missing -: segment 1 has no rows, not even a seal'],
    ],
    [
      'many missing segments',
      2 ** 31 - 1,
      -1,
      '',
      ['seal_missing -: segments 0 to 2147483646 have no rows, not even a seal'],
    ],
    [
      'a row after the seal',
      1,
      -1,
      '0! 0',
      ['seal_misplaced 1: row 1 seals segment 0, and rows follow it'],
    ],
    ['two seals', 1, -1, '0! 0!', ['seal_misplaced 1: row 1 seals segment 0, and rows follow it']],
    [
      'a seal in the active segment',
      0,
      -1,
      '0 0!',
      ['seal_misplaced 2: row 2 seals segment 0, which is the active one'],
    ],
    [
      'a row in a folded segment',
      2,
      1,
      '1 2',
      ['row_misplaced 1: row 1 lies in segment 1, which was folded'],
    ],
    [
      'a row beyond the active segment',
      0,
      -1,
      '0 4',
      ['row_misplaced 2: row 2 lies in segment 4, which was not opened yet'],
    ],
  ])('%s', (_name, active, folded, rows, findings) => {
    expect(verify(active, folded, rows)).toEqual(findings)
  })
})
