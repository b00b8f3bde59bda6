import type { Context } from 'hono'
import { networkOf } from '../admission/network.ts'
import type { Asker } from '../documents/index.ts'

/**
 * On whose behalf a request is served: the user that the hook named, else the network of the remote address. Where
 * neither is known, all requests count as one.
 */
export function askerOf(c: Context, user: string | null): Asker {
  const who = user === null ? addressOf(c) : `user ${user}`
  return { who: who ?? 'anybody', signal: c.req.raw.signal }
}

/** The remote address that adapters for Node put into `env`. */
function addressOf(c: Context): string | undefined {
  const env: unknown = c.env
  if (typeof env !== 'object' || env === null || !('incoming' in env)) return undefined
  const { incoming } = env as { incoming?: { socket?: { remoteAddress?: unknown } } | undefined }
  const address = incoming?.socket?.remoteAddress
  return typeof address === 'string' ? `address ${networkOf(address)}` : undefined
}
