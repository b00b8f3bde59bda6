import type { Context } from 'hono'
import { networkOf } from '../admission/network.ts'
import type { Limits } from '../limits.ts'
import type { Asker } from '../work/limiter.ts'

/**
 * The user or address that a request counts for: the user that the hook returned, else the network of the
 * remote address. All requests for which neither is known count for the same asker.
 */
export function askerOf(
  c: Context,
  user: string | null,
  { ipv6PrefixBits }: Pick<Limits, 'ipv6PrefixBits'>,
): Asker {
  const { signal } = c.req.raw
  if (user !== null) return { who: `user ${user}`, signal }
  const address = addressOf(c)
  return {
    who: address === null ? 'anybody' : `address ${networkOf(address, ipv6PrefixBits)}`,
    signal,
  }
}

/** The remote address that adapters for Node put into `env`; null if the host does not provide it. */
export function addressOf(c: Context): string | null {
  const env: unknown = c.env
  if (typeof env !== 'object' || env === null || !('incoming' in env)) return null
  const incoming = env.incoming as { readonly socket?: { readonly remoteAddress?: unknown } } | null
  const address = incoming?.socket?.remoteAddress
  return typeof address === 'string' ? address : null
}
