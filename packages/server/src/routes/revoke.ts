import type { Context } from 'hono'
import * as v from 'valibot'
import { docIdProblem } from 'y-electric/protocol'
import { hookInTime } from '../admission/hook-time.ts'
import { RequestError } from '../errors.ts'
import { builtin } from '../node.ts'
import { DOC_ID } from '../schemas/documents.ts'
import type { Revoked } from '../schemas/protocol.ts'
import { bodyOf, optional } from '../schemas/values.ts'
import type { RevocationTarget } from '../streams/registry.ts'
import { MAX_JSON_BYTES } from './body.ts'
import { allowedUser, type RouteContext } from './context.ts'
import type { RouteHandler } from './description.ts'
import { readJson } from './json-body.ts'
import { userName } from './user-name.ts'
import { requireWithinLimits } from './within-limits.ts'

/**
 * `POST /revoke` `{user?, docId?}`: reports that the answer of `authorize` for this user or document has changed. Their
 * open streams and long polls are authorised again at once, on every server; 200 `{ended}` with the number of streams
 * of this server that ended.
 */
export function postRevoke(context: RouteContext): RouteHandler {
  return async (c) => {
    const user = await requireOperator(context, c)
    await requireWithinLimits(context, c, REVOKE, { docId: '', user })
    const target = await targetFromBody(c)
    const ended = await context.revocations.revoke(target)
    return c.json({ ended } satisfies Revoked, 200, { 'cache-control': 'no-store' })
  }
}

/** The body of `POST /revoke`. */
export const REVOKE_BODY = v.pipe(
  bodyOf({
    user: optional(
      v.pipe(
        v.string(),
        v.check((user) => userName(user) !== null),
      ),
    ),
    docId: optional(
      v.pipe(
        DOC_ID,
        v.check((docId) => docIdProblem(docId) === null),
      ),
    ),
  }),
  v.check(({ user, docId }) => user !== undefined || docId !== undefined),
)

/** The subject of this route for limit hooks. */
const REVOKE = {
  name: 'revoke',
  action: 'revoke',
  body: { maxBytes: MAX_JSON_BYTES },
} as const

/**
 * @returns the user that the app's own hook returns.
 * @throws {RequestError} not_found, unauthenticated, forbidden, authorization_unavailable
 */
async function requireOperator(
  { revoke, limits }: RouteContext,
  c: Context,
): Promise<string | null> {
  if (revoke === null) {
    throw new RequestError(
      'not_found',
      'this server has no `revoke` option: set it to enable this route',
    )
  }
  if (typeof revoke !== 'string') {
    const { raw } = c.req
    const called = { name: 'revoke', code: 'authorization_unavailable' } as const
    return allowedUser(await hookInTime(() => revoke(raw), called, raw.signal, limits), REFUSAL)
  }
  const [scheme, token] = (c.req.header('authorization') ?? '').split(' ')
  if (scheme?.toLowerCase() !== 'bearer' || token === undefined) {
    throw new RequestError('unauthenticated', 'send the secret as `Authorization: Bearer …`')
  }
  if (!isEqual(token, revoke)) throw new RequestError('forbidden', REFUSAL)
  return null
}

const REFUSAL = 'you may not revoke'

/** Takes the same time wherever the texts differ. */
function isEqual(a: string, b: string): boolean {
  const { createHash, timingSafeEqual } = builtin('node:crypto')
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

async function targetFromBody(c: Context): Promise<RevocationTarget> {
  const { user, docId } = await readJson(
    c,
    REVOKE_BODY,
    '{"user"?: the name that authorize returns, "docId"?: a document id}, with at least one of them',
  )
  const name = user === undefined ? null : userName(user)
  return { ...(name !== null && { user: name }), ...(docId !== undefined && { docId }) }
}
