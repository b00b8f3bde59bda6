import { DEFAULT_UPDATES_LIMIT, listUpdates, MAX_UPDATES_LIMIT } from '../documents/update-list.ts'
import type { RouteContext } from './context.ts'
import type { RouteHandler } from './description.ts'
import { digits, parameter, readRequired } from './parameters.ts'

export const AFTER_SEQ = parameter(
  {
    name: 'after',
    description: 'Only rows with a larger seq: `next` of the previous page.',
    fallback: 0,
  },
  digits(),
)

export const UPDATES_LIMIT = parameter(
  { name: 'limit', description: 'The most rows on a page.', fallback: DEFAULT_UPDATES_LIMIT },
  digits(1, MAX_UPDATES_LIMIT),
)

/** `GET /docs/:docId/updates`: the stored update rows without their bytes, by seq, page by page. */
export function getUpdates({ pool }: RouteContext): RouteHandler {
  return async (c, { docId }) => {
    const after = readRequired(c, AFTER_SEQ)
    const limit = readRequired(c, UPDATES_LIMIT)
    const page = await listUpdates(pool, docId, { after, limit })
    return c.json(page, 200, { 'cache-control': 'private, no-cache' })
  }
}
