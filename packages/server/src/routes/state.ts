import { createHash } from 'node:crypto'
import { encodeState, SNAPSHOT_PARAM, STATE_MEDIA_TYPE } from 'y-electric/protocol'
import { readState } from '../store/index.ts'
import { privateUnlessPublic } from './caching.ts'
import type { RouteContext } from './context.ts'
import type { RouteHandler } from './description.ts'
import { matchingTag } from './entity-tags.ts'
import { integerParameter, read } from './parameters.ts'
import { sharedReads } from './shared-reads.ts'

interface EncodedState {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly etag: string
}

export const KNOWN_SNAPSHOT = integerParameter({
  name: SNAPSHOT_PARAM,
  description: 'The seq of a snapshot row that the client has: its bytes are left out.',
})

/** `GET /docs/:docId/state`: all that is stored of a document, in one consistent read. */
export function getState(context: RouteContext): RouteHandler {
  const reads = sharedReads<EncodedState>()

  return async (c, { docId }) => {
    const snapshot = read(c, KNOWN_SNAPSHOT)
    const { bytes, etag } = await reads.read(`${snapshot ?? ''}/${docId}`, async () => {
      const bytes = new Uint8Array(encodeState(await readState(context.pool, docId, snapshot)))
      return { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url')}"` }
    })
    const known = matchingTag(c.req.header('if-none-match'), etag)
    const headers = {
      etag: known ?? etag,
      'content-type': STATE_MEDIA_TYPE,
      ...(known === null && { 'content-length': String(bytes.byteLength) }),
      // Kept, but asked for each time: a joiner must see what is stored now.
      ...privateUnlessPublic(context, 'no-cache'),
    }
    return known !== null ? c.body(null, 304, headers) : c.body(bytes, 200, headers)
  }
}
