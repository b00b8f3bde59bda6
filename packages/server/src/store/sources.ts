import type pg from 'pg'
import { PACK_ROWS, type PackedRows } from './packed-rows.ts'
import { SUM_STRUCTS, UNCOUNTED } from './structs.ts'

/** What a document is made of now, in one consistent read. */
export interface DocumentSources {
  readonly activeSegment: number
  readonly createdAt: Date
  readonly deletedAt: Date | null
  /** Whether every fold of the document keeps deleted content. */
  readonly keepHistory: boolean
  /** The newest snapshot row that is part of the state. */
  readonly snapshot: {
    readonly seq: number
    readonly throughSegment: number
    readonly data: Uint8Array
    readonly createdAt: Date
  } | null
  /** Update rows after it, seals not among them. */
  readonly rows: PackedRows
  /** When the newest of these was written. */
  readonly changedAt: Date | null
  /** Sealed segments that wait to be folded. */
  readonly sealedSegments: number
  /** How many structs the snapshot row and the update rows hold. */
  readonly structs: number
}

interface SourcesRecord extends PackedRows {
  segment: number
  created_at: Date
  deleted_at: Date | null
  keep_history: boolean
  snapshot_seq: string | null
  through_segment: number | null
  snapshot_data: Buffer | null
  snapshot_created_at: Date | null
  changed_at: Date | null
  snapshot_structs: number | null
  structs: number
}

const READ_SOURCES = `
  WITH newest AS (
    SELECT seq, through_segment, data, created_at, structs FROM ydoc_snapshot
    WHERE doc_id = $1 AND through_segment IS NOT NULL
    ORDER BY through_segment DESC LIMIT 1
  ), after AS (
    SELECT seq, segment, batch_id, data, created_at, structs FROM ydoc_update
    WHERE doc_id = $1 AND data <> ''
      AND segment > coalesce((SELECT through_segment FROM newest), -1)
  )
  SELECT d.segment, d.created_at, d.deleted_at, d.keep_history,
         n.seq AS snapshot_seq, n.through_segment, n.data AS snapshot_data,
         n.created_at AS snapshot_created_at, n.structs AS snapshot_structs, a.*
  FROM ydoc_document d
  LEFT JOIN newest n ON true
  CROSS JOIN (
    SELECT ${PACK_ROWS}, max(created_at) AS changed_at, ${SUM_STRUCTS} AS structs FROM after
  ) a
  WHERE d.doc_id = $1`

/** Reads what a document is made of; null when nothing was ever stored of it. */
export async function readSources(pool: pg.Pool, docId: string): Promise<DocumentSources | null> {
  const { rows } = await pool.query<SourcesRecord>(READ_SOURCES, [docId])
  const [row] = rows
  if (row === undefined) return null
  const { count, seqs, segments, lengths, batchIds, data } = row
  const hasSnapshot = row.snapshot_data !== null && row.through_segment !== null
  return {
    activeSegment: row.segment,
    createdAt: row.created_at,
    deletedAt: row.deleted_at,
    keepHistory: row.keep_history,
    snapshot: hasSnapshot
      ? {
          seq: Number(row.snapshot_seq),
          throughSegment: row.through_segment as number,
          data: row.snapshot_data as Buffer,
          createdAt: row.snapshot_created_at as Date,
        }
      : null,
    rows: { count, seqs, segments, lengths, batchIds, data },
    changedAt: row.changed_at,
    structs: row.structs + (hasSnapshot ? (row.snapshot_structs ?? UNCOUNTED) : 0),
    sealedSegments: Math.max(0, row.segment - (row.through_segment ?? -1) - 1),
  }
}
