import type { Context, Handler } from 'hono'
import {
  encodePresence,
  isPresenceOf,
  PRESENCE_MEDIA_TYPE,
  UPDATE_MEDIA_TYPE,
} from 'y-electric/protocol'
import { RequestError } from '../errors.ts'
import { shapeUrl } from '../shapes.ts'
import { AWARENESS_SHAPE, deleteAwareness, putAwareness, readAwareness } from '../store/index.ts'
import { readBody, requireMediaType } from './body.ts'
import { authorizedDocId, type RouteContext } from './context.ts'
import { forwardShape } from './forward-shape.ts'

const MAX_CLIENT_ID = 2 ** 32 - 1

/** `GET /docs/:docId/awareness`: Electric's protocol, for the presence rows of a document. */
export function getAwareness(context: RouteContext): Handler {
  return async (c) => {
    const docId = await authorizedDocId(context, c, 'read')
    const shape = { ...AWARENESS_SHAPE, params: [docId] }
    const url = shapeUrl(context.shapes, shape, new URL(c.req.url).searchParams)
    // Merges the log's repeated updates of one row, so that it does not grow with every cursor move.
    url.searchParams.set('experimental_compaction', 'true')
    return forwardShape(context, c.req.raw, url)
  }
}

/** `GET /docs/:docId/awareness/rows`: everybody who is here now, as binary frames. */
export function getAwarenessRows(context: RouteContext): Handler {
  return async (c) => {
    const docId = await authorizedDocId(context, c, 'read')
    const bytes = encodePresence(await readAwareness(context.pool, docId))
    return c.body(new Uint8Array(bytes), 200, {
      'content-type': PRESENCE_MEDIA_TYPE,
      'cache-control': 'no-store',
    })
  }
}

/** `PUT /docs/:docId/awareness/:clientId`: an awareness update of exactly this client; 204. */
export function putClientAwareness(context: RouteContext): Handler {
  return async (c) => {
    const docId = await authorizedDocId(context, c, 'presence')
    const clientId = clientIdOf(c)
    requireMediaType(c, UPDATE_MEDIA_TYPE)
    const data = await readBody(c.req.raw, context.limits.maxAwarenessBytes, 'awareness_too_large')
    if (!isPresenceOf(clientId, data)) {
      throw new RequestError(
        'invalid_awareness',
        `the body must be an awareness update of client ${clientId} alone`,
      )
    }
    await putAwareness(context.pool, docId, clientId, data)
    return c.body(null, 204)
  }
}

/** `DELETE /docs/:docId/awareness/:clientId`: this client leaves; 204. */
export function deleteClientAwareness(context: RouteContext): Handler {
  return async (c) => {
    const docId = await authorizedDocId(context, c, 'presence')
    await deleteAwareness(context.pool, docId, clientIdOf(c))
    return c.body(null, 204)
  }
}

function clientIdOf(c: Context): number {
  const text = c.req.param('clientId') ?? ''
  const clientId = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (!(clientId <= MAX_CLIENT_ID)) {
    throw new RequestError('invalid_request', 'a client id is a number from 0 to 4294967295')
  }
  return clientId
}
