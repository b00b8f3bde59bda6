import { type Handler, Hono } from 'hono'
import type pg from 'pg'
import { type Authorize, allowAll } from './auth.ts'
import { errorResponse, RequestError } from './errors.ts'
import { type Limits, withDefaults } from './limits.ts'
import { createErrorLog } from './log/errorLog.ts'
import { createAnnouncer } from './routes/announcer.ts'
import { compressUnlessLive } from './routes/compression.ts'
import { allowed, type RouteContext } from './routes/context.ts'
import type { Route } from './routes/description.ts'
import {
  type AllowedHosts,
  type CorsOptions,
  protectFromForeignPages,
  requireMediaTypeOf,
} from './routes/origins/index.ts'
import { ROUTES } from './routes/table/index.ts'
import { databaseUnavailable, NO_DATABASE } from './routes/trouble.ts'
import type { ShapeSource } from './shapes.ts'
import { isDatabaseUnavailable } from './store/index.ts'

export type { AllowedHosts, CorsOptions } from './routes/origins/index.ts'

/** What an app is made of. It owns none of it: closing the pool is the caller's business. */
export interface AppOptions extends Partial<Limits> {
  readonly pool: pg.Pool
  readonly shapes: ShapeSource
  /** Asked on every request. `allowAll` is for development. */
  readonly authorize: Authorize
  /** True when a CDN in front may keep answers for everybody, authorised or not. Default: false. */
  readonly publicCache?: boolean
  /**
   * Pages of other origins that may use the API: the options of `hono/cors`, of which `origin` is
   * required. Default: only pages of the API's own origin may read answers and change anything.
   */
  readonly cors?: CorsOptions
  /**
   * Host names under which the API answers, beside IP addresses and loopback names, which are always
   * allowed: `notes.example.com`, or `.example.com` with all names below. `'*'` allows any name.
   * Default: none with `allowAll`, so that no page can reach it by DNS rebinding; any name with an
   * `authorize` of your own, which must not trust a client for where it connects from.
   */
  readonly allowedHosts?: AllowedHosts
  /**
   * Called for each failure that a client only sees as 500 or 503. Default: a log on `console.error`
   * with one line per kind of failure and `errorLogIntervalMs`, and one line when it is over.
   */
  readonly onError?: (error: unknown, request: Request) => void
}

/**
 * The HTTP API as a standard `fetch` handler, to mount anywhere:
 * `new Hono().route('/api', createApp(options))`. It keeps no document and no state.
 */
export function createApp(options: AppOptions): Hono {
  const {
    pool,
    shapes,
    authorize,
    publicCache = false,
    cors,
    allowedHosts,
    onError,
    ...given
  } = options
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
    announcer: createAnnouncer(pool, limits.announceEveryMs),
  }

  const app = new Hono()
  protectFromForeignPages(app, {
    cors,
    allowedHosts: allowedHosts ?? (authorize === allowAll ? [] : null),
    methods: [...new Set(ROUTES.map(({ method }) => method))],
  })
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

/** No handler of a document runs before the hook has allowed what its route is there for. */
function handlerOf(route: Route, context: RouteContext): Handler {
  const { action } = route
  const handle = route.handler(context)
  return action === null
    ? (c) => handle(c, { docId: '', user: null })
    : async (c) => {
        requireMediaTypeOf(route, c)
        const response = await handle(c, await allowed(context, c, action))
        // Every route of a document queries the database.
        if (response.status < 400) context.worked('database')
        return response
      }
}

/** True for a failure that the operator of the server must fix, or at least know about. */
const isForOperator = ({ code, retryAfterSeconds }: RequestError): boolean =>
  code === 'internal' || code === 'body_consumed' || retryAfterSeconds !== undefined

function asRequestError(error: unknown, limits: Limits): RequestError {
  if (error instanceof RequestError) return error
  if (isDatabaseUnavailable(error)) {
    return databaseUnavailable(limits, NO_DATABASE, error)
  }
  return new RequestError('internal', 'something went wrong here; it was not your request', {
    cause: error,
  })
}
