import type { Context } from 'hono'
import { askLimits } from '../admission/hook.ts'
import type { Action } from '../auth.ts'
import { addressOf } from './asker.ts'
import { type Allowed, clientIdOf, type RouteContext } from './context.ts'
import { bodyLimit, type Route } from './description.ts'
import { isLive } from './live.ts'
import { declaredSize } from './storing.ts'

/**
 * Asks the app's own limits about an allowed request, before its body is read.
 * @throws {RequestError} too_many_requests, quota_exceeded
 */
export async function requireWithinLimits(
  context: RouteContext,
  c: Context,
  { name, action, body }: Pick<Route, 'name' | 'body'> & { readonly action: Action },
  { docId, user }: Allowed,
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
