import type { SnapshotInfo } from '@y-electric/server'

/** One fold: the bytes stored right before it and right after it. */
export interface Turn {
  readonly seq: number
  /** ISO 8601. */
  readonly at: string
  /** The update rows that the fold replaced. */
  readonly rows: number
  readonly before: number
  readonly after: number
  /** False if the previous snapshot row no longer exists; the size was then `before` or more. */
  readonly isExact: boolean
}

/** The known folds, oldest first. */
export function turnsOf(snapshots: readonly SnapshotInfo[]): Turn[] {
  const folds = snapshots
    .filter(({ throughSegment }) => throughSegment !== null)
    .sort((one, other) => one.seq - other.seq)
  return folds.map((fold, index) => {
    const previous = folds[index - 1]?.bytes ?? 0
    const before = previous + fold.foldedBytes
    return {
      seq: fold.seq,
      at: fold.createdAt,
      rows: fold.foldedRows,
      before: Math.max(before, index === 0 ? fold.bytes : 0),
      after: fold.bytes,
      isExact: index > 0 || before >= fold.bytes,
    }
  })
}
