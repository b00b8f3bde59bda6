import type pg from 'pg'
import { unlessDeleted } from './deleted.ts'
import { inTransaction } from './transaction.ts'

/** A row to set aside. */
export interface RowToSetAside {
  readonly table: 'ydoc_update' | 'ydoc_snapshot' | 'ydoc_awareness'
  /** Its seq; for a presence row, the client id. */
  readonly seq: number
  readonly reason: string
  /** Replaces the row, with a new seq: an update to append, or the bytes of a snapshot row. */
  readonly replacement?: Uint8Array | undefined
}

/** Deletes a row and returns its stored values. A presence row may have changed since it was read. */
const TAKE = {
  ydoc_update: `DELETE FROM ydoc_update WHERE doc_id = $1 AND seq = $2
    RETURNING doc_id, seq, segment, batch_id, data`,
  ydoc_snapshot: `DELETE FROM ydoc_snapshot WHERE doc_id = $1 AND seq = $2
    RETURNING doc_id, seq, through_segment AS segment, NULL::uuid AS batch_id, data`,
  ydoc_awareness: `DELETE FROM ydoc_awareness WHERE doc_id = $1 AND client_id = $2
    RETURNING doc_id, client_id AS seq, NULL::int AS segment, NULL::uuid AS batch_id, data`,
} as const

/** Copies a snapshot row without its segment, which only one row can have. */
const COPY_SNAPSHOT = `
  INSERT INTO ydoc_snapshot
    (doc_id, data, folded_rows, folded_bytes, created_at, label, created_by, keep_history,
     structs)
  SELECT doc_id, $3, folded_rows, folded_bytes, created_at, label, created_by, keep_history, structs
  FROM ydoc_snapshot WHERE doc_id = $1 AND seq = $2
  RETURNING seq`

/**
 * Moves rows into `ydoc_set_aside`, all or none, while no client writes or folds the document.
 * @returns the rows that still existed
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
    for (const row of rows) if (await moveRow(client, docId, row)) moved.push(row)
    return moved
  })
}

async function moveRow(
  client: pg.PoolClient,
  docId: string,
  { table, seq, reason, replacement }: RowToSetAside,
): Promise<boolean> {
  const copy =
    table === 'ydoc_snapshot' && replacement !== undefined
      ? await client.query<{ seq: string }>(COPY_SNAPSHOT, [docId, seq, Buffer.from(replacement)])
      : null
  const { rows } = await client.query<{ segment: number | null }>(
    `WITH taken AS (${TAKE[table]})
     INSERT INTO ydoc_set_aside (doc_id, source, source_seq, segment, batch_id, data, reason)
     SELECT doc_id, $3, seq, segment, batch_id, data, $4 FROM taken RETURNING segment`,
    [docId, seq, table, storable(reason)],
  )
  const [taken] = rows
  if (taken === undefined) return false
  if (copy !== null) {
    await client.query('UPDATE ydoc_snapshot SET through_segment = $2 WHERE seq = $1', [
      copy.rows[0]?.seq,
      taken.segment,
    ])
  } else if (replacement !== undefined) {
    const values = [docId, crypto.randomUUID(), Buffer.from(replacement)]
    await client.query('SELECT ydoc_append($1, $2, $3)', values)
  }
  return true
}

/** A reason may quote a row. Postgres cannot store a NUL character, so the symbol for NUL replaces it. */
const storable = (reason: string): string => reason.replaceAll('\0', '\u2400')
