import type { Context } from 'hono'
import { RequestError } from '../errors.ts'
import { MAX_TITLE_LENGTH, type Titled } from '../schemas/documents.ts'
import { bodyOf, boolean, nullable, optional } from '../schemas/values.ts'
import { MAX_SHAPE_URL_LENGTH, type ShapeSource, shapeUrl } from '../shapes.ts'
import {
  completeVersions,
  documentsShape,
  isPlainPrefix,
  type ListShape,
  ping,
  setTitle,
  versionsShape,
} from '../store/index.ts'
import type { Allowed, RouteContext } from './context.ts'
import type { RouteHandler } from './description.ts'
import { followShape } from './follow-shape.ts'
import type { ShapeClient } from './forward-shape.ts'
import { readJson } from './json-body.ts'
import { ListChanged, type ListedIds } from './listed.ts'
import { live } from './live.ts'
import { storableText } from './parameters.ts'

const TITLE = storableText(1, MAX_TITLE_LENGTH)

/** The body of `PUT /docs/:docId/title`. */
export const TITLE_BODY = bodyOf({ title: nullable(TITLE), onlyNew: optional(boolean()) })

/**
 * `GET /documents`: Electric's protocol, for the documents that the user may list. The server alone writes which rows
 * these are (LIST-1). If the hook names other documents later, the next answer is `must-refetch`.
 */
export function followDocuments(context: RouteContext): RouteHandler {
  return async (c, allowed) => {
    requireComparable(context, allowed)
    // A shape service may answer from what it has read before. Like every list, this one is refused without the database.
    await ping(context.pool)
    const send = (documents: ListedIds) => (client: ShapeClient) =>
      followShape(context, client, listUrl(context, c, { ...allowed, documents }), null)
    try {
      return forOneUser(await live(context, c, allowed, send(allowed.documents)))
    } catch (error) {
      if (!(error instanceof ListChanged)) throw error
      // The handle in this request is that of the old list, so the shape service answers a long poll with
      // `must-refetch`, as the reader of an ended stream gets it with its next request.
      const { method, headers, signal } = c.req.raw
      return forOneUser(await send(error.documents)({ method, headers, signal }))
    }
  }
}

/** `GET /docs/:docId/versions`: Electric's protocol, for the versions of a document that have a label. */
export function followVersions(context: RouteContext): RouteHandler {
  return async (c, allowed) => {
    const { docId } = allowed
    // Electric would answer for a deleted document with an empty shape, not with an error.
    await completeVersions(context.pool, docId)
    const url = shapeUrl(context.shapes, versionsShape(docId), new URL(c.req.url).searchParams)
    return live(context, c, allowed, (client) => followShape(context, client, url, null))
  }
}

/** `PUT /docs/:docId/title` `{title, onlyNew?}`: 201 for a new document, 200 for one that exists. */
export function putTitle(context: RouteContext): RouteHandler {
  return async (c, { docId }) => {
    const words = `{"title": text of 1 to ${MAX_TITLE_LENGTH} characters, or null, "onlyNew"?: whether the document must be new}`
    const { title, onlyNew = false } = await readJson(c, TITLE_BODY, words)
    const outcome = await setTitle(context.pool, docId, title, onlyNew)
    if (outcome === 'exists') {
      throw new RequestError('document_exists', 'a document with this id exists already')
    }
    const status = outcome === 'created' ? 201 : 200
    return c.json({ docId, title } satisfies Titled, status, { 'cache-control': 'no-store' })
  }
}

/** @throws {RequestError} invalid_request */
function requireComparable({ shapes }: RouteContext, { docId: prefix, documents }: Allowed): void {
  if (shapes.seesCommits === true || documents !== null || isPlainPrefix(prefix)) return
  throw new RequestError(
    'invalid_request',
    'Electric cannot follow documents below a prefix with %, _ or \\: choose another prefix, or return the documents of the user from `authorize`',
  )
}

function listUrl(
  { shapes }: RouteContext,
  c: Context,
  { docId: prefix, documents }: Pick<Allowed, 'docId' | 'documents'>,
): URL {
  const shape = documentsShape({ prefix, documents })
  requireShort(shapes, shape)
  return shapeUrl(shapes, shape, new URL(c.req.url).searchParams)
}

/** The shape service in this process reads URLs of any length. @throws {RangeError} for the operator */
function requireShort(shapes: ShapeSource, shape: ListShape): void {
  if (shapes.seesCommits === true) return
  const { length } = shapeUrl(shapes, shape, new URLSearchParams()).href
  if (length <= MAX_SHAPE_URL_LENGTH) return
  throw new RangeError(
    `authorize returned ${shape.params.length} documents for a list, whose ids make a URL of ${length} characters, and the most for Electric is ${MAX_SHAPE_URL_LENGTH}: give the documents of a user a prefix, and authorize lists of this prefix`,
  )
}

/** The same URL shows different documents to different users, so no cache may keep an answer, even with `publicCache`. */
function forOneUser(response: Response): Response {
  response.headers.set('cache-control', 'private, no-store, no-transform')
  return response
}
