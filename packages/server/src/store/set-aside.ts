import type pg from 'pg'
import { unlessDeleted } from './deleted.ts'
import { inTransaction } from './transaction.ts'

/** A row that is to be moved out of the way. */
export interface RowToSetAside {
  readonly table: 'ydoc_update' | 'ydoc_snapshot' | 'ydoc_awareness'
  /** Its seq; of a presence row, the client id. */
  readonly seq: number
  readonly reason: string
}

/** Takes the rows away and gives back what is kept of them. A presence row may have changed since. */
const TAKE = {
  ydoc_update: `DELETE FROM ydoc_update WHERE doc_id = $1 AND seq = $2
    RETURNING doc_id, seq, segment, batch_id, data`,
  ydoc_snapshot: `DELETE FROM ydoc_snapshot WHERE doc_id = $1 AND seq = $2
    RETURNING doc_id, seq, through_segment AS segment, NULL::uuid AS batch_id, data`,
  ydoc_awareness: `DELETE FROM ydoc_awareness WHERE doc_id = $1 AND client_id = $2
    RETURNING doc_id, client_id AS seq, NULL::int AS segment, NULL::uuid AS batch_id, data`,
} as const

/**
 * Moves rows into `ydoc_set_aside`, all or none, while nobody writes or folds the document.
 * @returns the rows that were still there
 */
export function setAside(
  pool: pg.Pool,
  docId: string,
  rows: readonly RowToSetAside[],
): Promise<RowToSetAside[]> {
  return inTransaction(pool, async (client) => {
    // The compaction lock comes first, as in a fold.
    await client.query('SELECT pg_advisory_xact_lock(ydoc_compaction_key($1))', [docId])
    await client.query('SELECT pg_advisory_xact_lock(ydoc_lock_key($1))', [docId])
    await unlessDeleted(client.query('SELECT ydoc_refuse_deleted($1)', [docId]))
    const moved: RowToSetAside[] = []
    for (const row of rows) {
      const { rowCount } = await client.query(
        `WITH taken AS (${TAKE[row.table]})
         INSERT INTO ydoc_set_aside (doc_id, source, source_seq, segment, batch_id, data, reason)
         SELECT doc_id, $3, seq, segment, batch_id, data, $4 FROM taken`,
        [docId, row.seq, row.table, row.reason],
      )
      if (rowCount === 1) moved.push(row)
    }
    return moved
  })
}
