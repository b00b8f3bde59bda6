import type pg from 'pg'
import { RequestError } from '../errors.ts'
import { type DocumentInfo, selectDocuments } from '../store/documents.ts'

/** Documents on a page when nothing is said, and at most. */
export const DEFAULT_LIST_LIMIT = 100
export const MAX_LIST_LIMIT = 1000

export interface ListOptions {
  /** Only documents whose id begins with it. */
  readonly prefix?: string | undefined
  /** The last id of the page before. */
  readonly after?: string | undefined
  /** Documents on a page, from 1 to 1000; 100 when nothing is said. */
  readonly limit?: number | undefined
  /** Also those of which only the tombstone is left. */
  readonly includeDeleted?: boolean | undefined
}

export interface DocumentList {
  readonly documents: readonly DocumentInfo[]
  /** What to pass as `after` for the next page; null on the last one. */
  readonly next: string | null
}

/**
 * Lists documents, ordered by id, a page at a time.
 * @throws {RequestError} `invalid_request`, when the limit is not from 1 to 1000
 */
export async function listDocuments(
  pool: pg.Pool,
  { prefix = '', after, limit = DEFAULT_LIST_LIMIT, includeDeleted = false }: ListOptions = {},
): Promise<DocumentList> {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIST_LIMIT) {
    throw new RequestError('invalid_request', `limit is a whole number from 1 to ${MAX_LIST_LIMIT}`)
  }
  // One more than asked for tells whether there is a next page.
  const found = await selectDocuments(pool, {
    prefix,
    after: after ?? null,
    limit: limit + 1,
    includeDeleted,
  })
  const documents = found.slice(0, limit)
  const hasMore = found.length > limit
  return { documents, next: hasMore ? (documents.at(-1)?.docId ?? null) : null }
}
