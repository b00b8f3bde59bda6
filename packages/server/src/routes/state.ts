import { createHash } from 'node:crypto'
import { encodeState, SNAPSHOT_PARAM, stateMediaType } from 'y-electric/protocol'
import { readState } from '../store/index.ts'
import { privateUnlessPublic } from './caching.ts'
import type { RouteContext } from './context.ts'
import type { RouteHandler } from './description.ts'
import { matchingTag } from './entity-tags.ts'
import { integerParameter, read } from './parameters.ts'
import { sharedReads } from './shared-reads.ts'

interface EncodedState {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly mediaType: string
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
    const { bytes, mediaType, etag } = await reads.read(`${snapshot ?? ''}/${docId}`, async () => {
      const state = await readState(context.pool, docId, snapshot)
      const bytes = new Uint8Array(encodeState(state))
      const mediaType = stateMediaType(state.keepHistory)
      const hash = createHash('sha256').update(bytes).update(mediaType).digest('base64url')
      return { bytes, mediaType, etag: `"${hash}"` }
    })
    const known = matchingTag(c.req.header('if-none-match'), etag)
    const headers = {
      etag: known ?? etag,
      'content-type': mediaType,
      ...(known === null && { 'content-length': String(bytes.byteLength) }),
      // Kept, but asked for each time: a joiner must see what is stored now.
      ...privateUnlessPublic(context, 'no-cache'),
    }
    return known !== null ? c.body(null, 304, headers) : c.body(bytes, 200, headers)
  }
}
