import { type Limits, RequestError } from '@y-electric/server'
import {
  createDocument,
  requireDocId,
  requireFits,
  type Version,
} from '@y-electric/server/extension'
import type pg from 'pg'
import * as Y from 'yjs'

/** The first row of a document. */
export interface FirstRow {
  readonly seq: number
  /** Stored bytes. */
  readonly bytes: number
}

/**
 * Stores the first content of a document (Yjs v2), if nothing was ever stored for it: as an update row if it
 * fits into one, otherwise as a snapshot row, which is not subject to the limit of an update row and makes
 * joins cheaper.
 * @returns null if the document already existed
 * @throws {RequestError} `invalid_doc_id`, `invalid_content` if the content is empty,
 * `snapshot_too_large`, `deleted`
 */
export async function createFrom(
  pool: pg.Pool,
  docId: string,
  { data: content, structs }: Version,
  { keepHistory, limits }: { readonly keepHistory: boolean; readonly limits: Limits },
): Promise<FirstRow | null> {
  const { maxUpdateBytes, maxUpdateStructs, maxSnapshotBytes } = limits
  requireDocId(docId)
  if (isEmpty(content)) throw new RequestError('invalid_content', 'there is nothing to store')
  const fits = content.byteLength <= maxUpdateBytes && structs <= maxUpdateStructs
  const update = fits ? Y.convertUpdateFormatV2ToV1(content) : null
  if (update !== null && update.byteLength <= maxUpdateBytes) {
    const batchId = crypto.randomUUID()
    const row = { batchId, update, structs, keepHistory }
    const seq = await createDocument(pool, docId, { kind: 'update', ...row })
    return seq === null ? null : { seq, bytes: update.byteLength }
  }
  requireFits(content, maxSnapshotBytes)
  const row = { data: content, structs, keepHistory }
  const seq = await createDocument(pool, docId, { kind: 'snapshot', ...row })
  return seq === null ? null : { seq, bytes: content.byteLength }
}

const EMPTY = Y.encodeStateAsUpdateV2(new Y.Doc({ guid: 'empty' }))

const isEmpty = (content: Uint8Array): boolean =>
  content.byteLength === EMPTY.byteLength && content.every((byte, i) => byte === EMPTY[i])
