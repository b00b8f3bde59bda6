import type { Context } from 'hono'
import { askLimits, type LimitSubject } from '../admission/hook.ts'
import { addressOf } from './asker.ts'
import { type Allowed, clientIdOf, type RouteContext } from './context.ts'
import { bodyLimit, type RequestBody } from './description.ts'
import { isLive } from './live.ts'
import { declaredSize } from './storing.ts'

/** The facts about a route that limit hooks get. */
interface LimitedRoute extends Pick<LimitSubject, 'action'> {
  readonly name: string
  readonly body?: Pick<RequestBody, 'maxBytes'> | undefined
}

/**
 * Calls the app's own limits for an allowed request, before its body is read.
 * @throws {RequestError} too_many_requests, quota_exceeded
 */
export async function requireWithinLimits(
  context: RouteContext,
  c: Context,
  { name, action, body }: LimitedRoute,
  { docId, user }: Pick<Allowed, 'docId' | 'user'>,
): Promise<void> {
  const { limitHooks, limits } = context
  if (limitHooks.length === 0) return
  const size = body === undefined ? 0 : (declaredSize(c) ?? bodyLimit(body, limits))
  const about = {
    user,
    address: addressOf(c),
    docId,
    action,
    route: name,
    size,
    isLive: isLive(c),
    clientId: action === 'presence' ? clientIdOf(c) : null,
  }
  await askLimits(limitHooks, c.req.raw, about, limits)
}
