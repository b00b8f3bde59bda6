/** How long caches may hold a response, as Electric states it. */
export const CACHE_CONTROL = {
  start: 'public, max-age=604800, s-maxage=3600, stale-while-revalidate=2629746',
  catchUp: 'public, max-age=60, stale-while-revalidate=300',
  live: 'public, max-age=5, stale-while-revalidate=5',
  never: 'no-cache',
} as const

/** One second less than a stream lasts, so that a cache shares one stream among its readers. */
export const sseCacheControl = (sseMs: number): string =>
  `public, max-age=${Math.max(1, Math.floor(sseMs / 1000) - 1)}`

/** The epoch from which Electric counts cursors. */
const EPOCH_MS = Date.UTC(2024, 9, 9)

/**
 * `electric-cursor`: equal for all live requests of one interval, so that a cache can collapse
 * them. Never equal to the reader's previous cursor, because a cache would then return its old
 * response forever.
 */
export function nextCursor(now: number, longPollMs: number, previous: string | null): string {
  const interval = Math.floor(longPollMs / 1000)
  if (interval === 0) return '0'
  const next = Math.ceil((now - EPOCH_MS) / 1000 / interval) * interval
  return String(String(next) === previous ? next + Math.floor(Math.random() * 3600) + 1 : next)
}
