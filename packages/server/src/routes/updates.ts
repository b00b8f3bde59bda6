import * as v from 'valibot'
import {
  HISTORY_PARAM,
  IDEMPOTENCY_KEY_HEADER,
  isBatchId,
  KEEP_HISTORY,
  UPDATE_MEDIA_TYPE,
} from 'y-electric/protocol'
import { examineUpdateRow } from '../documents/examine.ts'
import { RequestError } from '../errors.ts'
import type { Appended } from '../schemas/protocol.ts'
import { choice } from '../schemas/values.ts'
import { askerOf } from './asker.ts'
import { readBody, requireMediaType } from './body.ts'
import type { RouteContext } from './context.ts'
import type { RouteHandler } from './description.ts'
import { parameter, read } from './parameters.ts'
import { writerOf } from './writers.ts'

/** `requireBatchId` reads it, because an invalid one has its own error code. */
export const BATCH_ID = parameter(
  {
    in: 'header',
    name: IDEMPOTENCY_KEY_HEADER,
    description: 'The id of the batch, a UUID that the client makes; the same on every retry.',
    required: true,
  },
  v.pipe(v.string(), v.uuid()),
)

export const HISTORY = parameter(
  {
    name: HISTORY_PARAM,
    description:
      'With `keep`, every fold keeps deleted content from now on; without it, nothing changes.',
  },
  choice([KEEP_HISTORY]),
)

/** `POST /docs/:docId/updates`: 201 `{seq}` once the row is committed, 200 for the same batch again. */
export function postUpdate(context: RouteContext): RouteHandler {
  return async (c, allowed) => {
    const { docId, user } = allowed
    const batchId = requireBatchId(c.req.header(IDEMPOTENCY_KEY_HEADER))
    requireMediaType(c, UPDATE_MEDIA_TYPE)
    const writer = writerOf(c, allowed)
    const update = await readBody(c, context.limits.maxUpdateBytes, 'update_too_large')
    const examined = await examineUpdateRow(
      context.pool,
      update,
      context.limits,
      askerOf(c, user, context.limits),
    )
    const keepHistory = read(c, HISTORY) !== null
    const batch = { batchId, ...examined }
    const { seq, created } = await context.appends.append(docId, batch, keepHistory)
    // The document exists by now. If this fails, the client sends the batch again, and its writer with it.
    if (writer !== null) await context.noteWriter(writer)
    return c.json({ seq } satisfies Appended, created ? 201 : 200, { 'cache-control': 'no-store' })
  }
}

function requireBatchId(header: string | undefined): string {
  if (header === undefined || !isBatchId(header)) {
    throw new RequestError('invalid_batch_id', `${IDEMPOTENCY_KEY_HEADER} must be a UUID`)
  }
  return header
}
