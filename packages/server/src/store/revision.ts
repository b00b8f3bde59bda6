import type pg from 'pg'

/**
 * A text that changes whenever the stored rows of a document change, computed without reading their
 * bytes. Sequence numbers commit out of order, so the largest alone is not enough.
 * @returns null for a document that was never written, or that was deleted
 */
export async function readRevision(pool: pg.Pool, docId: string): Promise<string | null> {
  const { rows } = await pool.query<{ revision: string }>({
    name: 'ydoc_revision',
    text: `SELECT concat_ws('.', d.segment, d.keep_history, u.rows, u.newest, u.seqs, s.labels) AS revision
           FROM ydoc_document d,
             LATERAL (SELECT count(*) AS rows, coalesce(max(seq), 0) AS newest,
                             coalesce(sum(seq), 0) AS seqs
                      FROM ydoc_update WHERE doc_id = d.doc_id) u,
             LATERAL (SELECT md5(string_agg(seq || ':' || coalesce(label, ''), ',' ORDER BY seq))
                        AS labels
                      FROM ydoc_snapshot WHERE doc_id = d.doc_id) s
           WHERE d.doc_id = $1 AND d.deleted_at IS NULL`,
    values: [docId],
  })
  return rows[0]?.revision ?? null
}
