import { SNAPSHOT_MEDIA_TYPE } from 'y-electric/protocol'
import { RequestError } from '../errors.ts'
import type { SnapshotList } from '../schemas/versions.ts'
import { listSnapshots, openSnapshot } from '../store/index.ts'
import { READ_BYTES } from '../store/pieces.ts'
import { privateUnlessPublic } from './caching.ts'
import type { RouteContext } from './context.ts'
import type { RouteHandler } from './description.ts'
import { digits, parameter, parsed } from './parameters.ts'

export const SEQ = parameter(
  { in: 'path', name: 'seq', description: 'The seq of a snapshot row.' },
  digits(),
)

/** `GET /docs/:docId/snapshots`: the snapshot rows that are kept, newest first. */
export function getSnapshots(context: RouteContext): RouteHandler {
  return async (c, { docId }) => {
    const snapshots = await listSnapshots(context.pool, docId)
    return c.json({ snapshots } satisfies SnapshotList, 200, {
      'cache-control': 'private, no-cache',
    })
  }
}

/**
 * `GET /docs/:docId/snapshots/:seq`: the bytes of one snapshot row, a Yjs v2 update. They are read at the
 * speed of the client, so that many slow readers of large rows do not fill the memory.
 */
export function getSnapshot(context: RouteContext): RouteHandler {
  return async (c, { docId }) => {
    const seq = parsed(SEQ, c.req.param('seq') ?? '')
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
    return c.body(context.answers.streamOf(snapshot.pieces, READ_BYTES, signal), 200, headers)
  }
}
