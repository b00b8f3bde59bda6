import {
  encodePresence,
  isPresenceOf,
  MAX_PRESENCE_DEPTH,
  PRESENCE_MEDIA_TYPE,
  UPDATE_MEDIA_TYPE,
} from 'y-electric/protocol'
import { RequestError } from '../errors.ts'
import { shapeUrl } from '../shapes.ts'
import {
  AWARENESS_SHAPE,
  deleteAwareness,
  documentExists,
  MAX_CLIENT_ID,
  PresenceFull,
  readAwareness,
} from '../store/index.ts'
import { readBody, requireMediaType } from './body.ts'
import type { RouteContext } from './context.ts'
import type { RouteHandler } from './description.ts'
import { followShape } from './follow-shape.ts'
import { live } from './live.ts'
import { digits, parameter, readRequired } from './parameters.ts'

export const CLIENT_ID = parameter(
  { in: 'path', name: 'clientId', description: 'The Yjs client id whose presence this is.' },
  digits(0, MAX_CLIENT_ID),
)

/** `GET /docs/:docId/awareness`: Electric's protocol, for the presence rows of a document. */
export function getAwareness(context: RouteContext): RouteHandler {
  return async (c, allowed) => {
    const { docId } = allowed
    // Electric would answer for a deleted document with an empty shape, not with an error.
    await documentExists(context.pool, docId)
    const shape = { ...AWARENESS_SHAPE, params: [docId] }
    const url = shapeUrl(context.shapes, shape, new URL(c.req.url).searchParams)
    // Merges repeated updates of one row in the shape log, so that it does not grow with every cursor move.
    url.searchParams.set('experimental_compaction', 'true')
    return live(context, c, allowed, (client) => followShape(context, client, url, null))
  }
}

/** `GET /docs/:docId/awareness/rows`: all presence rows, as binary frames. */
export function getAwarenessRows(context: RouteContext): RouteHandler {
  const { pool, limits } = context
  return async (c, { docId }) => {
    const bytes = encodePresence(await readAwareness(pool, docId, limits.maxReadBytes))
    return c.body(new Uint8Array(bytes), 200, {
      'content-type': PRESENCE_MEDIA_TYPE,
      'cache-control': 'no-store',
    })
  }
}

/** `PUT /docs/:docId/awareness/:clientId`: stores an awareness update of exactly this client; 204. */
export function putClientAwareness(context: RouteContext): RouteHandler {
  return async (c, { docId, user }) => {
    const clientId = readRequired(c, CLIENT_ID)
    requireMediaType(c, UPDATE_MEDIA_TYPE)
    const writer = { docId, clientId, user }
    context.crowds.requireRoom(writer)
    const data = await readBody(c, context.limits.maxAwarenessBytes, 'awareness_too_large')
    if (!isPresenceOf(clientId, data)) {
      throw new RequestError(
        'invalid_awareness',
        `the body must be an awareness update of client ${clientId} alone, whose state is nested at most ${MAX_PRESENCE_DEPTH} levels deep`,
      )
    }
    const room = await context.quotas.presenceRoom()
    let hasArrived = false
    try {
      hasArrived = await context.presence.put({ writer, data, hasRoom: room.isFree })
    } catch (error) {
      if (error instanceof PresenceFull) await context.crowds.refused(writer, error)
      throw error
    } finally {
      room.end(hasArrived)
    }
    return c.body(null, 204)
  }
}

/** `DELETE /docs/:docId/awareness/:clientId`: deletes the presence of a client that leaves; 204. */
export function deleteClientAwareness(context: RouteContext): RouteHandler {
  return async (c, { docId, user }) => {
    const clientId = readRequired(c, CLIENT_ID)
    const writer = { docId, clientId, user }
    await deleteAwareness(context.pool, writer, context.limits)
    context.crowds.left(writer)
    return c.body(null, 204)
  }
}
