import type { Context } from 'hono'
import { networkOf } from '../admission/network.ts'
import type { Asker } from '../work/turns.ts'

/**
 * On whose behalf a request is served: the user that the hook named, else the network of the remote address. Where
 * neither is known, all requests count as one.
 */
export function askerOf(c: Context, user: string | null): Asker {
  const { signal } = c.req.raw
  if (user !== null) return { who: `user ${user}`, signal }
  const address = addressOf(c)
  return { who: address === null ? 'anybody' : `address ${networkOf(address)}`, signal }
}

/** The remote address that adapters for Node put into `env`; null where the host does not tell it. */
export function addressOf(c: Context): string | null {
  const env: unknown = c.env
  if (typeof env !== 'object' || env === null || !('incoming' in env)) return null
  const incoming = env.incoming as { readonly socket?: { readonly remoteAddress?: unknown } } | null
  const address = incoming?.socket?.remoteAddress
  return typeof address === 'string' ? address : null
}
