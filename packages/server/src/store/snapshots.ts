import type pg from 'pg'
import type { SnapshotInfo } from '../schemas/versions.ts'
import { documentExists, unlessDeleted } from './deleted.ts'
import { PIECE_BYTES, readSnapshotData, Vanished, valuePieces } from './pieces.ts'
import { UNCOUNTED } from './structs.ts'

interface SnapshotRecord {
  seq: string
  through_segment: number | null
  label: string | null
  created_by: string | null
  bytes: number
  folded_rows: number
  folded_bytes: string
  created_at: Date
}

const COLUMNS = `seq, through_segment, label, created_by, length(data) AS bytes, folded_rows,
  folded_bytes, created_at`

const toInfo = (row: SnapshotRecord): SnapshotInfo => ({
  seq: Number(row.seq),
  kind: row.through_segment === null ? 'kept' : 'fold',
  throughSegment: row.through_segment,
  label: row.label,
  createdBy: row.created_by,
  bytes: row.bytes,
  foldedRows: row.folded_rows,
  foldedBytes: Number(row.folded_bytes),
  createdAt: row.created_at.toISOString(),
})

/** The snapshot rows of a document, newest first. @throws {RequestError} deleted */
export async function listSnapshots(pool: pg.Pool, docId: string): Promise<SnapshotInfo[]> {
  const { rows } = await pool.query<SnapshotRecord>(
    `SELECT ${COLUMNS} FROM ydoc_snapshot WHERE doc_id = $1 ORDER BY seq DESC`,
    [docId],
  )
  if (rows.length === 0) await documentExists(pool, docId)
  return rows.map(toInfo)
}

/** One snapshot row without its bytes; null if it does not exist. @throws {RequestError} deleted */
export async function findSnapshot(
  pool: pg.Pool,
  docId: string,
  seq: number,
): Promise<SnapshotInfo | null> {
  const { rows } = await pool.query<SnapshotRecord>(
    `SELECT ${COLUMNS} FROM ydoc_snapshot WHERE doc_id = $1 AND seq = $2`,
    [docId, seq],
  )
  const [row] = rows
  if (row === undefined) await documentExists(pool, docId)
  return row === undefined ? null : toInfo(row)
}

/**
 * The bytes of one snapshot row (Yjs v2), read in pieces; null if there is none with that seq.
 * @throws {RequestError} deleted
 */
export async function readSnapshot(
  pool: pg.Pool,
  docId: string,
  seq: number,
  signal?: AbortSignal,
): Promise<Uint8Array | null> {
  const version = await readVersion(pool, docId, seq, signal)
  return version?.data ?? null
}

/** A version of a document: the bytes of a snapshot row (Yjs v2), and how many structs they hold. */
export interface Version {
  readonly data: Uint8Array
  readonly structs: number
}

/**
 * One snapshot row with its number of structs, read in pieces; null if there is none with that seq.
 * @throws {RequestError} deleted
 */
export async function readVersion(
  pool: pg.Pool,
  docId: string,
  seq: number,
  signal?: AbortSignal,
): Promise<Version | null> {
  const { rows } = await pool.query<{ bytes: number; data: Buffer | null; structs: number | null }>(
    `SELECT length(data) AS bytes, CASE WHEN length(data) <= $3 THEN data END AS data, structs
     FROM ydoc_snapshot WHERE doc_id = $1 AND seq = $2`,
    [docId, seq, PIECE_BYTES],
  )
  const [row] = rows
  if (row === undefined) {
    await documentExists(pool, docId)
    return null
  }
  const structs = row.structs ?? UNCOUNTED
  if (row.data !== null) return { data: row.data, structs }
  try {
    const data = await readSnapshotData(pool, { docId, id: seq, bytes: row.bytes }, signal)
    return { data, structs }
  } catch (error) {
    if (!(error instanceof Vanished)) throw error
    await documentExists(pool, docId)
    return null
  }
}

/** A snapshot row (Yjs v2) whose bytes are read on demand. */
export interface SnapshotBytes {
  readonly byteLength: number
  /** Throws if the row is deleted meanwhile. */
  readonly pieces: AsyncIterable<Uint8Array>
}

/**
 * One snapshot row, to be read in pieces; null if there is none with that seq.
 * @throws {RequestError} deleted
 */
export async function openSnapshot(
  pool: pg.Pool,
  docId: string,
  seq: number,
  signal?: AbortSignal,
): Promise<SnapshotBytes | null> {
  const found = await findSnapshot(pool, docId, seq)
  if (found === null) return null
  const { bytes } = found
  return {
    byteLength: bytes,
    pieces: valuePieces(pool, 'ydoc_snapshot', { docId, id: seq, bytes }, signal),
  }
}

/** A version to keep by name. */
export interface KeptVersion extends Version {
  readonly label: string
  readonly createdBy: string | null
  /** When the document had this content, ISO 8601; null for now. */
  readonly createdAt: string | null
}

/**
 * Stores a version by name. @returns its seq; null if nothing was ever stored for the document
 * @throws {RequestError} deleted
 */
export async function insertKept(
  client: Pick<pg.Pool, 'query'>,
  docId: string,
  { data, structs, label, createdBy, createdAt }: KeptVersion,
): Promise<number | null> {
  const { rows } = await unlessDeleted(
    client.query<{ seq: string | null }>('SELECT ydoc_keep($1, $2, $3, $4, $5, $6) AS seq', [
      docId,
      Buffer.from(data.buffer, data.byteOffset, data.byteLength),
      label,
      createdBy,
      createdAt,
      Number.isFinite(structs) ? structs : null,
    ]),
  )
  const seq = rows[0]?.seq ?? null
  return seq === null ? null : Number(seq)
}

/**
 * Gives a snapshot row a label, or removes it; null if there is no such row.
 * @throws {RequestError} deleted
 */
export async function setLabel(
  pool: pg.Pool,
  docId: string,
  seq: number,
  label: string | null,
): Promise<SnapshotInfo | null> {
  const { rows } = await pool.query<SnapshotRecord>(
    `UPDATE ydoc_snapshot SET label = $3 WHERE doc_id = $1 AND seq = $2 RETURNING ${COLUMNS}`,
    [docId, seq, label],
  )
  const [row] = rows
  if (row === undefined) await documentExists(pool, docId)
  return row === undefined ? null : toInfo(row)
}
