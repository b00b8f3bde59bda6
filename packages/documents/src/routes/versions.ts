import {
  askerOf,
  digits,
  literal,
  namedWriterOf,
  type Output,
  parameter,
  type RouteContext,
  type RouteHandler,
  readRequired,
  SEQ,
  union,
} from '@y-electric/server/extension'
import { diffSnapshots } from '../documents/diff.ts'
import { restoreSnapshot } from '../documents/restore.ts'
import type { DIFFERENCE } from '../schemas/versions.ts'

const NO_STORE = { 'cache-control': 'no-store' }

export const FROM = parameter(
  { name: 'from', description: 'The seq of the older snapshot row.', required: true },
  digits(),
)

const NOW = 'now'

export const TO = parameter(
  { name: 'to', description: 'The seq of the newer snapshot row, or "now".', fallback: NOW },
  union([digits(), literal(NOW)]),
)

/** `GET /docs/:docId/diff?from=&to=`: the changes between two versions. */
export function getDiff(context: RouteContext): RouteHandler {
  return async (c, { docId, user }) => {
    const from = readRequired(c, FROM)
    const to = readRequired(c, TO)
    const difference = await diffSnapshots(context.pool, docId, {
      from,
      to,
      limits: context.limits,
      asker: askerOf(c, user, context.limits),
    })
    return c.json(difference satisfies Output<typeof DIFFERENCE>, 200, {
      'cache-control': 'private, no-cache',
    })
  }
}

/** `POST /docs/:docId/snapshots/:seq/restore`: a new update that brings the old content back. */
export function postRestore(context: RouteContext): RouteHandler {
  return async (c, allowed) => {
    const { docId, user } = allowed
    const writer = namedWriterOf(c, allowed)
    const restored = await restoreSnapshot(context.pool, docId, readRequired(c, SEQ), {
      createdBy: user,
      limits: context.limits,
      asker: askerOf(c, user, context.limits),
      ...(writer !== null && {
        noteWriter: (clientId: number) => context.noteWriter({ ...writer, clientId }),
      }),
    })
    // A restore also keeps a version, and only the database knows its size.
    context.quotas.changed(docId)
    return c.json(restored, 201, NO_STORE)
  }
}
