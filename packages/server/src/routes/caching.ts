import type { RouteContext } from './context.ts'

/** What a cache may do with an answer: behind authorisation it is for the one who asked. */
export function privateUnlessPublic(
  { publicCache }: RouteContext,
  directives: string,
): Record<string, string> {
  return publicCache
    ? { 'cache-control': `public, ${directives}` }
    : { 'cache-control': `private, ${directives}`, vary: 'authorization, cookie' }
}
