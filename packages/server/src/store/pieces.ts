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
 * text, of two characters a byte. V8 gives a string over 128 KiB memory pages of its own, and maps and unmaps them each
 * time, which blocks the event loop. PGlite also runs the statement on the event loop. An edit passes the event loop
 * several times on its way to another client, and waits for a piece each time.
 */
export const READ_BYTES = 60 * 1024

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
): Promise<Uint8Array[]> {
  const data: Uint8Array[] = []
  let before = 0
  for (const { seqs, bytes } of inPieces(keys)) {
    const [first] = seqs
    if (bytes > READ_BYTES && first !== undefined) {
      const row = { docId, id: first, bytes }
      const pieces = valuePieces(client, 'ydoc_update', row, signal, before)
      for await (const piece of pieces) data.push(piece)
      before += bytes
      continue
    }
    signal?.throwIfAborted()
    const began = performance.now()
    const { rows } = await client.query<{ data: Buffer }>({ ...ROWS, values: [docId, seqs] })
    const read = rows[0]?.data
    if (read?.byteLength !== bytes) throw new Vanished()
    data.push(read)
    before += bytes
    await breather.afterPiece(before, performance.now() - began)
  }
  return data
}

const ROWS = {
  name: 'ydoc_rows_piece',
  text: `SELECT ${PACK_DATA} FROM ydoc_update WHERE doc_id = $1 AND seq = ANY($2::bigint[])`,
} as const

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

/** The tables with values of any size, and the column that identifies a row of a document. */
const VALUES = {
  ydoc_update: statementOf('ydoc_update', 'seq'),
  ydoc_snapshot: statementOf('ydoc_snapshot', 'seq'),
  ydoc_file: statementOf('ydoc_file', 'file_id'),
} as const

function statementOf(table: string, id: string) {
  const text = `SELECT substring(data FROM $3::int FOR $4::int) AS data FROM ${table} WHERE doc_id = $1 AND ${id} = $2`
  return { name: `${table}_piece`, text }
}

/** One stored value. Its row never changes, so no transaction is needed to read it. */
export interface StoredValue {
  readonly docId: string
  /** The seq of its row, or the id of a file. */
  readonly id: number | string
  readonly bytes: number
}

/**
 * Reads one value of any size in pieces.
 * @param before the bytes that the same reader has read before
 * @throws {Vanished} if its row is gone
 */
export async function* valuePieces(
  client: Queryable,
  table: keyof typeof VALUES,
  { docId, id, bytes }: StoredValue,
  signal?: AbortSignal,
  before = 0,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes; at += READ_BYTES) {
    signal?.throwIfAborted()
    const began = performance.now()
    const values = [docId, id, at + 1, READ_BYTES]
    const { rows } = await client.query<{ data: Buffer }>({ ...VALUES[table], values })
    const read = rows[0]?.data
    if (read?.byteLength !== Math.min(READ_BYTES, bytes - at)) throw new Vanished()
    const tookMs = performance.now() - began
    yield read
    await breather.afterPiece(before + at + read.byteLength, tookMs)
  }
}

/** Reads the bytes of a snapshot row in pieces, into one buffer. @throws {Vanished} if it is gone */
export async function readSnapshotData(
  client: Queryable,
  value: StoredValue,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  // Not from the shared pool of small buffers: a buffer of its own can be transferred to a worker.
  const into = Buffer.allocUnsafeSlow(value.bytes)
  let at = 0
  for await (const piece of valuePieces(client, 'ydoc_snapshot', value, signal)) {
    into.set(piece, at)
    at += piece.byteLength
  }
  return into
}

/** The weight of this many rows, keys and data. */
export const weightOf = (rows: number, bytes: number): number => rows * PACKED_ROW_BYTES + bytes
