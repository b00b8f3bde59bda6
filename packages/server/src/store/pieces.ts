import type pg from 'pg'
import { nextTurn } from '../node.ts'
import { breather } from './breather.ts'
import {
  PACK_DATA,
  PACK_KEYS,
  PACKED_ROW_BYTES,
  type PackedRows,
  type RowKey,
  rowKeys,
} from './packed-rows.ts'

/**
 * The most stored bytes of a document that one statement reads together with its keys, and the most that one
 * statement writes.
 */
export const PIECE_BYTES = 1024 * 1024

/**
 * The most stored bytes that one statement reads of a larger document. `pg` receives bytea as hexadecimal
 * text, and one text has at most 512 MiB: a larger answer would throw inside its parser. PGlite runs a
 * statement on the event loop, and `pg` parses the answer of Postgres there. An edit passes the event loop
 * several times on its way to another client, and waits for a piece each time.
 */
export const READ_BYTES = 256 * 1024

/** The most rows that one statement reads. */
export const PIECE_ROWS = 16_384

/** Either a pool or one of its connections. */
export type Queryable = Pick<pg.Pool, 'query'>

/** Thrown when rows that were counted are gone: a fold or a deletion removed them meanwhile. */
export class Vanished extends Error {
  override readonly name = 'Vanished'
}

export type RowKeys = Omit<PackedRows, 'data'>

/**
 * Reads the keys of the rows that match `condition`, in pieces, in the order of segment and seq.
 * The pieces are one consistent read only if `client` is in a REPEATABLE READ transaction.
 * @param condition SQL over `u`, a row of ydoc_update; its parameters begin at $1
 */
export async function readKeys(
  client: Queryable,
  condition: string,
  values: readonly unknown[],
  signal?: AbortSignal,
): Promise<RowKeys> {
  const pieces: RowKeys[] = []
  let after: Pick<RowKey, 'segment' | 'seq'> = { segment: -1, seq: 0 }
  for (;;) {
    signal?.throwIfAborted()
    const [segment, seq, limit] = [1, 2, 3].map((place) => `$${values.length + place}`)
    const { rows } = await client.query<RowKeys>(
      `SELECT ${PACK_KEYS} FROM (
         SELECT seq, segment, batch_id, data FROM ydoc_update u
         WHERE ${condition} AND (segment, seq) > (${segment}::int, ${seq}::bigint)
         ORDER BY segment, seq LIMIT ${limit}) page`,
      [...values, after.segment, after.seq, PIECE_ROWS],
    )
    const [piece] = rows
    if (piece === undefined) throw new Error('an aggregate returned no row')
    pieces.push(piece)
    if (piece.count < PIECE_ROWS) return joinKeys(pieces)
    for (const key of rowKeys(piece)) after = key
    await nextTurn()
  }
}

const joinKeys = (pieces: readonly RowKeys[]): RowKeys => ({
  count: pieces.reduce((sum, { count }) => sum + count, 0),
  seqs: Buffer.concat(pieces.map(({ seqs }) => seqs)),
  segments: Buffer.concat(pieces.map(({ segments }) => segments)),
  lengths: Buffer.concat(pieces.map(({ lengths }) => lengths)),
  batchIds: Buffer.concat(pieces.map(({ batchIds }) => batchIds)),
})

/** Stored bytes of the rows. */
export function dataBytes(keys: RowKeys): number {
  let bytes = 0
  for (const { length } of rowKeys(keys)) bytes += length
  return bytes
}

/**
 * Reads the data of exactly these rows, in pieces. Rows never change, so no transaction is needed.
 * @throws {Vanished} if one of them is gone
 */
export async function readData(
  client: Queryable,
  docId: string,
  keys: RowKeys,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  // Not from the shared pool of small buffers: a buffer of its own can be transferred to a worker.
  const data = Buffer.allocUnsafeSlow(dataBytes(keys))
  let offset = 0
  let count = 0
  for (const piece of inPieces(keys)) {
    const [first] = piece.seqs
    const began = performance.now()
    if (piece.bytes > READ_BYTES && first !== undefined) {
      await readValue(
        client,
        'ydoc_update',
        { docId, seq: first, into: data, offset, ...piece },
        signal,
      )
    } else {
      signal?.throwIfAborted()
      const { rows } = await client.query<{ data: Buffer }>(
        `SELECT ${PACK_DATA} FROM ydoc_update WHERE doc_id = $1 AND seq = ANY($2::bigint[])`,
        [docId, piece.seqs],
      )
      const read = rows[0]?.data
      if (read?.byteLength !== piece.bytes) throw new Vanished()
      data.set(read, offset)
      await breather.afterPiece(count++, performance.now() - began)
    }
    offset += piece.bytes
  }
  return data
}

/** Consecutive rows that together form one piece; a row that is larger than a piece is alone. */
function* inPieces(keys: RowKeys): Generator<{ readonly seqs: number[]; readonly bytes: number }> {
  let seqs: number[] = []
  let bytes = 0
  for (const { seq, length } of rowKeys(keys)) {
    if (seqs.length > 0 && (bytes + length > READ_BYTES || seqs.length >= PIECE_ROWS)) {
      yield { seqs, bytes }
      seqs = []
      bytes = 0
    }
    if (length === 0) continue
    seqs.push(seq)
    bytes += length
  }
  if (seqs.length > 0) yield { seqs, bytes }
}

/** One stored value. Its row never changes, so no transaction is needed to read it. */
export interface StoredValue {
  readonly docId: string
  readonly seq: number
  readonly bytes: number
}

/** Reads one value of any size in pieces. @throws {Vanished} if its row is gone */
export async function* valuePieces(
  client: Queryable,
  table: 'ydoc_update' | 'ydoc_snapshot',
  { docId, seq, bytes }: StoredValue,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes; at += READ_BYTES) {
    signal?.throwIfAborted()
    const began = performance.now()
    const { rows } = await client.query<{ data: Buffer }>(
      `SELECT substring(data FROM $3::int FOR $4::int) AS data FROM ${table} WHERE doc_id = $1 AND seq = $2`,
      [docId, seq, at + 1, READ_BYTES],
    )
    const read = rows[0]?.data
    if (read?.byteLength !== Math.min(READ_BYTES, bytes - at)) throw new Vanished()
    const tookMs = performance.now() - began
    yield read
    await breather.afterPiece(at / READ_BYTES, tookMs)
  }
}

interface Target extends StoredValue {
  readonly into: Uint8Array
  readonly offset: number
}

/** Reads one value into a buffer. @throws {Vanished} if its row is gone */
async function readValue(
  client: Queryable,
  table: 'ydoc_update' | 'ydoc_snapshot',
  { into, offset, ...value }: Target,
  signal: AbortSignal | undefined,
): Promise<void> {
  let at = offset
  for await (const piece of valuePieces(client, table, value, signal)) {
    into.set(piece, at)
    at += piece.byteLength
  }
}

/** Reads the bytes of a snapshot row in pieces. @throws {Vanished} if it is gone */
export async function readSnapshotData(
  client: Queryable,
  value: StoredValue,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const into = Buffer.allocUnsafeSlow(value.bytes)
  await readValue(client, 'ydoc_snapshot', { ...value, into, offset: 0 }, signal)
  return into
}

/** The weight of this many rows, keys and data. */
export const weightOf = (rows: number, bytes: number): number => rows * PACKED_ROW_BYTES + bytes
