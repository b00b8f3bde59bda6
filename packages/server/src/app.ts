import { type Context, type Handler, Hono } from 'hono'
import type pg from 'pg'
import { createCrowds } from './admission/crowds.ts'
import type { LimitHook } from './admission/hook.ts'
import { createQuotas } from './admission/quotas.ts'
import { type Authorize, allowAll, type RevokeHook } from './auth.ts'
import { errorResponse, RequestError } from './errors.ts'
import { type Limits, withDefaults } from './limits.ts'
import { createErrorLog } from './log/errorLog.ts'
import { createAnnouncer } from './routes/announcer.ts'
import { AnswerBudget } from './routes/answer-budget.ts'
import { askerOf } from './routes/asker.ts'
import { BodyBudget } from './routes/body-budget.ts'
import { compressUnlessLive } from './routes/compression.ts'
import { type Allowed, allowed, type RouteContext } from './routes/context.ts'
import { isStoring, type Route } from './routes/description.ts'
import type { Extension } from './routes/extension.ts'
import { streamOpener } from './routes/live-streams.ts'
import {
  type AllowedHosts,
  type CorsOptions,
  protectFromForeignPages,
  requireMediaTypeOf,
} from './routes/origins/index.ts'
import { schemaFirst } from './routes/schema-first.ts'
import { routeTable } from './routes/table/index.ts'
import { asRequestError, isForOperator, mentionEncoding, storageFull } from './routes/trouble.ts'
import { requireReadable } from './routes/unreadable.ts'
import { requireWithinLimits } from './routes/within-limits.ts'
import { FILE_TYPES, type FileType } from './schemas/files.ts'
import type { ShapeSource } from './shapes.ts'
import {
  AppendQueue,
  behindEdits,
  type FileStore,
  noteWriter,
  PresenceQueue,
  postgresFiles,
  SegmentReads,
} from './store/index.ts'
import { createStreams } from './streams/index.ts'
import type { Listen } from './streams/revocations.ts'
import { Turns } from './work/turns.ts'

export type { AllowedHosts, CorsOptions } from './routes/origins/index.ts'

/** The parts of an app. The app owns none of them: the caller closes the pool. */
export interface AppOptions extends Partial<Limits> {
  readonly pool: pg.Pool
  readonly shapes: ShapeSource
  /** Called for every request. `allowAll` is for development. */
  readonly authorize: Authorize
  /**
   * Calls `migrate` before the first request is answered, for frameworks that load the server's code while they build
   * the app, without a database. Default: false, the app calls `migrate` itself.
   */
  readonly migrate?: boolean
  /** Routes of other packages: `documentRoutes` of `@y-electric/documents`. Default: none. */
  readonly extensions?: readonly Extension[]
  /**
   * Where the files of documents are kept: a `FileStore` of your own, such as an object store. false: the server keeps
   * none. Default: in the database.
   */
  readonly files?: FileStore | false
  /** The content types that new files may have. Default: all of `FILE_TYPES`. */
  readonly fileTypes?: readonly FileType[]
  /**
   * The app's own limits, called in order for each request that `authorize` has allowed, before its body
   * is read; the first refusal counts: `tokenBucket`, `postgresTokenBucket`, or a function. Default:
   * none. Stored totals and open streams always have limits (`Limits`).
   */
  readonly limits?: LimitHook | readonly LimitHook[]
  /**
   * Lets operators call `POST /revoke`: a secret that is sent as `Authorization: Bearer …`, or a function that
   * decides. Default: nobody may call it, and the route answers 404.
   */
  readonly revoke?: string | RevokeHook
  /**
   * Listens to a channel of the database, so that `POST /revoke` on another server ends streams here at
   * once: `listen` of `connectPostgres` or `openPglite` of `@y-electric/embedded`. Without it, streams end
   * when they are authorised again (`reauthorizeMs`).
   */
  readonly listen?: Listen
  /**
   * Ends the live streams and long polls when it is aborted, and refuses new ones with 503 `server_busy`. A server that
   * stops gracefully waits for open requests, and a live stream may stay open for hours. Default: streams end when the
   * server closes their connections.
   */
  readonly signal?: AbortSignal
  /**
   * `auto` compresses what a joining client reads, if the client accepts it and the runtime can (`CompressionStream`).
   * false: never, for a server that compresses answers itself. Default: `auto`.
   */
  readonly compress?: 'auto' | false
  /** True if a CDN in front may cache answers for everybody, authorised or not. Default: false. */
  readonly publicCache?: boolean
  /**
   * Called before each write: whether the disk of the database has room for this many bytes; false answers 507
   * `storage_full`. Default: there is always room, and the database decides.
   */
  readonly hasRoom?: (bytes: number) => boolean
  /**
   * Pages of other origins that may use the API: the options of `hono/cors`, of which `origin` is
   * required. Default: only pages of the API's own origin may read answers and change anything.
   */
  readonly cors?: CorsOptions
  /**
   * Host names under which the API answers, beside IP addresses and loopback names, which are always
   * allowed: `notes.example.com`, or `.example.com` with all names below it. `'*'` allows any name.
   * Default: none with `allowAll`, so that no page can reach the API by DNS rebinding; any name with an
   * `authorize` of your own, which must not trust a client because of its network address.
   */
  readonly allowedHosts?: AllowedHosts
  /**
   * Called for each failure that a client only sees as 500 or 503. Default: a log on `console.error`
   * with one line per kind of failure and `errorLogIntervalMs`, and one line when the failure is over.
   */
  readonly onError?: (error: unknown, request: Request) => void
}

/**
 * The HTTP API as a standard `fetch` handler, to mount anywhere: `new Hono().route('/api', createApp(options))`. It
 * keeps no document in memory, only the open streams with the recent messages of their shapes, the merged rows of
 * recent joins, and the stored totals as last measured.
 */
export function createApp(options: AppOptions): Hono {
  const {
    pool,
    shapes,
    authorize,
    migrate = false,
    extensions = [],
    signal,
    compress = 'auto',
    publicCache = false,
    limits: hooks = [],
    files,
    fileTypes = FILE_TYPES,
    revoke,
    listen,
    hasRoom,
    cors,
    allowedHosts,
    onError,
    ...given
  } = options
  if (revoke === '') throw new RangeError('revoke must be a secret, not an empty text')
  if (compress !== 'auto' && compress !== false) {
    throw new RangeError(`compress must be 'auto' or false, not ${String(compress)}`)
  }
  const unknownType = fileTypes.find((type) => !FILE_TYPES.includes(type))
  if (unknownType !== undefined) {
    throw new RangeError(`fileTypes: ${unknownType} is none of ${FILE_TYPES.join(', ')}`)
  }
  const compresses = compress === 'auto' && typeof CompressionStream !== 'undefined'
  const limits = withDefaults(given)
  const { routes } = routeTable(extensions)
  const log = createErrorLog({ intervalMs: limits.errorLogIntervalMs })
  const report = (error: unknown, request: Request): void => {
    if (onError !== undefined) onError(error, request)
    else log.failed(error, asRequestError(error, limits), request)
  }
  const requireRoom = (bytes: number): void => {
    if (hasRoom?.(bytes) === false) throw storageFull()
  }
  const answerError = (error: unknown, c: Context): Response => {
    const refusal = mentionEncoding(asRequestError(error, limits), c.req.raw)
    if (isForOperator(refusal) && !c.req.raw.signal.aborted) report(error, c.req.raw)
    return errorResponse(refusal)
  }
  const reads = behindEdits(pool)
  const context: RouteContext = {
    pool: reads,
    appends: new AppendQueue(pool, limits),
    presence: new PresenceQueue(pool, limits, shapes.seesCommits !== true),
    noteWriter: (note) => noteWriter(pool, note, limits.maxDocumentWriters),
    segments: new SegmentReads(reads),
    files: files === false ? null : (files ?? postgresFiles(reads)),
    fileTypes,
    turns: new Turns(),
    shapes,
    authorize,
    publicCache,
    report,
    worked: log.worked,
    limits,
    limitHooks: typeof hooks === 'function' ? [hooks] : hooks,
    quotas: createQuotas(pool, limits),
    crowds: createCrowds(reads),
    ...createStreams(pool, limits, listen),
    revoke: revoke ?? null,
    announcer: createAnnouncer(reads, limits.announceEveryMs),
    bodies: new BodyBudget(limits, requireRoom),
    openStream: (...request) => openStream(...request),
    answers: new AnswerBudget(limits),
  }

  if (signal?.aborted) context.streams.stop()
  else signal?.addEventListener('abort', () => context.streams.stop(), { once: true })

  const app = new Hono()
  protectFromForeignPages(app, {
    cors,
    allowedHosts: allowedHosts ?? (authorize === allowAll ? [] : null),
    methods: [...new Set(routes.map(({ method }) => method))],
    exposedHeaders: extensions.flatMap(({ exposedHeaders = [] }) => exposedHeaders),
  })
  if (migrate) app.use('*', schemaFirst(pool))
  const openStream = streamOpener(
    routes.filter(({ isStream }) => isStream),
    (route) => handlerOf(route, context, requireRoom),
    answerError,
  )
  for (const route of routes) {
    if (route.compressed && compresses) app.on(route.method, route.path, compressUnlessLive)
    app.on(route.method, route.path, handlerOf(route, context, requireRoom))
  }
  for (const [path, allow] of methodsByPath(routes)) {
    app.all(path, () => {
      throw new RequestError(
        'method_not_allowed',
        'this path does not accept that method: see Allow',
        { allow },
      )
    })
  }
  app.all('*', () => {
    throw new RequestError('not_found', 'there is nothing at this path')
  })
  app.onError(answerError)
  return app
}

/** The methods that each path accepts. A path that accepts GET also accepts HEAD. */
function methodsByPath(routes: readonly Route[]): Map<string, readonly string[]> {
  const methods = new Map<string, readonly string[]>()
  for (const { method, path } of routes) {
    const added = method === 'GET' ? ['GET', 'HEAD'] : [method]
    methods.set(path, [...(methods.get(path) ?? []), ...added])
  }
  return methods
}

/** No handler of a document runs before the hooks have allowed the action of its route. */
function handlerOf(
  route: Route,
  context: RouteContext,
  requireRoom: (bytes: number) => void,
): Handler {
  const { action, handler } = route
  const handle = handler(context)
  if (action === null) {
    return (c) =>
      context.bodies.during(c, async () => {
        requireReadable(c)
        requireMediaTypeOf(route, c)
        return counted(route, context, c, await handle(c, NOBODY))
      })
  }
  return (c) =>
    context.bodies.during(c, async () => {
      requireReadable(c)
      requireMediaTypeOf(route, c)
      const about = await allowed(context, c, action)
      await requireWithinLimits(context, c, { ...route, action }, about)
      if (route.isUrgent !== true) {
        const { who = 'anybody', signal } = askerOf(c, about.user, context.limits)
        await context.turns.enter(who, signal ?? c.req.raw.signal)
      }
      if (isStoring(route)) requireRoom(Number(c.req.header('content-length') ?? 0) || 0)
      const response = await handle(c, about)
      // Every route of a document queries the database.
      if (response.status < 400) context.worked('database')
      return counted(route, context, c, response)
    })
}

/**
 * Counts an answer towards the memory of all large answers, unless its route sends only small ones or counts them
 * itself.
 */
const counted = (
  { answerSize }: Route,
  { answers }: RouteContext,
  c: Context,
  response: Response,
): Response | Promise<Response> =>
  answerSize === undefined ? answers.count(response, c.req.raw) : response

/** Passed to routes that concern no document. */
const NOBODY: Allowed = {
  docId: '',
  user: null,
  name: null,
  documents: null,
  isList: false,
  mark: 0,
  again: async () => null,
}
