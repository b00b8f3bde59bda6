import type { State } from '../protocol/state-frames.ts'

/** Decides when a document is worth compacting. Every number is the default of an option. */
export interface CompactionPolicy {
  /**
   * Length of an interval in milliseconds. In each interval one client checks whether compaction is
   * due.
   */
  readonly everyMs: number
  /** The active segment is rolled from this many rows on, ... */
  readonly minRows: number
  /** ... or from this many bytes. */
  readonly minBytes: number
  /**
   * The least cost of the active segment for a joiner, as a fraction of the cost of the snapshot
   * row.
   */
  readonly minShare: number
  /** How long the next client in rank waits for the one before it. Milliseconds. */
  readonly slotMs: number
  /** How long a sealed segment is left alone, so that followers can move on. Milliseconds. */
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

/** The size of a document, as far as a follower knows it. */
export interface Tally {
  readonly activeSegment: number
  /** Size of the active segment. */
  readonly rows: number
  readonly bytes: number
  /** Size of the newest snapshot row. */
  readonly snapshotBytes: number
  /** True if sealed segments wait to be folded, as far as this client knows. */
  readonly isSealedWaiting: boolean
}

export const EMPTY_TALLY: Tally = {
  activeSegment: 0,
  rows: 0,
  bytes: 0,
  snapshotBytes: 0,
  isSealedWaiting: false,
}

/** Bytes that a row costs a joiner in addition to its hex data: key, column names, commas. */
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

/** The follower reached a seal: a new segment is active, and one more waits to be folded. */
export const tallySeal = (tally: Tally): Tally => ({
  ...tally,
  activeSegment: tally.activeSegment + 1,
  rows: 0,
  bytes: 0,
  isSealedWaiting: true,
})

/** The work that is due: roll (and then fold), fold only, or nothing. */
export function compactionDue(tally: Tally, policy: CompactionPolicy): 'roll' | 'fold' | null {
  const isLong = tally.rows >= policy.minRows || tally.bytes >= policy.minBytes
  const cost = tally.rows * ROW_OVERHEAD_BYTES + 2 * tally.bytes
  // Folding a hundred rows into a document of five megabytes is not worth the work.
  if (isLong && cost >= policy.minShare * tally.snapshotBytes) return 'roll'
  return tally.isSealedWaiting ? 'fold' : null
}

/** Intervals to skip after consecutive failures: 1, 2, 4, up to 32. */
export const intervalsToSkip = (failures: number): number =>
  failures === 0 ? 0 : 2 ** Math.min(failures - 1, 5)
