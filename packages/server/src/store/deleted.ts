import type pg from 'pg'
import { RequestError } from '../errors.ts'

/** The SQLSTATE that the functions of the schema raise if the document was deleted. */
const DELETED_SQLSTATE = 'YD410'

export const deletedError = (cause?: unknown): RequestError =>
  new RequestError('deleted', 'this document was deleted', { cause })

/**
 * Returns a statement's result.
 * @throws {RequestError} deleted, if the statement failed because the document was deleted
 */
export async function unlessDeleted<T>(statement: Promise<T>): Promise<T> {
  try {
    return await statement
  } catch (error) {
    const isDeleted = error instanceof Error && 'code' in error && error.code === DELETED_SQLSTATE
    throw isDeleted ? deletedError(error) : error
  }
}

/** Whether anything was ever stored for a document. @throws {RequestError} deleted */
export async function documentExists(
  pool: Pick<pg.Pool, 'query'>,
  docId: string,
): Promise<boolean> {
  const { rows } = await pool.query<{ is_deleted: boolean }>({
    name: 'ydoc_document_exists',
    text: 'SELECT deleted_at IS NOT NULL AS is_deleted FROM ydoc_document WHERE doc_id = $1',
    values: [docId],
  })
  if (rows[0]?.is_deleted) throw deletedError()
  return rows.length > 0
}
