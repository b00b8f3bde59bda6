import { contentOfUpdate, readSnapshotRow, subtractIds, unionIds } from 'y-electric/protocol'
import { printRange, rangesOf } from '../pending.ts'
import { type Finding, finding } from './findings.ts'
import { snapshotProblem, verifyParts } from './rows.ts'

/** A snapshot row that is not the newest of the state. */
export interface OlderSnapshot {
  readonly seq: number
  /** False when it was kept by name: then it may hold rows that are not folded yet. */
  readonly isFold: boolean
  readonly data: Uint8Array
}

/**
 * Checks older snapshot rows: each can be read, and what a fold wrote is still in the newest one.
 * @param newest null when that cannot be read, or there is none
 */
export function verifyOlderSnapshots(
  older: readonly OlderSnapshot[],
  newest: { readonly seq: number; readonly data: Uint8Array } | null,
): Finding[] {
  const inside = newest === null ? null : contentOfUpdate(readSnapshotRow(newest.data).decoded)
  return older.flatMap(({ seq, isFold, data }) => {
    const problem = snapshotProblem(data)
    if (problem !== null) {
      const message = `snapshot row ${seq} cannot be read: ${problem}`
      return [finding('snapshot_unreadable', 'ydoc_snapshot', seq, message)]
    }
    const parts = verifyParts({ seq, data })
    if (newest === null || inside === null || !isFold) return parts
    const had = contentOfUpdate(readSnapshotRow(data).decoded)
    const lost = unionIds([
      subtractIds(had.structs, inside.structs),
      subtractIds(had.deletes, inside.deletes),
    ])
    const ranges = rangesOf(lost).map(printRange)
    if (ranges.length === 0) return parts
    const message = `snapshot row ${newest.seq} lacks ${ranges.join(', ')}, which the older row ${seq} has`
    return [...parts, finding('snapshot_lacks', 'ydoc_snapshot', newest.seq, message)]
  })
}
