import { type Limits, listSnapshots, type SnapshotInfo } from '@y-electric/server'
import {
  type Asker,
  bytesOf,
  type DocumentSources,
  effortOf,
  inspectLimited,
  requireSources,
  transferableOf,
  withDefaults,
} from '@y-electric/server/extension'
import type pg from 'pg'
import type { ContentStats } from '../content/stats.ts'
import { runDocumentJob } from './jobs.ts'

/** One snapshot row, in numbers. */
export interface SnapshotStats extends SnapshotInfo {
  /**
   * Its size divided by the size of what it replaced: the rows, and the previous snapshot row if that
   * still exists. Null if it replaced nothing.
   */
  readonly ratio: number | null
}

/** Statistics of a document's stored rows and of its content. */
export interface DocumentStats extends ContentStats {
  readonly docId: string
  /** The snapshot row of these statistics; null for the document as it is now. */
  readonly at: number | null
  /**
   * The times of the first and the last write, ISO 8601. If all rows are folded, the last is the time
   * of the newest snapshot row.
   */
  readonly createdAt: string
  readonly changedAt: string
  /** Whether every fold of the document keeps deleted content. */
  readonly keepHistory: boolean
  /** Update rows that are not folded, and their bytes. */
  readonly rows: number
  readonly bytes: number
  /** Newest first. */
  readonly snapshotRows: readonly SnapshotStats[]
  readonly segments: {
    readonly active: number
    /** The last folded segment; null if there is none. */
    readonly folded: number | null
    /** Sealed segments that are not folded. */
    readonly sealed: number
  }
}

export interface StatsOptions {
  /** The seq of a snapshot row: writers, shared types and the like as they were then. */
  readonly at?: number | undefined
  readonly limits?: Partial<Limits> | undefined
  /**
   * The user or address that makes the request, and a signal that aborts the work when the client
   * stops waiting.
   */
  readonly asker?: Asker | undefined
}

/**
 * Reads statistics of a document: rows, bytes, writers, shared types, and updates that wait.
 * @throws {RequestError} `not_found`, `deleted`, `corrupt`, `document_too_large`
 */
export async function documentStats(
  pool: pg.Pool,
  docId: string,
  { at, limits: given = {}, asker }: StatsOptions = {},
): Promise<DocumentStats> {
  const limits = withDefaults(given)
  return inspectLimited(pool, asker, limits, async (signal) => {
    const { document, sources } = await requireSources(pool, docId, at, limits, signal)
    const stored = storedStats(document)
    const content = await runDocumentJob('stats', { sources }, effortOf(sources), limits, {
      signal,
      transfer: transferableOf(sources),
    })
    const snapshots = await listSnapshots(pool, docId)
    return {
      docId,
      at: at ?? null,
      ...stored,
      snapshotRows: withRatios(snapshots),
      ...content,
    }
  })
}

function storedStats(document: DocumentSources) {
  const { createdAt, changedAt, snapshot, rows, activeSegment, sealedSegments, keepHistory } =
    document
  return {
    createdAt: createdAt.toISOString(),
    changedAt: (changedAt ?? snapshot?.createdAt ?? createdAt).toISOString(),
    keepHistory,
    rows: rows.count,
    bytes: bytesOf(rows.data),
    segments: {
      active: activeSegment,
      folded: snapshot?.throughSegment ?? null,
      sealed: sealedSegments,
    },
  }
}

function withRatios(snapshots: readonly SnapshotInfo[]): SnapshotStats[] {
  const folds = snapshots.filter(({ throughSegment }) => throughSegment !== null)
  return snapshots.map((snapshot) => {
    const place = folds.indexOf(snapshot)
    const before = place < 0 ? undefined : folds[place + 1]
    const replaced = snapshot.foldedBytes + (before?.bytes ?? 0)
    return { ...snapshot, ratio: replaced === 0 ? null : snapshot.bytes / replaced }
  })
}
