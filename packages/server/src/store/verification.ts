import type pg from 'pg'
import { PACK_ROWS, type PackedRows } from './packed-rows.ts'

/** What a snapshot row says of itself. */
export interface StoredClaim {
  readonly seq: number
  /** Null when it was kept by name. */
  readonly throughSegment: number | null
  readonly bytes: number
  readonly foldedRows: number
  readonly foldedBytes: number
}

/** A presence row. */
export interface StoredPresence {
  readonly clientId: number
  readonly data: Uint8Array
}

/** All that is stored of a document, in one consistent read, but for the data of older snapshot rows. */
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
  /** Every update row, seals among them. */
  readonly rows: PackedRows
  readonly presence: readonly StoredPresence[]
}

interface StoredRecord extends PackedRows {
  active: number
  deleted_at: Date | null
  newest_seq: string | null
  through_segment: number | null
  newest_data: Buffer | null
  claims: StoredClaim[]
  presence: { clientId: number; hex: string }[]
}

const READ_STORED = `
  WITH newest AS (
    SELECT seq, through_segment, data FROM ydoc_snapshot
    WHERE doc_id = $1 AND through_segment IS NOT NULL
    ORDER BY through_segment DESC LIMIT 1
  )
  SELECT d.segment AS active, d.deleted_at,
         n.seq AS newest_seq, n.through_segment, n.data AS newest_data,
         (SELECT coalesce(json_agg(json_build_object(
                   'seq', seq, 'throughSegment', through_segment, 'bytes', length(data),
                   'foldedRows', folded_rows, 'foldedBytes', folded_bytes) ORDER BY seq), '[]')
          FROM ydoc_snapshot WHERE doc_id = $1) AS claims,
         (SELECT coalesce(json_agg(json_build_object(
                   'clientId', client_id, 'hex', encode(data, 'hex')) ORDER BY client_id), '[]')
          FROM ydoc_awareness WHERE doc_id = $1) AS presence,
         u.*
  FROM ydoc_document d
  LEFT JOIN newest n ON true
  CROSS JOIN (SELECT ${PACK_ROWS} FROM ydoc_update WHERE doc_id = $1) u
  WHERE d.doc_id = $1`

/** Reads what is stored; null when nothing ever was. */
export async function readStored(pool: pg.Pool, docId: string): Promise<StoredDocument | null> {
  const { rows } = await pool.query<StoredRecord>(READ_STORED, [docId])
  const [row] = rows
  if (row === undefined) return null
  const { count, seqs, segments, lengths, batchIds, data } = row
  return {
    activeSegment: row.active,
    deletedAt: row.deleted_at,
    newest:
      row.newest_data === null || row.through_segment === null
        ? null
        : {
            seq: Number(row.newest_seq),
            throughSegment: row.through_segment,
            data: row.newest_data,
          },
    claims: row.claims,
    rows: { count, seqs, segments, lengths, batchIds, data },
    presence: row.presence.map(({ clientId, hex }) => ({
      clientId,
      data: Buffer.from(hex, 'hex'),
    })),
  }
}

/**
 * Update rows whose batch is also a row of another document. Client and server give each batch an id
 * of its own, so one of the two was put there by something else. Looks through all update rows.
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
