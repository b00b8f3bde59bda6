import type pg from 'pg'
import { RequestError } from '../errors.ts'
import type { Deletion, DeletionProof } from '../schemas/documents.ts'
import { countRemains, deleteRows, type FileStore } from '../store/index.ts'
import { nothingStored } from './checks.ts'
import { forgetMerged } from './merged-cache.ts'

/**
 * Deletes everything stored for a document permanently, in one transaction over all tables. A tombstone
 * stays, and every later call about the document answers `deleted`. Clients that have it open stop at
 * once and keep their unsaved edits.
 * @param options.files the store of the document's files, if it is not the database. It deletes the files after the
 *   rows, and also if the document was deleted before, so that a failed deletion of files can be repeated
 * @throws {RequestError} `not_found` if nothing was ever stored, `deleted` if it was deleted before
 */
export async function deleteDocument(
  pool: pg.Pool,
  docId: string,
  {
    deletedBy = null,
    files,
  }: {
    readonly deletedBy?: string | null | undefined
    readonly files?: FileStore | undefined
  } = {},
): Promise<Deletion> {
  const deleted = await deleteRows(pool, docId, deletedBy).catch(async (error: unknown) => {
    if (error instanceof RequestError && error.code === 'deleted') await files?.deleteAll(docId)
    throw error
  })
  if (deleted === null) throw nothingStored()
  forgetMerged(pool, docId)
  await files?.deleteAll(docId)
  return { docId, ...deleted }
}

/** Counts the rows that the tables still hold of a document. It changes nothing. */
export async function verifyDeleted(pool: pg.Pool, docId: string): Promise<DeletionProof> {
  const { deletedAt, remaining } = await countRemains(pool, docId)
  const isEmpty = Object.values(remaining).every((rows) => rows === 0)
  return { docId, deletedAt, gone: deletedAt !== null && isEmpty, remaining }
}
