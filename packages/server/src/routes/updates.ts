import type { Handler } from 'hono'
import {
  decodeUpdate,
  IDEMPOTENCY_KEY_HEADER,
  isBatchId,
  isEmptyUpdate,
  UPDATE_MEDIA_TYPE,
} from 'y-electric/protocol'
import { RequestError } from '../errors.ts'
import { appendUpdate } from '../store/index.ts'
import { readBody } from './body.ts'
import { authorizedDocId, type RouteContext } from './context.ts'

/** `POST /docs/:docId/updates`: 201 `{seq}` once the row is committed, 200 for the same batch again. */
export function postUpdate(context: RouteContext): Handler {
  return async (c) => {
    const docId = await authorizedDocId(context, c, 'write')
    const batchId = requireBatchId(c.req.header(IDEMPOTENCY_KEY_HEADER))
    requireUpdateMediaType(c.req.header('content-type'))
    const update = await readBody(c.req.raw, context.limits.maxUpdateBytes)
    checkUpdate(update)
    const { seq, created } = await appendUpdate(context.pool, docId, batchId, update)
    return c.json({ seq }, created ? 201 : 200, { 'cache-control': 'no-store' })
  }
}

function requireBatchId(header: string | undefined): string {
  if (header === undefined || !isBatchId(header)) {
    throw new RequestError('invalid_batch_id', `${IDEMPOTENCY_KEY_HEADER} must be a UUID`)
  }
  return header
}

function requireUpdateMediaType(contentType: string | undefined): void {
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  if (mediaType !== UPDATE_MEDIA_TYPE) {
    throw new RequestError(
      'unsupported_media_type',
      `an update is sent as ${UPDATE_MEDIA_TYPE}, not as ${mediaType ?? 'nothing'}`,
    )
  }
}

function checkUpdate(update: Uint8Array): void {
  let empty: boolean
  try {
    empty = update.byteLength === 0 || isEmptyUpdate(decodeUpdate(update))
  } catch (cause) {
    throw new RequestError('invalid_update', (cause as Error).message, { cause })
  }
  if (empty)
    throw new RequestError('empty_update', 'the update neither inserts nor deletes anything')
}
