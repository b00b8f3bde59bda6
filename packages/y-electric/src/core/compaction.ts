import type { State } from '../protocol/state-frames.ts'

/** When a document is worth compacting. Every number is an option with this default. */
export interface CompactionPolicy {
  /** Length of an interval: once in each, one client looks whether it is time. Milliseconds. */
  readonly everyMs: number
  /** Rows in the active segment from which it is rolled, ... */
  readonly minRows: number
  /** ... or bytes of them. */
  readonly minBytes: number
  /** What the active segment must cost a joiner at least, as a part of what the snapshot row costs. */
  readonly minShare: number
  /** How long the next in rank waits for the one before it. Milliseconds. */
  readonly slotMs: number
  /** How long a sealed segment is left alone, so that followers have moved on. Milliseconds. */
  readonly graceMs: number
}

export const DEFAULT_COMPACTION: CompactionPolicy = {
  everyMs: 60_000,
  minRows: 200,
  minBytes: 64 * 1024,
  minShare: 0.25,
  slotMs: 1_000,
  graceMs: 5_000,
}

/** What a follower knows of the weight of its document. */
export interface Tally {
  readonly activeSegment: number
  /** Of the active segment. */
  readonly rows: number
  readonly bytes: number
  /** Of the newest snapshot row. */
  readonly snapshotBytes: number
  /** True when sealed segments wait to be folded, for all that is known here. */
  readonly isSealedWaiting: boolean
}

export const EMPTY_TALLY: Tally = {
  activeSegment: 0,
  rows: 0,
  bytes: 0,
  snapshotBytes: 0,
  isSealedWaiting: false,
}

/** Bytes that a row costs a joiner beyond twice its own (hex): key, names, commas. */
const ROW_OVERHEAD_BYTES = 200

export function tallyState({ activeSegment, snapshot, rows }: State): Tally {
  const active = rows.filter(({ segment }) => segment === activeSegment)
  return {
    activeSegment,
    rows: active.length,
    bytes: active.reduce((sum, { data }) => sum + data.byteLength, 0),
    snapshotBytes: snapshot?.data?.byteLength ?? 0,
    isSealedWaiting: activeSegment - 1 > (snapshot?.throughSegment ?? -1),
  }
}

export const tallyRow = (tally: Tally, bytes: number): Tally => ({
  ...tally,
  rows: tally.rows + 1,
  bytes: tally.bytes + bytes,
})

/** The follower crossed a seal: a new segment is active, and one more waits. */
export const tallySeal = (tally: Tally): Tally => ({
  ...tally,
  activeSegment: tally.activeSegment + 1,
  rows: 0,
  bytes: 0,
  isSealedWaiting: true,
})

/** What is worth doing now: roll (and then fold), fold alone, or nothing. */
export function compactionDue(tally: Tally, policy: CompactionPolicy): 'roll' | 'fold' | null {
  const isLong = tally.rows >= policy.minRows || tally.bytes >= policy.minBytes
  const cost = tally.rows * ROW_OVERHEAD_BYTES + 2 * tally.bytes
  // Folding a hundred rows into a document of five megabytes is waste.
  if (isLong && cost >= policy.minShare * tally.snapshotBytes) return 'roll'
  return tally.isSealedWaiting ? 'fold' : null
}

/** Intervals to sit out after failures in a row: 1, 2, 4, up to 32. */
export const intervalsToSkip = (failures: number): number =>
  failures === 0 ? 0 : 2 ** Math.min(failures - 1, 5)
