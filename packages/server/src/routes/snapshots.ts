import { SNAPSHOT_MEDIA_TYPE } from 'y-electric/protocol'
import { keepSnapshot, labelSnapshot, MAX_LABEL_LENGTH } from '../documents/versions.ts'
import { RequestError } from '../errors.ts'
import { listSnapshots, openSnapshot } from '../store/index.ts'
import { PIECE_BYTES } from '../store/pieces.ts'
import { askerOf } from './asker.ts'
import { readJsonObject } from './body.ts'
import { privateUnlessPublic } from './caching.ts'
import type { RouteContext } from './context.ts'
import type { RouteHandler } from './description.ts'
import { postFold } from './folds.ts'
import { integerParameter, read, readRequired, textParameter } from './parameters.ts'
import { makingRoom, storingVersion } from './storing.ts'

const NO_STORE = { 'cache-control': 'no-store' }

export const SEQ = integerParameter({
  in: 'path',
  name: 'seq',
  description: 'The seq of a snapshot row.',
})

export const LABEL = textParameter({
  name: 'label',
  description: 'Keeps the document as it is now under this name; the request has no body.',
  maxLength: MAX_LABEL_LENGTH,
})

export const KEEP_AT = integerParameter({
  name: 'at',
  description: 'With `label`: this snapshot row instead of the document as it is now.',
})

/** `POST /docs/:docId/snapshots`: with a label keep a version, otherwise fold. */
export function postSnapshot(context: RouteContext): RouteHandler {
  const fold = makingRoom(postFold)(context)
  return async (c, allowed) => {
    const label = read(c, LABEL)
    if (label === null) return fold(c, allowed)
    const { docId, user } = allowed
    const at = read(c, KEEP_AT) ?? undefined
    const asker = askerOf(c, user, context.limits)
    return storingVersion(context, c, allowed, async () => {
      const options = { label, createdBy: user, at, limits: context.limits, asker }
      return c.json(await keepSnapshot(context.pool, docId, options), 201, NO_STORE)
    })
  }
}

/** `GET /docs/:docId/snapshots`: the snapshot rows that are kept, newest first. */
export function getSnapshots(context: RouteContext): RouteHandler {
  return async (c, { docId }) => {
    const snapshots = await listSnapshots(context.pool, docId)
    return c.json({ snapshots }, 200, { 'cache-control': 'private, no-cache' })
  }
}

/**
 * `GET /docs/:docId/snapshots/:seq`: the bytes of one snapshot row, a Yjs v2 update. They are read at the
 * speed of the client, so that many slow readers of large rows do not fill the memory.
 */
export function getSnapshot(context: RouteContext): RouteHandler {
  return async (c, { docId }) => {
    const seq = SEQ.parse(c.req.param('seq') ?? '')
    const { signal, method } = c.req.raw
    const snapshot = seq === null ? null : await openSnapshot(context.pool, docId, seq, signal)
    if (snapshot === null) {
      throw new RequestError('not_found', 'there is no snapshot row with that seq')
    }
    const headers = {
      'content-type': SNAPSHOT_MEDIA_TYPE,
      'content-length': String(snapshot.byteLength),
      // A snapshot row never changes: it may be cached without limit.
      ...privateUnlessPublic(context, 'max-age=31536000, immutable'),
    }
    if (method === 'HEAD') return c.body(null, 200, headers)
    return c.body(context.answers.streamOf(snapshot.pieces, PIECE_BYTES, signal), 200, headers)
  }
}

/** `PATCH /docs/:docId/snapshots/:seq` `{label}`: labels a snapshot row, or with null removes the label. */
export function patchSnapshot(context: RouteContext): RouteHandler {
  return async (c, allowed) => {
    const { docId } = allowed
    const seq = readRequired(c, SEQ)
    const { label } = await readJsonObject(c)
    if (label !== null && (typeof label !== 'string' || LABEL.parse(label) === null)) {
      throw new RequestError(
        'invalid_request',
        `the body must be {"label": text of 1 to ${MAX_LABEL_LENGTH} characters, or null}`,
      )
    }
    const store = async () =>
      c.json(await labelSnapshot(context.pool, docId, seq, label), 200, NO_STORE)
    if (label !== null) return storingVersion(context, c, allowed, store)
    // Removing a label makes room for another version.
    const response = await store()
    context.quotas.changed(docId)
    return response
  }
}
