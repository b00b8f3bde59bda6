import { RequestError } from '@y-electric/server'
import {
  askerOf,
  integerParameter,
  opaqueParameter,
  type RouteContext,
  type RouteHandler,
  read,
  readRequired,
  SEQ,
} from '@y-electric/server/extension'
import { diffSnapshots } from '../documents/diff.ts'
import { restoreSnapshot } from '../documents/restore.ts'

const NO_STORE = { 'cache-control': 'no-store' }

export const FROM = integerParameter({
  name: 'from',
  description: 'The seq of the older snapshot row.',
  required: true,
})

const NOW = 'now'

export const TO = opaqueParameter({
  name: 'to',
  description: 'The seq of the newer snapshot row, or "now".',
  schema: { oneOf: [FROM.schema, { const: NOW }], default: NOW },
})

/** `GET /docs/:docId/diff?from=&to=`: what changed between two versions. */
export function getDiff(context: RouteContext): RouteHandler {
  return async (c, { docId, user }) => {
    const from = readRequired(c, FROM)
    const to = readTo(read(c, TO) ?? NOW)
    const difference = await diffSnapshots(context.pool, docId, {
      from,
      to,
      limits: context.limits,
      asker: askerOf(c, user, context.limits),
    })
    return c.json(difference, 200, { 'cache-control': 'private, no-cache' })
  }
}

function readTo(text: string): number | typeof NOW {
  if (text === NOW) return NOW
  const seq = FROM.parse(text)
  if (seq === null) throw new RequestError('invalid_request', 'to must be a seq, or "now"')
  return seq
}

/** `POST /docs/:docId/snapshots/:seq/restore`: a new update that brings the old content back. */
export function postRestore(context: RouteContext): RouteHandler {
  return async (c, { docId, user }) => {
    const restored = await restoreSnapshot(context.pool, docId, readRequired(c, SEQ), {
      createdBy: user,
      limits: context.limits,
      asker: askerOf(c, user, context.limits),
    })
    // It also keeps a version, whose size only the database knows.
    context.quotas.changed(docId)
    return c.json(restored, 201, NO_STORE)
  }
}
