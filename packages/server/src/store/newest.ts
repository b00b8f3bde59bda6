import type pg from 'pg'
import { ANNOUNCED_SEQS, type NewestRows } from 'y-electric/protocol'

/** A segment of a document. */
export interface SegmentKey {
  readonly docId: string
  readonly segment: number
}

/**
 * Reads the newest rows of these segments, and the active segments of their documents. Each segment costs
 * one index lookup, whatever the number of its rows.
 * @returns one answer for each segment, in the given order
 */
export async function readNewestRows(
  pool: pg.Pool,
  segments: readonly SegmentKey[],
): Promise<NewestRows[]> {
  const { rows } = await pool.query<{ active: number; seqs: string }>({
    name: 'ydoc_newest',
    text: `SELECT coalesce(d.segment, 0) AS active,
             array_to_string(ARRAY(
               SELECT u.seq FROM ydoc_update u
               WHERE u.doc_id = asked.doc_id AND u.segment = asked.segment
               ORDER BY u.seq DESC LIMIT ${ANNOUNCED_SEQS}), ',') AS seqs
           FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS asked(doc_id, segment, place)
             LEFT JOIN ydoc_document d USING (doc_id)
           ORDER BY asked.place`,
    values: [segments.map(({ docId }) => docId), segments.map(({ segment }) => segment)],
  })
  return rows.map(({ active, seqs }) => ({
    activeSegment: active,
    seqs: seqs.split(',').filter(Boolean).map(Number),
  }))
}
