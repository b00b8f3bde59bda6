import type pg from 'pg'
import { deletedError } from './deleted.ts'

/** The status of a segment: not opened yet, accepting writes, sealed, or replaced by a snapshot row. */
export type SegmentStatus = 'not-opened' | 'active' | 'sealed' | 'folded'

/** The table and columns of a segment's shape. */
export const SEGMENT_SHAPE = {
  table: 'ydoc_update',
  columns: 'seq,data',
  where: 'doc_id = $1 AND segment = $2',
} as const

/** Reads the status of one segment of a document. @throws {RequestError} deleted */
export async function segmentStatus(
  pool: pg.Pool,
  docId: string,
  segment: number,
): Promise<SegmentStatus> {
  const { active, folded } = await readSegments(pool, docId)
  if (segment > active) return 'not-opened'
  if (segment <= folded) return 'folded'
  return segment === active ? 'active' : 'sealed'
}

/** The number of the active segment; 0 for a document that was never written. @throws {RequestError} deleted */
export async function activeSegment(pool: pg.Pool, docId: string): Promise<number> {
  const { active } = await readSegments(pool, docId)
  return active
}

/** The active segment, and the last one that was folded, or -1. @throws {RequestError} deleted */
async function readSegments(
  pool: pg.Pool,
  docId: string,
): Promise<{ readonly active: number; readonly folded: number }> {
  const { rows } = await pool.query<{
    active: number | null
    folded: number | null
    is_deleted: boolean | null
  }>({
    name: 'ydoc_segment_status',
    text: `SELECT d.segment AS active, d.deleted_at IS NOT NULL AS is_deleted,
                  (SELECT max(through_segment) FROM ydoc_snapshot WHERE doc_id = $1) AS folded
           FROM (SELECT $1::text AS doc_id) asked LEFT JOIN ydoc_document d USING (doc_id)`,
    values: [docId],
  })
  if (rows[0]?.is_deleted) throw deletedError()
  return { active: rows[0]?.active ?? 0, folded: rows[0]?.folded ?? -1 }
}

/** Resolves when the database answers. */
export async function ping(pool: pg.Pool): Promise<void> {
  await pool.query('SELECT 1')
}
