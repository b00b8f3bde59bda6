import type { RouteContext } from './context.ts'

/** The cache headers of an answer. Unless the server is public, only the client that asked may cache it. */
export function privateUnlessPublic(
  { publicCache }: RouteContext,
  directives: string,
): Record<string, string> {
  return publicCache
    ? { 'cache-control': `public, ${directives}` }
    : { 'cache-control': `private, ${directives}`, vary: 'authorization, cookie' }
}

/**
 * Makes proxies pass on each event of a stream at once. Otherwise nginx would buffer events, and other proxies would
 * compress them.
 */
export function passOnAtOnce(headers: Headers): void {
  headers.set('x-accel-buffering', 'no')
  headers.append('cache-control', 'no-transform')
}
