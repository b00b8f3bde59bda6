import type { Context } from 'hono'
import type { RouteContext } from './context.ts'

/** True when the client already has what this ETag stands for: it is answered with 304. */
export function isUnchanged(c: Context, etag: string): boolean {
  const candidates = c.req.header('if-none-match')?.split(',') ?? []
  return candidates.some((candidate) => candidate.trim().replace(/^W\//, '') === etag)
}

/** What a cache may do with an answer: behind authorisation it is for who asked, and nobody else. */
export function privateUnlessPublic(
  { publicCache }: RouteContext,
  directives: string,
): Record<string, string> {
  return publicCache
    ? { 'cache-control': `public, ${directives}` }
    : { 'cache-control': `private, ${directives}`, vary: 'authorization, cookie' }
}
