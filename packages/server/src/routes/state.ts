import { createHash } from 'node:crypto'
import type { Handler } from 'hono'
import { encodeState, SNAPSHOT_PARAM, STATE_MEDIA_TYPE } from 'y-electric/protocol'
import { RequestError } from '../errors.ts'
import { readState } from '../store/index.ts'
import { authorizedDocId, type RouteContext } from './context.ts'
import { sharedReads } from './shared-reads.ts'

interface EncodedState {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly etag: string
}

/** `GET /docs/:docId/state`: all that is stored of a document, in one consistent read. */
export function getState(context: RouteContext): Handler {
  const reads = sharedReads<EncodedState>()

  return async (c) => {
    const docId = await authorizedDocId(context, c, 'read')
    const known = knownSnapshot(c.req.query(SNAPSHOT_PARAM))
    const { bytes, etag } = await reads.read(`${known ?? ''}/${docId}`, async () => {
      const bytes = new Uint8Array(encodeState(await readState(context.pool, docId, known)))
      return { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url')}"` }
    })
    const candidates = c.req.header('if-none-match')?.split(',') ?? []
    const unchanged = candidates.some((candidate) => candidate.trim().replace(/^W\//, '') === etag)
    const headers = {
      etag,
      'content-type': STATE_MEDIA_TYPE,
      ...(unchanged ? {} : { 'content-length': String(bytes.byteLength) }),
      // Kept, but asked for each time: a joiner must see what is stored now.
      'cache-control': context.publicCache ? 'public, no-cache' : 'private, no-cache',
      ...(context.publicCache ? {} : { vary: 'authorization, cookie' }),
    }
    return unchanged ? c.body(null, 304, headers) : c.body(bytes, 200, headers)
  }
}

function knownSnapshot(param: string | undefined): number | null {
  if (param === undefined) return null
  if (!/^\d{1,15}$/.test(param)) {
    throw new RequestError('invalid_request', `${SNAPSHOT_PARAM} must be the seq of a snapshot row`)
  }
  return Number(param)
}
