import type { MiddlewareHandler } from 'hono'
import { compress } from 'hono/compress'
import { STATE_MEDIA_TYPE } from 'y-electric/protocol'
import { isLive } from './live.ts'

/** Answers smaller than this, in bytes, go out as they are. */
const THRESHOLD = 1024

const compressed = compress({
  threshold: THRESHOLD,
  contentTypeFilter: (type) =>
    type.startsWith(STATE_MEDIA_TYPE) ||
    /^(text\/(html|markdown|plain)\b|application\/([\w.]+\+)?json\b)/.test(type),
})

/**
 * Compresses what a joiner reads: state, and the log of a segment, which is hex in JSON and shrinks
 * to a seventh. Live answers are small and in a hurry: they are left alone.
 */
export const compressUnlessLive: MiddlewareHandler = (c, next) =>
  isLive(c) ? next() : compressed(c, next)
