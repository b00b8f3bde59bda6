import type { Context, MiddlewareHandler } from 'hono'
import { compress } from 'hono/compress'
import { STATE_MEDIA_TYPE } from 'y-electric/protocol'
import { isLive } from './live.ts'

/** Answers smaller than this, in bytes, are not compressed. */
const THRESHOLD = 1024

const compressed = compress({
  threshold: THRESHOLD,
  contentTypeFilter: (type) =>
    type.startsWith(STATE_MEDIA_TYPE) ||
    /^(text\/(html|markdown|plain)\b|application\/([\w.]+\+)?json\b)/.test(type),
})

/** True for a request that Next.js passes to a route of an app. It removes `Content-Encoding` from the answer. */
const isFromNext = (c: Context): boolean => 'nextUrl' in c.req.raw

/**
 * Compresses what a joining client reads: state, and the log of a segment, which is hex in JSON and
 * shrinks to a seventh. Live answers are small and urgent: they are not compressed.
 */
export const compressUnlessLive: MiddlewareHandler = (c, next) =>
  isLive(c) || isFromNext(c) ? next() : compressed(c, next)
