import { Hono } from 'hono'
import type pg from 'pg'
import type { Authorize } from './auth.ts'
import { errorResponse, RequestError } from './errors.ts'
import { type Limits, withDefaults } from './limits.ts'
import {
  deleteClientAwareness,
  getAwareness,
  getAwarenessRows,
  putClientAwareness,
} from './routes/awareness.ts'
import { compressUnlessLive } from './routes/compression.ts'
import type { RouteContext } from './routes/context.ts'
import { getHealth } from './routes/health.ts'
import { getSegment, postSegment } from './routes/segments.ts'
import { getSnapshot, getSnapshots, postSnapshot } from './routes/snapshots.ts'
import { getState } from './routes/state.ts'
import { postUpdate } from './routes/updates.ts'
import type { ShapeSource } from './shapes.ts'
import { isDatabaseUnavailable } from './store/index.ts'

/** What an app is made of. It owns none of it: closing the pool is the caller's business. */
export interface AppOptions extends Partial<Limits> {
  readonly pool: pg.Pool
  readonly shapes: ShapeSource
  /** Asked on every request. `allowAll` is for development. */
  readonly authorize: Authorize
  /** True when a CDN in front may keep answers for everybody, authorised or not. Default: false. */
  readonly publicCache?: boolean
  /** Told of failures that a client only sees as 500 or 503. Default: `console.error`. */
  readonly onError?: (error: unknown, request: Request) => void
}

/**
 * The HTTP API as a standard `fetch` handler, to mount anywhere:
 * `new Hono().route('/api', createApp(options))`. It keeps no document and no state.
 */
export function createApp(options: AppOptions): Hono {
  const { pool, shapes, authorize, publicCache = false, onError = logError, ...limits } = options
  const context: RouteContext = {
    pool,
    shapes,
    authorize,
    publicCache,
    limits: withDefaults(limits),
  }

  const app = new Hono()
  app.use('/docs/:docId/state', compressUnlessLive)
  app.use('/docs/:docId/segments/:segment', compressUnlessLive)
  app.post('/docs/:docId/updates', postUpdate(context))
  app.get('/docs/:docId/state', getState(context))
  app.get('/docs/:docId/segments/:segment', getSegment(context))
  app.post('/docs/:docId/segments', postSegment(context))
  app.post('/docs/:docId/snapshots', postSnapshot(context))
  app.get('/docs/:docId/snapshots', getSnapshots(context))
  app.get('/docs/:docId/snapshots/:seq', getSnapshot(context))
  app.get('/docs/:docId/awareness', getAwareness(context))
  app.get('/docs/:docId/awareness/rows', getAwarenessRows(context))
  app.put('/docs/:docId/awareness/:clientId', putClientAwareness(context))
  app.delete('/docs/:docId/awareness/:clientId', deleteClientAwareness(context))
  app.get('/health', getHealth(context))

  for (const path of new Set(app.routes.map((route) => route.path))) {
    app.all(path, () => {
      throw new RequestError('method_not_allowed', 'this path does not take that method')
    })
  }
  app.all('*', () => {
    throw new RequestError('not_found', 'there is nothing at this path')
  })
  app.onError((error, c) => {
    const refusal = asRequestError(error, context.limits)
    if (refusal.code === 'internal' || refusal.retryAfterSeconds !== undefined) {
      if (!c.req.raw.signal.aborted) onError(error, c.req.raw)
    }
    return errorResponse(refusal)
  })
  return app
}

function asRequestError(error: unknown, limits: Limits): RequestError {
  if (error instanceof RequestError) return error
  if (isDatabaseUnavailable(error)) {
    return new RequestError('database_unavailable', 'the database cannot be reached', {
      cause: error,
      retryAfterSeconds: limits.retryAfterSeconds,
    })
  }
  return new RequestError('internal', 'something went wrong here; it was not your request', {
    cause: error,
  })
}

function logError(error: unknown, request: Request): void {
  console.error(`${request.method} ${new URL(request.url).pathname}:`, error)
}
