import type { SnapshotInfo } from '@y-electric/server'
import { expect, test } from 'vitest'
import { turnsOf } from './sizes.ts'

const at = '2026-01-02T03:04:05.000Z'
const snapshot = (seq: number, change: Partial<SnapshotInfo>): SnapshotInfo => ({
  seq,
  throughSegment: seq,
  kind: 'fold',
  label: null,
  createdBy: null,
  bytes: 0,
  foldedRows: 1,
  foldedBytes: 0,
  createdAt: at,
  ...change,
})

test('the size before a fold is the previous snapshot row plus the folded rows', () => {
  const turns = turnsOf([
    snapshot(30, { bytes: 120, foldedBytes: 300, foldedRows: 9 }),
    snapshot(25, { throughSegment: null, kind: 'kept', bytes: 999 }),
    snapshot(20, { bytes: 100, foldedBytes: 400, foldedRows: 7 }),
  ])
  expect(turns).toEqual([
    { seq: 20, at, rows: 7, before: 400, after: 100, isExact: true },
    { seq: 30, at, rows: 9, before: 400, after: 120, isExact: true },
  ])
})

test('the size before the oldest fold is a lower bound', () => {
  expect(turnsOf([snapshot(9, { bytes: 5_000, foldedBytes: 40 })])).toEqual([
    { seq: 9, at, rows: 1, before: 5_000, after: 5_000, isExact: false },
  ])
})
