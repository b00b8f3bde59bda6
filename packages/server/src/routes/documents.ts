import { MAX_DOC_ID_LENGTH } from 'y-electric/protocol'
import { deleteDocument } from '../documents/delete.ts'
import { listDocuments, MAX_LIST_LIMIT } from '../documents/list.ts'
import type { RouteContext } from './context.ts'
import type { RouteHandler } from './description.ts'
import {
  choiceParameter,
  integerParameter,
  opaqueParameter,
  read,
  readRequired,
  textParameter,
} from './parameters.ts'

export const PREFIX = opaqueParameter({
  name: 'prefix',
  description: 'Only documents whose ids begin with this.',
  schema: { type: 'string', maxLength: MAX_DOC_ID_LENGTH, default: '' },
})

export const AFTER = textParameter({
  name: 'after',
  description: 'Only documents whose ids come after this one: `next` of the page before.',
  maxLength: MAX_DOC_ID_LENGTH,
})

export const LIMIT = integerParameter({
  name: 'limit',
  description: 'How many documents a page has at most.',
  minimum: 1,
  maximum: MAX_LIST_LIMIT,
  fallback: 100,
})

export const DELETED = choiceParameter({
  name: 'deleted',
  description: 'Deleted documents too.',
  values: ['true', 'false'],
})

/** `GET /docs`: the documents that there are, by id, page by page. */
export function getDocuments({ pool }: RouteContext): RouteHandler {
  return async (c, { docId: prefix }) => {
    const after = read(c, AFTER)
    const limit = readRequired(c, LIMIT)
    const includeDeleted = read(c, DELETED) === 'true'
    const page = await listDocuments(pool, {
      prefix,
      limit,
      includeDeleted,
      ...(after !== null && { after }),
    })
    return c.json(page, 200, { 'cache-control': 'private, no-cache' })
  }
}

/** `DELETE /docs/:docId`: for ever. 200 and how many rows are gone; the second time 410. */
export function deleteDoc({ pool }: RouteContext): RouteHandler {
  return async (c, { docId, user }) =>
    c.json(await deleteDocument(pool, docId, { deletedBy: user }), 200, {
      'cache-control': 'no-store',
    })
}
