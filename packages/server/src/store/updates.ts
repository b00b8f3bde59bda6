import type pg from 'pg'
import type { Limits } from '../limits.ts'
import { unlessDeleted } from './deleted.ts'
import { PIECE_BYTES } from './pieces.ts'
import { inTransaction } from './transaction.ts'

/** The outcome of an append: the row's seq, and whether this call or an earlier one with the same batch stored it. */
export interface Appended {
  readonly seq: number
  readonly created: boolean
}

export interface AppendOptions {
  /** The most bytes that one transaction may add to a segment with live readers. */
  readonly maxTransactionBytes: Limits['maxTransactionBytes']
  /** From this row on, the document keeps deleted content; false changes nothing. */
  readonly keepHistory?: boolean
}

/** The document id as an SQL argument, through a call that first sets `keep_history` if needed. */
const docIdIn = (keepHistory: boolean): string => (keepHistory ? 'ydoc_keep_history($1)' : '$1')

/**
 * Appends one update row to the document's active segment. When it resolves, the row is committed (ACK-1).
 * The same `batchId` again, even concurrently, gets the seq of the first row (ACK-3).
 * @throws {RequestError} deleted
 */
export async function appendUpdate(
  pool: pg.Pool,
  docId: string,
  batch: Batch,
  options: AppendOptions,
): Promise<Appended> {
  if (batch.update.byteLength <= options.maxTransactionBytes) {
    return insertUpdate(pool, docId, batch, options)
  }
  return inTransaction(pool, async (client) => {
    const seq = await openSegmentFor(client, docId, batch)
    if (seq === null) return insertUpdate(client, docId, batch, options)
    if (options.keepHistory) await client.query('SELECT ydoc_keep_history($1)', [docId])
    return { seq, created: false }
  })
}

async function insertUpdate(
  client: Pick<pg.Pool, 'query'>,
  docId: string,
  { batchId, update, structs }: Batch,
  { keepHistory = false }: AppendOptions,
): Promise<Appended> {
  const { rows } = await unlessDeleted(
    client.query<{ row_seq: string; created: boolean }>({
      name: keepHistory ? 'ydoc_append_keeping' : 'ydoc_append',
      text: `SELECT row_seq, created FROM ydoc_append(${docIdIn(keepHistory)}, $2, $3, $4)`,
      values: [docId, batchId, bufferOf(update), structs],
    }),
  )
  const [row] = rows
  if (row === undefined) throw new Error('ydoc_append returned no row')
  return { seq: Number(row.row_seq), created: row.created }
}

/** One update row to append. */
export interface Batch {
  /** Null for a row that the app's own SQL stored. */
  readonly batchId: string | null
  /** Yjs v1. */
  readonly update: Uint8Array
  /** How many structs it holds; null if they were not counted. */
  readonly structs: number | null
}

/**
 * Appends several update rows in one transaction: every reader sees all of them or none.
 * @returns the seq of the last
 * @throws {RequestError} deleted
 */
export async function appendUpdates(
  pool: pg.Pool,
  docId: string,
  batches: readonly Batch[],
  options: AppendOptions,
): Promise<number> {
  return isLarge(batches, options)
    ? inTransaction(pool, (client) => appendUpdatesInside(client, docId, batches, options))
    : insertUpdates(pool, docId, batches, options)
}

/**
 * The same within the caller's transaction. It must run before any statement that takes the document's
 * shared lock, as most writes do: two holders of the shared lock would block each other.
 */
export async function appendUpdatesInside(
  client: pg.PoolClient,
  docId: string,
  batches: readonly Batch[],
  options: AppendOptions,
): Promise<number> {
  if (!isLarge(batches, options)) return insertUpdates(client, docId, batches, options)
  await openSegmentFor(client, docId, null)
  let seq = 0
  // `pg` sends the rows of one call as one text, whose length is limited.
  for (const piece of inPieces(batches)) seq = await insertUpdates(client, docId, piece, options)
  return seq
}

/** Consecutive rows that together form one piece; a row that is larger than a piece is alone. */
function* inPieces(batches: readonly Batch[]): Generator<Batch[]> {
  let piece: Batch[] = []
  let bytes = 0
  for (const batch of batches) {
    if (piece.length > 0 && bytes + batch.update.byteLength > PIECE_BYTES) {
      yield piece
      piece = []
      bytes = 0
    }
    piece.push(batch)
    bytes += batch.update.byteLength
  }
  yield piece
}

const isLarge = (batches: readonly Batch[], { maxTransactionBytes }: AppendOptions): boolean =>
  batches.reduce((sum, { update }) => sum + update.byteLength, 0) > maxTransactionBytes

/**
 * Opens a segment for rows that are too large for a live stream. A real Electric stalls the live streams of a shape
 * that gets more than about 10 MB of log in one transaction, for up to a minute. So these rows go first into a
 * segment that no client streams yet. Live readers only get the seal of the previous segment, and read the new
 * segment in chunks, like any segment that they enter.
 * @param retried if its row is already stored, its seq is returned and no segment is opened
 * @throws {RequestError} deleted
 */
async function openSegmentFor(
  client: pg.PoolClient,
  docId: string,
  retried: Batch | null,
): Promise<number | null> {
  await client.query('SELECT pg_advisory_xact_lock(ydoc_lock_key($1))', [docId])
  if (retried !== null) {
    const { rows } = await client.query<{ seq: string }>(
      'SELECT seq FROM ydoc_update WHERE doc_id = $1 AND batch_id = $2',
      [docId, retried.batchId],
    )
    if (rows[0] !== undefined) return Number(rows[0].seq)
  }
  // Readers may already follow the first segment of a document that was never written.
  await client.query('INSERT INTO ydoc_document (doc_id) VALUES ($1) ON CONFLICT DO NOTHING', [
    docId,
  ])
  await unlessDeleted(
    client.query('SELECT ydoc_roll(doc_id, segment) FROM ydoc_document WHERE doc_id = $1', [docId]),
  )
  return null
}

async function insertUpdates(
  client: Pick<pg.Pool, 'query'>,
  docId: string,
  batches: readonly Batch[],
  { keepHistory = false }: AppendOptions,
): Promise<number> {
  const { rows } = await unlessDeleted(
    client.query<{ seq: string }>(
      `SELECT ydoc_append_all(${docIdIn(keepHistory)}, $2, $3, $4) AS seq`,
      [
        docId,
        batches.map(({ batchId }) => batchId),
        batches.map(({ update }) => bufferOf(update)),
        batches.map(({ structs }) => structs),
      ],
    ),
  )
  return Number(rows[0]?.seq)
}

/** The same bytes as a Buffer, which `pg` sends as bytea. */
export const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)
