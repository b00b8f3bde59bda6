import type pg from 'pg'
import type { WriterInfo } from '../schemas/writers.ts'
import { documentExists, unlessDeleted } from './deleted.ts'

/** The writer behind a client, as the client and `authorize` name it. */
export interface WriterNote {
  readonly docId: string
  readonly clientId: number
  /** The user that `authorize` named; null if it named none. */
  readonly user: string | null
  /** Null if neither `authorize` nor the client gave a name. */
  readonly name: string | null
  /** Whether `authorize` gave the name. */
  readonly isTrusted: boolean
}

/**
 * Stores the name of a client's writer. If another user has already stored this client, nothing changes.
 * @param maxRows if the document already has this many rows, a new row replaces the oldest row of the user
 *   with the most rows
 * @throws {RequestError} deleted
 */
export async function noteWriter(
  pool: pg.Pool,
  { docId, clientId, user, name, isTrusted }: WriterNote,
  maxRows: number,
): Promise<void> {
  await unlessDeleted(
    pool.query({
      name: 'ydoc_note_writer',
      text: 'SELECT ydoc_note_writer($1, $2, $3, $4, $5, $6)',
      values: [docId, clientId, user, name, isTrusted, maxRows],
    }),
  )
}

interface WriterRecord {
  readonly client_id: string
  readonly user_name: string | null
  readonly name: string | null
  readonly is_trusted: boolean
  readonly noted_at: Date
}

/** The writers of a document whose names are known, by client id. @throws {RequestError} deleted */
export async function readWriters(pool: pg.Pool, docId: string): Promise<WriterInfo[]> {
  const { rows } = await pool.query<WriterRecord>(
    `SELECT client_id, user_name, name, is_trusted, noted_at
     FROM ydoc_writer WHERE doc_id = $1 ORDER BY client_id`,
    [docId],
  )
  if (rows.length === 0) await documentExists(pool, docId)
  return rows.map((row) => ({
    clientId: Number(row.client_id),
    user: row.user_name,
    name: row.name,
    trusted: row.is_trusted,
    notedAt: row.noted_at.toISOString(),
  }))
}

/** Gives a copy the writers of its original, since it has their edits with the same client ids. */
export async function copyWriters(pool: pg.Pool, from: string, to: string): Promise<void> {
  await pool.query(
    `INSERT INTO ydoc_writer (doc_id, client_id, user_name, name, is_trusted, noted_at)
     SELECT $2, w.client_id, w.user_name, w.name, w.is_trusted, w.noted_at
     FROM ydoc_writer w WHERE w.doc_id = $1
       AND EXISTS (SELECT FROM ydoc_document d WHERE d.doc_id = $2 AND d.deleted_at IS NULL)
     ON CONFLICT DO NOTHING`,
    [from, to],
  )
}
