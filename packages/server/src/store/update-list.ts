import type pg from 'pg'
import type { UpdateInfo } from '../schemas/updates.ts'
import { documentExists } from './deleted.ts'

export interface UpdateFilter {
  /** Only rows with a larger seq. */
  readonly after: number
  readonly limit: number
}

interface UpdateRecord {
  readonly seq: string
  readonly segment: number
  readonly bytes: number
  readonly created_at: Date
}

/**
 * The stored update rows of a document by seq, without seals. A later segment has larger seqs, so the index by segment
 * has this order; by seq alone, Postgres could choose the index of all documents.
 * @throws {RequestError} deleted
 */
export async function selectUpdates(
  pool: pg.Pool,
  docId: string,
  { after, limit }: UpdateFilter,
): Promise<UpdateInfo[]> {
  const { rows } = await pool.query<UpdateRecord>(
    `SELECT seq, segment, length(data) AS bytes, created_at
     FROM ydoc_update WHERE doc_id = $1 AND seq > $2 AND data <> ''
     ORDER BY segment, seq LIMIT $3`,
    [docId, after, limit],
  )
  if (rows.length === 0) await documentExists(pool, docId)
  return rows.map((row) => ({
    seq: Number(row.seq),
    segment: row.segment,
    bytes: row.bytes,
    storedAt: row.created_at.toISOString(),
  }))
}
