import type pg from 'pg'
import { RequestError } from '../errors.ts'
import type { DocumentList } from '../schemas/documents.ts'
import { selectDocuments } from '../store/documents.ts'

/** The default and the largest number of documents on a page. */
export const DEFAULT_LIST_LIMIT = 100
export const MAX_LIST_LIMIT = 1000

export interface ListOptions {
  /** Only documents whose id begins with this. */
  readonly prefix?: string | undefined
  /** The last id of the previous page. */
  readonly after?: string | undefined
  /** Documents on a page, from 1 to 1000; default: 100. */
  readonly limit?: number | undefined
  /** Also list documents of which only the tombstone is left. */
  readonly includeDeleted?: boolean | undefined
  /** Only documents with these ids. Default: all. */
  readonly documents?: readonly string[] | null | undefined
}

/**
 * Lists documents, ordered by id, a page at a time.
 * @throws {RequestError} `invalid_request`, when the limit is not from 1 to 1000
 */
export async function listDocuments(
  pool: pg.Pool,
  {
    prefix = '',
    after,
    limit = DEFAULT_LIST_LIMIT,
    includeDeleted = false,
    documents: only = null,
  }: ListOptions = {},
): Promise<DocumentList> {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIST_LIMIT) {
    throw new RequestError('invalid_request', `limit is a whole number from 1 to ${MAX_LIST_LIMIT}`)
  }
  // One more than requested shows whether there is a next page.
  const found = await selectDocuments(pool, {
    prefix,
    after: after ?? null,
    limit: limit + 1,
    includeDeleted,
    documents: only,
  })
  const documents = found.slice(0, limit)
  const hasMore = found.length > limit
  return { documents, next: hasMore ? (documents.at(-1)?.docId ?? null) : null }
}
