import type pg from 'pg'

/** A document that can be folded. */
export interface Compactable {
  readonly docId: string
  readonly activeSegment: number
  /** Update rows of the active segment. */
  readonly activeRows: number
  /** Update rows of sealed segments. */
  readonly sealedRows: number
}

/**
 * The documents with at least `minRows` update rows in their active segment, or with sealed segments
 * that are not folded; the largest first. `docId` restricts the list to one document.
 */
export async function listCompactable(
  pool: pg.Pool,
  { docId = null, minRows }: { docId?: string | null; minRows: number },
): Promise<Compactable[]> {
  const { rows } = await pool.query<{
    doc_id: string
    segment: number
    active_rows: number
    sealed_rows: number
  }>(
    `SELECT d.doc_id, d.segment,
            count(*) FILTER (WHERE u.segment = d.segment AND u.data <> '')::int AS active_rows,
            count(*) FILTER (WHERE u.segment < d.segment AND u.data <> '')::int AS sealed_rows
     FROM ydoc_document d JOIN ydoc_update u USING (doc_id)
     WHERE ($1::text IS NULL OR d.doc_id = $1) AND d.deleted_at IS NULL
       AND u.segment > coalesce((SELECT max(s.through_segment) FROM ydoc_snapshot s
                                 WHERE s.doc_id = d.doc_id), -1)
     GROUP BY d.doc_id
     HAVING count(*) FILTER (WHERE u.segment = d.segment AND u.data <> '') >= $2
         OR bool_or(u.segment < d.segment)
     ORDER BY count(*) DESC, d.doc_id`,
    [docId, minRows],
  )
  return rows.map((row) => ({
    docId: row.doc_id,
    activeSegment: row.segment,
    activeRows: row.active_rows,
    sealedRows: row.sealed_rows,
  }))
}
