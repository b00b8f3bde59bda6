import type pg from 'pg'

/** What became of an append: the row's seq, and whether this call made it or an earlier one with the same batch. */
export interface Appended {
  readonly seq: number
  readonly created: boolean
}

/**
 * Appends one update row to the document's active segment. When it resolves, the row is committed.
 * The same `batchId` again, also at the same time, is answered with the first row's seq.
 */
export async function appendUpdate(
  pool: pg.Pool,
  docId: string,
  batchId: string,
  data: Uint8Array,
): Promise<Appended> {
  const { rows } = await pool.query<{ row_seq: string; created: boolean }>({
    name: 'ydoc_append',
    text: 'SELECT row_seq, created FROM ydoc_append($1, $2, $3)',
    values: [docId, batchId, Buffer.from(data.buffer, data.byteOffset, data.byteLength)],
  })
  const [row] = rows
  if (row === undefined) throw new Error('ydoc_append returned no row')
  return { seq: Number(row.row_seq), created: row.created }
}
