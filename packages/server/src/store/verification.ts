import type pg from 'pg'
import { type ReadOptions, readDocument } from './document.ts'
import type { PackedRows } from './packed-rows.ts'

/** The numbers that a snapshot row holds about itself. */
export interface StoredClaim {
  readonly seq: number
  /** Null if it was kept by name. */
  readonly throughSegment: number | null
  readonly bytes: number
  readonly foldedRows: number
  readonly foldedBytes: number
}

/** The stored rows of a document, without the data of older snapshot rows and without presence rows. */
export interface StoredDocument {
  readonly activeSegment: number
  readonly deletedAt: Date | null
  /** The newest snapshot row that is part of the state. */
  readonly newest: {
    readonly seq: number
    readonly throughSegment: number
    readonly data: Uint8Array
  } | null
  readonly claims: readonly StoredClaim[]
  /** Every update row, including seals. */
  readonly rows: PackedRows
}

/**
 * Reads the stored rows; null if nothing was ever stored.
 * @throws {RequestError} document_too_large
 */
export async function readStored(
  pool: pg.Pool,
  docId: string,
  options: ReadOptions = {},
): Promise<StoredDocument | null> {
  // Read first: a snapshot row that a fold writes meanwhile would claim segments that are not sealed here.
  const claims = await readClaims(pool, docId)
  const read = await readDocument(pool, docId, { kind: 'all' }, null, options)
  if (read === null) return null
  const { activeSegment, deletedAt, snapshot, rows } = read
  const newest = snapshot === null ? null : { ...snapshot, data: snapshot.data ?? new Uint8Array() }
  return { activeSegment, deletedAt, newest, claims, rows }
}

async function readClaims(pool: pg.Pool, docId: string): Promise<StoredClaim[]> {
  const { rows } = await pool.query<{
    seq: string
    through_segment: number | null
    bytes: number
    folded_rows: number
    folded_bytes: string
  }>(
    `SELECT seq, through_segment, length(data) AS bytes, folded_rows, folded_bytes
     FROM ydoc_snapshot WHERE doc_id = $1 ORDER BY seq`,
    [docId],
  )
  return rows.map((row) => ({
    seq: Number(row.seq),
    throughSegment: row.through_segment,
    bytes: row.bytes,
    foldedRows: row.folded_rows,
    foldedBytes: Number(row.folded_bytes),
  }))
}

/**
 * Update rows whose batch is also a row of another document. Client and server give each batch an id
 * of its own, so something else stored one of the two, for example a script that copied rows.
 *
 * The batches are indexed by document, so this reads the keys of the update rows of all documents: it is
 * for operators, and no route calls it. An index over the batches alone would cost every append.
 */
export async function findForeignRows(
  pool: pg.Pool,
  docId: string,
): Promise<{ seq: number; otherDocId: string }[]> {
  const { rows } = await pool.query<{ seq: string; doc_id: string }>(
    `SELECT DISTINCT ON (mine.seq) mine.seq, other.doc_id
     FROM ydoc_update mine
     JOIN ydoc_update other ON other.batch_id = mine.batch_id AND other.doc_id <> mine.doc_id
     WHERE mine.doc_id = $1
     ORDER BY mine.seq, other.seq`,
    [docId],
  )
  return rows.map(({ seq, doc_id }) => ({ seq: Number(seq), otherDocId: doc_id }))
}
