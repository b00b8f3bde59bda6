import type pg from 'pg'
import { unlessDeleted } from './deleted.ts'
import type { Batch } from './updates.ts'

/** The first row of a document: an update row, or a snapshot row if the content is too large for one. */
export type FirstContent = (
  | ({ readonly kind: 'update' } & Batch)
  | {
      readonly kind: 'snapshot'
      /** Yjs v2. */
      readonly data: Uint8Array
      /** How many structs it holds. */
      readonly structs: number
    }
) & {
  /** Whether the document keeps deleted content. */
  readonly keepHistory: boolean
}

/**
 * Gives a document its first content, if nothing was ever stored for it. Of any number of concurrent
 * calls, one succeeds.
 * @returns the seq of the row; null if the document already existed
 * @throws {RequestError} deleted
 */
export async function createDocument(
  pool: pg.Pool,
  docId: string,
  content: FirstContent,
): Promise<number | null> {
  const values =
    content.kind === 'update'
      ? [docId, content.batchId, bufferOf(content.update), null]
      : [docId, null, null, bufferOf(content.data)]
  const { rows } = await unlessDeleted(
    pool.query<{ seq: string | null }>('SELECT ydoc_create($1, $2, $3, $4, $5, $6) AS seq', [
      ...values,
      content.keepHistory,
      content.structs,
    ]),
  )
  const seq = rows[0]?.seq ?? null
  return seq === null ? null : Number(seq)
}

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)
