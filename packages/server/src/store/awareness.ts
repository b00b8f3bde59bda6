import type pg from 'pg'
import type { PresenceRow } from 'y-electric/protocol'
import { documentExists, unlessDeleted } from './deleted.ts'

/** The table and columns that the shape of a document's presence is made of. */
export const AWARENESS_SHAPE = {
  table: 'ydoc_awareness',
  columns: 'doc_id,client_id,data',
  where: 'doc_id = $1',
} as const

/** The largest id of a Yjs client: 32 bits. */
export const MAX_CLIENT_ID = 2 ** 32 - 1

/** A row that is this old is of a client that is long gone; the next arrival clears it away. */
const STALE_AFTER = '5 minutes'

/** Writes a client's presence over what it was. @throws {RequestError} deleted */
export async function putAwareness(
  pool: pg.Pool,
  docId: string,
  clientId: number,
  data: Uint8Array,
): Promise<void> {
  const { rows } = await unlessDeleted(
    pool.query<{ arrived: boolean }>({
      name: 'ydoc_put_awareness',
      text: 'SELECT ydoc_put_awareness($1, $2, $3) AS arrived',
      values: [docId, clientId, Buffer.from(data.buffer, data.byteOffset, data.byteLength)],
    }),
  )
  if (rows[0]?.arrived) await clearStale(pool, docId)
}

/** A client says that it leaves. */
export async function deleteAwareness(
  pool: pg.Pool,
  docId: string,
  clientId: number,
): Promise<void> {
  await pool.query('DELETE FROM ydoc_awareness WHERE doc_id = $1 AND client_id = $2', [
    docId,
    clientId,
  ])
}

async function clearStale(pool: pg.Pool, docId: string): Promise<void> {
  await pool.query(
    `DELETE FROM ydoc_awareness WHERE doc_id = $1 AND updated_at < now() - interval '${STALE_AFTER}'`,
    [docId],
  )
}

/**
 * Everybody's presence, and how long ago each was written, by the database's own clock. A row that no
 * client can have written (its id or its time cannot be told in the answer) is left out, so that it
 * hides nobody.
 * @throws {RequestError} deleted
 */
export async function readAwareness(pool: pg.Pool, docId: string): Promise<PresenceRow[]> {
  const { rows } = await pool.query<{ client_id: string; age_ms: number; data: Buffer }>(
    `SELECT client_id, data,
            greatest(0, extract(epoch FROM clock_timestamp() - updated_at) * 1000)::float8 AS age_ms
     FROM ydoc_awareness
     WHERE doc_id = $1 AND client_id BETWEEN 0 AND $2 AND isfinite(updated_at)
     ORDER BY client_id`,
    [docId, MAX_CLIENT_ID],
  )
  if (rows.length === 0) await documentExists(pool, docId)
  return rows.map((row) => ({
    clientId: Number(row.client_id),
    ageMs: Math.round(row.age_ms),
    data: row.data,
  }))
}
