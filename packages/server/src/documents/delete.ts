import type pg from 'pg'
import { countRemains, type DeletedRows, deleteRows, type Remains } from '../store/index.ts'
import { nothingStored } from './checks.ts'

/** What became of a document that was deleted. */
export interface Deletion extends DeletedRows {
  readonly docId: string
}

/**
 * Deletes all that is stored of a document, in one transaction over all tables, for ever: a tombstone
 * stays, and every later call about it answers `deleted`. Whoever has it open stops at once; edits that
 * they had not saved stay with them.
 * @throws {RequestError} `not_found` when nothing was ever stored of it, `deleted` when it was deleted before
 */
export async function deleteDocument(
  pool: pg.Pool,
  docId: string,
  { deletedBy = null }: { readonly deletedBy?: string | null | undefined } = {},
): Promise<Deletion> {
  const deleted = await deleteRows(pool, docId, deletedBy)
  if (deleted === null) throw nothingStored()
  return { docId, ...deleted }
}

/** Whether anything is left of a document that was deleted. */
export interface DeletionProof extends Remains {
  readonly docId: string
  /** It was deleted, and no table holds anything of it any more. */
  readonly gone: boolean
}

/** Counts what the tables still hold of a document. It changes nothing. */
export async function verifyDeleted(pool: pg.Pool, docId: string): Promise<DeletionProof> {
  const { deletedAt, remaining } = await countRemains(pool, docId)
  const isEmpty = Object.values(remaining).every((rows) => rows === 0)
  return { docId, deletedAt, gone: deletedAt !== null && isEmpty, remaining }
}
