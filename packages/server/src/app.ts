import { type Handler, Hono } from 'hono'
import type pg from 'pg'
import { ERROR_STATUS } from 'y-electric/protocol'
import type { LimitHook } from './admission/hook.ts'
import { createQuotas } from './admission/quotas.ts'
import type { Authorize, RevokeHook } from './auth.ts'
import { errorResponse, RequestError } from './errors.ts'
import { type Limits, withDefaults } from './limits.ts'
import { createErrorLog } from './log/errorLog.ts'
import { createAnnouncer } from './routes/announcer.ts'
import { compressUnlessLive } from './routes/compression.ts'
import { type Allowed, allowed, type RouteContext } from './routes/context.ts'
import type { Route } from './routes/description.ts'
import { ROUTES } from './routes/table/index.ts'
import { databaseUnavailable, NO_DATABASE } from './routes/trouble.ts'
import { requireWithinLimits } from './routes/within-limits.ts'
import type { ShapeSource } from './shapes.ts'
import { isDatabaseUnavailable } from './store/index.ts'
import { createStreams } from './streams/index.ts'
import type { Listen } from './streams/revocations.ts'

/** What an app is made of. It owns none of it: closing the pool is the caller's business. */
export interface AppOptions extends Partial<Limits> {
  readonly pool: pg.Pool
  readonly shapes: ShapeSource
  /** Asked on every request. `allowAll` is for development. */
  readonly authorize: Authorize
  /**
   * Limits of your own, asked in turn about each request that `authorize` has allowed, before its body
   * is read; the first refusal counts: `tokenBucket`, `postgresTokenBucket`, or a function. Default:
   * none. The stored totals and open streams have limits in any case (`Limits`).
   */
  readonly limits?: LimitHook | readonly LimitHook[]
  /**
   * Who may call `POST /revoke`: a secret that is sent as `Authorization: Bearer …`, or a function that
   * decides. Default: nobody, and the route answers 404.
   */
  readonly revoke?: string | RevokeHook
  /**
   * Listens to a channel of the database, so that `POST /revoke` on another server ends streams here at
   * once: `listen` of `connectPostgres` or `openPglite` of `@y-electric/embedded`. Without it they end
   * when they are authorised again (`reauthorizeMs`).
   */
  readonly listen?: Listen
  /** True when a CDN in front may keep answers for everybody, authorised or not. Default: false. */
  readonly publicCache?: boolean
  /**
   * Called for each failure that a client only sees as 500 or 503. Default: a log on `console.error`
   * with one line per kind of failure and `errorLogIntervalMs`, and one line when it is over.
   */
  readonly onError?: (error: unknown, request: Request) => void
}

/**
 * The HTTP API as a standard `fetch` handler, to mount anywhere:
 * `new Hono().route('/api', createApp(options))`. It keeps no document: only which streams are open, and
 * how much is stored, as last measured.
 */
export function createApp(options: AppOptions): Hono {
  const { pool, shapes, authorize, publicCache = false, onError, ...others } = options
  const { limits: hooks = [], revoke, listen, ...given } = others
  if (revoke === '') throw new RangeError('revoke must be a secret, not an empty text')
  const limits = withDefaults(given)
  const log = createErrorLog({ intervalMs: limits.errorLogIntervalMs })
  const report = (error: unknown, request: Request): void => {
    if (onError !== undefined) onError(error, request)
    else log.failed(error, asRequestError(error, limits), request)
  }
  const context: RouteContext = {
    pool,
    shapes,
    authorize,
    publicCache,
    report,
    worked: log.worked,
    limits,
    limitHooks: typeof hooks === 'function' ? [hooks] : hooks,
    quotas: createQuotas(pool, limits),
    ...createStreams(pool, limits, listen),
    revoke: revoke ?? null,
    announcer: createAnnouncer(pool, limits.announceEveryMs),
  }

  const app = new Hono()
  for (const route of ROUTES) {
    if (route.compressed) app.on(route.method, route.path, compressUnlessLive)
    app.on(route.method, route.path, handlerOf(route, context))
  }
  for (const path of new Set(ROUTES.map((route) => route.path))) {
    app.all(path, () => {
      throw new RequestError('method_not_allowed', 'this path does not take that method')
    })
  }
  app.all('*', () => {
    throw new RequestError('not_found', 'there is nothing at this path')
  })
  app.onError((error, c) => {
    const refusal = asRequestError(error, context.limits)
    if (isForOperator(refusal)) {
      if (!c.req.raw.signal.aborted) report(error, c.req.raw)
    }
    return errorResponse(refusal)
  })
  return app
}

/** No handler of a document runs before the hooks have allowed what its route is there for. */
function handlerOf(route: Route, context: RouteContext): Handler {
  const { action, handler } = route
  const handle = handler(context)
  return action === null
    ? (c) => handle(c, NOBODY)
    : async (c) => {
        const about = await allowed(context, c, action)
        await requireWithinLimits(context, c, { ...route, action }, about)
        const response = await handle(c, about)
        // Every route of a document queries the database.
        if (response.status < 400) context.worked('database')
        return response
      }
}

/** What a route of no document is told. */
const NOBODY: Allowed = { docId: '', user: null, mark: 0, again: async () => null }

/** True for a failure that the operator of the server must fix, or at least know about. */
const isForOperator = ({ code }: RequestError): boolean =>
  code === 'internal' || code === 'body_consumed' || ERROR_STATUS[code] === 503

function asRequestError(error: unknown, limits: Limits): RequestError {
  if (error instanceof RequestError) return error
  if (isDatabaseUnavailable(error)) {
    return databaseUnavailable(limits, NO_DATABASE, error)
  }
  return new RequestError('internal', 'something went wrong here; it was not your request', {
    cause: error,
  })
}
