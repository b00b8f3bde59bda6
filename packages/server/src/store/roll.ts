import type pg from 'pg'
import type { Limits } from '../limits.ts'
import { documentExists, unlessDeleted } from './deleted.ts'

/** When a segment is large or old enough to be sealed (SEG-1). Any one of the three is enough. */
export type RollLimits = Pick<Limits, 'minRollRows' | 'minRollBytes' | 'minRollAgeSeconds'>

/** Whether a segment may be rolled now. */
export type RollDue =
  | 'due'
  /** Another segment is active (by now). */
  | 'conflict'
  /** The segment is too small and too young: no client can flood a document with segments. */
  | 'not-due'

/** Checks whether the segment is the active one, and whether it is due. @throws {RequestError} deleted */
export async function rollDue(
  pool: pg.Pool,
  docId: string,
  active: number,
  limits: RollLimits,
): Promise<RollDue> {
  const { rows } = await pool.query<{ row_count: number; bytes: number; age: number }>(
    `SELECT count(u.seq)::int AS row_count,
            coalesce(sum(length(u.data)), 0)::float8 AS bytes,
            extract(epoch FROM now() - d.segment_opened_at)::float8 AS age
     FROM ydoc_document d
     LEFT JOIN ydoc_update u ON u.doc_id = d.doc_id AND u.segment = d.segment
     WHERE d.doc_id = $1 AND d.segment = $2 AND d.deleted_at IS NULL
     GROUP BY d.doc_id`,
    [docId, active],
  )
  const [segment] = rows
  if (segment === undefined) {
    await documentExists(pool, docId)
    return 'conflict'
  }
  const isDue =
    segment.row_count > 0 &&
    (segment.row_count >= limits.minRollRows ||
      segment.bytes >= limits.minRollBytes ||
      segment.age >= limits.minRollAgeSeconds)
  return isDue ? 'due' : 'not-due'
}

/**
 * Seals the active segment, if it is still `active`, and opens the next.
 * @returns the number of the new active segment; null if `active` is not the active one (any more)
 * @throws {RequestError} deleted
 */
export async function rollSegment(
  pool: pg.Pool,
  docId: string,
  active: number,
): Promise<number | null> {
  const { rows } = await unlessDeleted(
    pool.query<{ active: number | null }>('SELECT ydoc_roll($1, $2) AS active', [docId, active]),
  )
  return rows[0]?.active ?? null
}
