import { setImmediate as nextTurn } from 'node:timers/promises'
import type pg from 'pg'
import type { PresenceRow } from 'y-electric/protocol'
import { RequestError } from '../errors.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { documentExists, unlessDeleted } from './deleted.ts'
import { PIECE_BYTES } from './pieces.ts'

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

/** A presence row as it is stored. */
export interface StoredPresence extends PresenceRow {
  /** False for a row that no client can have written: its time cannot be told in an answer. */
  readonly isFinite: boolean
}

/** How many presence rows one statement looks at. */
const PAGE_ROWS = 1_024

const BEFORE_ALL_IDS = '-9223372036854775808'

/**
 * All presence rows of a document, in pieces of at most {@link PIECE_BYTES}, and how long ago each was
 * written, by the database's own clock. The pieces are of different moments: presence is not history.
 */
export async function* presencePieces(
  pool: pg.Pool,
  docId: string,
): AsyncGenerator<StoredPresence[]> {
  let after = BEFORE_ALL_IDS
  for (;;) {
    const { rows } = await pool.query<{
      client_id: string
      age_ms: number
      is_finite: boolean
      data: Buffer
    }>(
      `SELECT client_id, data, isfinite(updated_at) AS is_finite,
              CASE WHEN isfinite(updated_at) THEN
                greatest(0, extract(epoch FROM clock_timestamp() - updated_at) * 1000)::float8
              ELSE 0 END AS age_ms
       FROM (SELECT *, sum(length(data)) OVER (ORDER BY client_id) AS through
             FROM (SELECT client_id, data, updated_at FROM ydoc_awareness
                   WHERE doc_id = $1 AND client_id > $2 ORDER BY client_id LIMIT $3) page) summed
       WHERE through - length(data) = 0 OR through <= $4
       ORDER BY client_id`,
      [docId, after, PAGE_ROWS, PIECE_BYTES],
    )
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.client_id
    yield rows.map((row) => ({
      clientId: Number(row.client_id),
      ageMs: Math.round(row.age_ms),
      isFinite: row.is_finite,
      data: row.data,
    }))
    await nextTurn()
  }
}

/**
 * Everybody's presence. A row that no client can have written (its id or its time cannot be told in
 * the answer) is left out, so that it hides nobody.
 * @throws {RequestError} deleted, document_too_large
 */
export async function readAwareness(
  pool: pg.Pool,
  docId: string,
  maxBytes: number = DEFAULT_LIMITS.maxDocumentBytes,
): Promise<PresenceRow[]> {
  const present: PresenceRow[] = []
  let bytes = 0
  for await (const rows of presencePieces(pool, docId)) {
    for (const { clientId, ageMs, data, isFinite: hasTime } of rows) {
      bytes += data.byteLength
      if (hasTime && clientId >= 0 && clientId <= MAX_CLIENT_ID) {
        present.push({ clientId, ageMs, data })
      }
    }
    if (bytes > maxBytes) {
      throw new RequestError(
        'document_too_large',
        `the presence rows of this document have more than maxDocumentBytes (${maxBytes})`,
      )
    }
  }
  if (bytes === 0) await documentExists(pool, docId)
  return present
}
