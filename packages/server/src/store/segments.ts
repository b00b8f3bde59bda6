import type pg from 'pg'

/** The status of a segment: not opened yet, accepting writes, sealed, or replaced by a snapshot row. */
export type SegmentStatus = 'not-opened' | 'active' | 'sealed' | 'folded'

/** The table and columns of a segment's shape. */
export const SEGMENT_SHAPE = {
  table: 'ydoc_update',
  columns: 'seq,data',
  where: 'doc_id = $1 AND segment = $2',
} as const

/** Resolves when the database answers. */
export async function ping(pool: pg.Pool): Promise<void> {
  await pool.query('SELECT 1')
}
