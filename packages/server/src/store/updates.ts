import type pg from 'pg'
import { unlessDeleted } from './deleted.ts'

/** What became of an append: the row's seq, and whether this call made it or an earlier one with the same batch. */
export interface Appended {
  readonly seq: number
  readonly created: boolean
}

export interface AppendOptions {
  /** From this row on, the document keeps the content of what is deleted; false changes nothing. */
  readonly keepHistory?: boolean
}

/** The document's id in a call, by a call that first says that the document keeps its history. */
const docIdIn = (keepHistory: boolean): string => (keepHistory ? 'ydoc_keep_history($1)' : '$1')

/**
 * Appends one update row to the document's active segment. When it resolves, the row is committed.
 * The same `batchId` again, also at the same time, is answered with the first row's seq.
 * @throws {RequestError} deleted
 */
export async function appendUpdate(
  pool: pg.Pool,
  docId: string,
  batchId: string,
  data: Uint8Array,
  { keepHistory = false }: AppendOptions = {},
): Promise<Appended> {
  const { rows } = await unlessDeleted(
    pool.query<{ row_seq: string; created: boolean }>({
      name: keepHistory ? 'ydoc_append_keeping' : 'ydoc_append',
      text: `SELECT row_seq, created FROM ydoc_append(${docIdIn(keepHistory)}, $2, $3)`,
      values: [docId, batchId, Buffer.from(data.buffer, data.byteOffset, data.byteLength)],
    }),
  )
  const [row] = rows
  if (row === undefined) throw new Error('ydoc_append returned no row')
  return { seq: Number(row.row_seq), created: row.created }
}

/** One update row to be. */
export interface Batch {
  readonly batchId: string
  /** Yjs v1. */
  readonly update: Uint8Array
}

/**
 * Appends several update rows in one transaction: everybody sees all of them or none.
 * @returns the seq of the last
 * @throws {RequestError} deleted
 */
export async function appendUpdates(
  client: Pick<pg.Pool, 'query'>,
  docId: string,
  batches: readonly Batch[],
  { keepHistory = false }: AppendOptions = {},
): Promise<number> {
  const { rows } = await unlessDeleted(
    client.query<{ seq: string }>(
      `SELECT ydoc_append_all(${docIdIn(keepHistory)}, $2, $3) AS seq`,
      [
        docId,
        batches.map(({ batchId }) => batchId),
        batches.map(({ update }) =>
          Buffer.from(update.buffer, update.byteOffset, update.byteLength),
        ),
      ],
    ),
  )
  return Number(rows[0]?.seq)
}
