import type pg from 'pg'
import type { Deletion, DeletionProof } from '../schemas/documents.ts'
import { unlessDeleted } from './deleted.ts'

/** The tables that hold rows of a document, besides the one that lists documents. */
export const DOCUMENT_TABLES = [
  'ydoc_update',
  'ydoc_snapshot',
  'ydoc_awareness',
  'ydoc_set_aside',
  'ydoc_writer',
  'ydoc_file',
] as const

export type DocumentTable = (typeof DOCUMENT_TABLES)[number]

/** The numbers of deleted rows. */
export type DeletedRows = Omit<Deletion, 'docId'>

/**
 * Deletes everything stored for a document, in one transaction, and leaves its tombstone.
 * @returns null if nothing was ever stored for it
 * @throws {RequestError} deleted
 */
export async function deleteRows(
  pool: pg.Pool,
  docId: string,
  deletedBy: string | null,
): Promise<DeletedRows | null> {
  const { rows } = await unlessDeleted(
    pool.query<{
      at: Date | null
      updates: number
      snapshots: number
      awareness: number
      set_aside: number
      writers: number
      files: number
    }>('SELECT * FROM ydoc_delete($1, $2)', [docId, deletedBy]),
  )
  const [row] = rows
  if (row === undefined || row.at === null) return null
  return {
    deletedAt: row.at.toISOString(),
    removed: {
      ydoc_update: row.updates,
      ydoc_snapshot: row.snapshots,
      ydoc_awareness: row.awareness,
      ydoc_set_aside: row.set_aside,
      ydoc_writer: row.writers,
      ydoc_file: row.files,
    },
  }
}

/** The remaining rows of a document. */
export type Remains = Omit<DeletionProof, 'docId' | 'gone'>

/** Counts the rows that the tables still hold of a document, in one consistent read. */
export async function countRemains(pool: pg.Pool, docId: string): Promise<Remains> {
  const { rows } = await pool.query<{ deleted_at: Date | null } & Record<DocumentTable, number>>(
    `SELECT (SELECT deleted_at FROM ydoc_document WHERE doc_id = $1) AS deleted_at,
       (SELECT count(*)::int FROM ydoc_update WHERE doc_id = $1 AND data <> '') AS ydoc_update,
       (SELECT count(*)::int FROM ydoc_snapshot WHERE doc_id = $1) AS ydoc_snapshot,
       (SELECT count(*)::int FROM ydoc_awareness WHERE doc_id = $1) AS ydoc_awareness,
       (SELECT count(*)::int FROM ydoc_set_aside WHERE doc_id = $1) AS ydoc_set_aside,
       (SELECT count(*)::int FROM ydoc_writer WHERE doc_id = $1) AS ydoc_writer,
       (SELECT count(*)::int FROM ydoc_file WHERE doc_id = $1) AS ydoc_file`,
    [docId],
  )
  const [row] = rows
  if (row === undefined) throw new Error('a SELECT without FROM returned no row')
  const { deleted_at, ...remaining } = row
  return { deletedAt: deleted_at?.toISOString() ?? null, remaining }
}
