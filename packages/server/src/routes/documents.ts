import { MAX_DOC_ID_LENGTH } from 'y-electric/protocol'
import { deleteDocument } from '../documents/delete.ts'
import { DEFAULT_LIST_LIMIT, listDocuments, MAX_LIST_LIMIT } from '../documents/list.ts'
import { choice, textOf } from '../schemas/values.ts'
import type { RouteContext } from './context.ts'
import type { RouteHandler } from './description.ts'
import { digits, parameter, read, readRequired, storableText } from './parameters.ts'

export const PREFIX = parameter(
  { name: 'prefix', description: 'Only documents whose ids begin with this.', fallback: '' },
  textOf(0, MAX_DOC_ID_LENGTH),
)

export const AFTER = parameter(
  {
    name: 'after',
    description: 'Only documents whose ids come after this one: `next` of the previous page.',
  },
  storableText(1, MAX_DOC_ID_LENGTH),
)

export const LIMIT = parameter(
  { name: 'limit', description: 'The most documents on a page.', fallback: DEFAULT_LIST_LIMIT },
  digits(1, MAX_LIST_LIMIT),
)

export const DELETED = parameter(
  { name: 'deleted', description: 'Also list deleted documents.' },
  choice(['true', 'false']),
)

/** `GET /docs`: the existing documents, by id, page by page. */
export function getDocuments({ pool }: RouteContext): RouteHandler {
  return async (c, { docId: prefix, documents }) => {
    const after = read(c, AFTER)
    const limit = readRequired(c, LIMIT)
    const includeDeleted = read(c, DELETED) === 'true'
    const page = await listDocuments(pool, {
      prefix,
      limit,
      includeDeleted,
      documents,
      ...(after !== null && { after }),
    })
    return c.json(page, 200, { 'cache-control': 'private, no-cache' })
  }
}

/** `DELETE /docs/:docId`: permanently. 200 with the number of deleted rows; the second time 410. */
export function deleteDoc({ pool, files }: RouteContext): RouteHandler {
  return async (c, { docId, user }) =>
    c.json(await deleteDocument(pool, docId, { deletedBy: user, files: files ?? undefined }), 200, {
      'cache-control': 'no-store',
    })
}
