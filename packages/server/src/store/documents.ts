import type pg from 'pg'
import type { DocumentInfo } from '../schemas/documents.ts'

export interface DocumentFilter {
  readonly prefix: string
  readonly after: string | null
  readonly limit: number
  readonly includeDeleted: boolean
  /** Only documents with these ids; null for all. */
  readonly documents: readonly string[] | null
}

interface DocumentRecord {
  doc_id: string
  title: string | null
  rows: number
  bytes: number
  snapshot_rows: number
  created_at: Date
  changed_at: Date
  deleted_at: Date | null
  keep_history: boolean
}

const SELECT_DOCUMENTS = `
  SELECT d.doc_id, d.title, d.created_at, d.deleted_at, d.keep_history,
         u.rows, u.bytes + s.bytes AS bytes, s.rows AS snapshot_rows,
         coalesce(u.changed_at, s.changed_at, d.created_at) AS changed_at
  FROM ydoc_document d
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE data <> '')::int AS rows,
           coalesce(sum(length(data)), 0)::float8 AS bytes,
           max(created_at) FILTER (WHERE data <> '') AS changed_at
    FROM ydoc_update WHERE doc_id = d.doc_id) u
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS rows,
           coalesce(sum(length(data)), 0)::float8 AS bytes,
           max(created_at) FILTER (WHERE through_segment IS NOT NULL) AS changed_at
    FROM ydoc_snapshot WHERE doc_id = d.doc_id) s`

/** Documents in the order of their ids, from the first after `after`. */
export async function selectDocuments(
  pool: pg.Pool,
  { prefix, after, limit, includeDeleted, documents }: DocumentFilter,
): Promise<DocumentInfo[]> {
  const { rows } = await pool.query<DocumentRecord>(
    `${SELECT_DOCUMENTS}
     WHERE starts_with(d.doc_id, $1) AND ($2::text IS NULL OR d.doc_id > $2)
       AND ($3 OR d.deleted_at IS NULL) AND ($5::text[] IS NULL OR d.doc_id = ANY($5))
     ORDER BY d.doc_id LIMIT $4`,
    [prefix, after, includeDeleted, limit, documents],
  )
  return rows.map(toInfo)
}

/** One document; null if it does not exist. */
export async function selectDocument(pool: pg.Pool, docId: string): Promise<DocumentInfo | null> {
  const { rows } = await pool.query<DocumentRecord>(`${SELECT_DOCUMENTS} WHERE d.doc_id = $1`, [
    docId,
  ])
  const [row] = rows
  return row === undefined ? null : toInfo(row)
}

const toInfo = (row: DocumentRecord): DocumentInfo => ({
  docId: row.doc_id,
  title: row.title,
  rows: row.rows,
  bytes: row.bytes,
  snapshotRows: row.snapshot_rows,
  createdAt: row.created_at.toISOString(),
  changedAt: row.changed_at.toISOString(),
  deletedAt: row.deleted_at?.toISOString() ?? null,
  keepHistory: row.keep_history,
})
