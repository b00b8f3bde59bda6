import type pg from 'pg'
import { RequestError } from '../errors.ts'
import type { UpdateList } from '../schemas/updates.ts'
import { selectUpdates } from '../store/update-list.ts'

/** The default and the largest number of update rows on a page. */
export const DEFAULT_UPDATES_LIMIT = 1000
export const MAX_UPDATES_LIMIT = 10_000

export interface UpdateListOptions {
  /** Only rows with a larger seq: `next` of the previous page. Default: 0. */
  readonly after?: number | undefined
  /** Rows on a page, from 1 to 10,000; default: 1000. */
  readonly limit?: number | undefined
}

/**
 * Lists the stored update rows of a document without their bytes, ordered by seq, a page at a time. Rows that were
 * folded are in a snapshot row and not in the list.
 * @throws {RequestError} `deleted`; `invalid_request`, when the limit is not from 1 to 10,000
 */
export async function listUpdates(
  pool: pg.Pool,
  docId: string,
  { after = 0, limit = DEFAULT_UPDATES_LIMIT }: UpdateListOptions = {},
): Promise<UpdateList> {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_UPDATES_LIMIT) {
    throw new RequestError(
      'invalid_request',
      `limit is a whole number from 1 to ${MAX_UPDATES_LIMIT}`,
    )
  }
  // One more than requested shows whether there is a next page.
  const found = await selectUpdates(pool, docId, { after, limit: limit + 1 })
  const updates = found.slice(0, limit)
  return { updates, next: found.length > limit ? (updates.at(-1)?.seq ?? null) : null }
}
