import type pg from 'pg'

/** A snapshot row without its bytes. */
export interface SnapshotInfo {
  readonly seq: number
  readonly throughSegment: number
  readonly bytes: number
  readonly foldedRows: number
  readonly foldedBytes: number
  /** ISO 8601. */
  readonly createdAt: string
}

/** The snapshot rows of a document, newest first. */
export async function listSnapshots(pool: pg.Pool, docId: string): Promise<SnapshotInfo[]> {
  const { rows } = await pool.query<{
    seq: string
    through_segment: number
    bytes: number
    folded_rows: number
    folded_bytes: string
    created_at: Date
  }>(
    `SELECT seq, through_segment, length(data) AS bytes, folded_rows, folded_bytes, created_at
     FROM ydoc_snapshot WHERE doc_id = $1 ORDER BY through_segment DESC`,
    [docId],
  )
  return rows.map((row) => ({
    seq: Number(row.seq),
    throughSegment: row.through_segment,
    bytes: row.bytes,
    foldedRows: row.folded_rows,
    foldedBytes: Number(row.folded_bytes),
    createdAt: row.created_at.toISOString(),
  }))
}

/** The bytes of one snapshot row (Yjs v2); null when there is none with that seq. */
export async function readSnapshot(
  pool: pg.Pool,
  docId: string,
  seq: number,
): Promise<Uint8Array | null> {
  const { rows } = await pool.query<{ data: Buffer }>(
    'SELECT data FROM ydoc_snapshot WHERE doc_id = $1 AND seq = $2',
    [docId, seq],
  )
  return rows[0]?.data ?? null
}
