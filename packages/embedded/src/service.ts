import { timingSafeEqual } from 'node:crypto'
import { type Clock, systemClock } from './clock.ts'
import type { Database } from './database/database.ts'
import {
  EmbeddedError,
  type EmbeddedErrorCode,
  expressionError,
  isOfExpression,
  RequestError,
  sqlStateOf,
} from './errors.ts'
import { readBody } from './http/body.ts'
import { CACHE_CONTROL } from './http/cacheControl.ts'
import { type Parameters, readParameters } from './http/parameters.ts'
import {
  type Cors,
  errorResponse,
  headOf,
  jsonResponse,
  METHODS,
  mustRefetch,
  optionsResponse,
  unavailable,
  withCors,
} from './http/respond.ts'
import { ShapeServer } from './http/serve.ts'
import { type Definition, define } from './shape/definition.ts'
import { parseHandle } from './shape/handle.ts'
import { formatOffset } from './shape/offset.ts'
import { readRows } from './shape/query.ts'
import { Registry } from './shape/registry.ts'
import type { Shape } from './shape/shape.ts'
import { explainSubsetError, type SubsetRequest, subsetQuery } from './shape/subset.ts'
import { snapshotFields } from './shape/visibility.ts'
import { parseTableName } from './table/identifier.ts'
import { TableLookups } from './table/lookups.ts'

export interface ShapeServiceOptions {
  database: Database
  /** If given, every request for a shape must carry it as `secret`. */
  secret?: string
  /** Allows DELETE /v1/shape, which drops a shape. Default: false, as in Electric. */
  allowShapeDeletion?: boolean
  /** The origins whose web pages may read responses. Default: none. */
  cors?: Cors
  /** Called for each failure whose details clients do not receive. */
  onError?: (error: unknown) => void
  /** The largest request body, in bytes. */
  maxBodyBytes?: number
  longPollMs?: number
  sseMs?: number
  keepAliveMs?: number
  maxShapes?: number
  /** The approximate memory of all shapes together. */
  maxBytes?: number
  /**
   * The approximate memory of recent transactions, which are kept for readers that come from
   * another service.
   */
  historyBytes?: number
  /** A shape without readers for this long is dropped. */
  idleMs?: number
  chunkBytes?: number
  /**
   * How much text of rows one statement reads, in bytes; a longer row is read alone. PGlite runs a
   * statement on the event loop, and one of the default size (1 MiB) takes about 5 ms there.
   */
  pieceBytes?: number
  /** The most unread bytes that one stream holds for its reader. */
  maxUnreadBytes?: number
  /** How long a request waits for an unreachable database before it gets 503. */
  databaseWaitMs?: number
  /**
   * How often the tables of shapes are checked for alterations. If Postgres reports alterations (PGlite,
   * and users who may create event triggers), they are detected at once, otherwise after this time.
   */
  catalogMs?: number
  clock?: Clock
}

export interface ShapeService {
  fetch(request: Request): Promise<Response>
  close(): Promise<void>
}

const MEGABYTE = 1024 * 1024

export const DEFAULT_LIMITS = {
  longPollMs: 20_000,
  sseMs: 60_000,
  keepAliveMs: 21_000,
  maxShapes: 5_000,
  maxBytes: 256 * MEGABYTE,
  historyBytes: 16 * MEGABYTE,
  idleMs: 60_000,
  chunkBytes: 10 * MEGABYTE,
  pieceBytes: MEGABYTE,
  maxUnreadBytes: 32 * MEGABYTE,
  databaseWaitMs: 5_000,
  catalogMs: 3_000,
  maxBodyBytes: MEGABYTE,
} as const

/** Electric's HTTP API over the tables of one database. */
export async function createShapeService(options: ShapeServiceOptions): Promise<ShapeService> {
  const service = new Service(options)
  await service.ready()
  return { fetch: (request) => service.fetch(request), close: () => service.close() }
}

class Service {
  readonly #options: ShapeServiceOptions
  readonly #registry: Registry
  readonly #tables: TableLookups
  readonly #server: ShapeServer
  readonly #maxBodyBytes: number
  /** The definitions with which a live shape was requested; such requests need no database. */
  readonly #knownKeys = new WeakMap<Shape, Set<string>>()
  #closing: Promise<void> | undefined

  constructor(options: ShapeServiceOptions) {
    const limits = { ...DEFAULT_LIMITS, ...withoutUndefined(options) }
    const clock = options.clock ?? systemClock
    this.#options = options
    this.#maxBodyBytes = limits.maxBodyBytes
    this.#registry = new Registry(options.database, limits, clock)
    this.#tables = new TableLookups(options.database.pool)
    this.#server = new ShapeServer(this.#registry, { ...limits, clock }, ({ parameters }) =>
      this.#replaced(parameters),
    )
  }

  ready(): Promise<void> {
    return this.#registry.ready()
  }

  close(): Promise<void> {
    this.#closing ??= this.#registry.close()
    return this.#closing
  }

  async fetch(request: Request): Promise<Response> {
    return withCors(await this.#answer(request), request, this.#options.cors)
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url)
    if (url.pathname.endsWith('/v1/health')) {
      return jsonResponse(
        200,
        { 'cache-control': 'no-cache, no-store, must-revalidate' },
        '{"status":"active"}',
      )
    }
    if (!url.pathname.endsWith('/v1/shape')) return errorResponse(404, { message: 'Not found' })
    if (request.method === 'OPTIONS') return optionsResponse()
    if (this.#closing !== undefined) return unavailable('The shape service is closed')
    if (!this.#isAllowed(url.searchParams)) {
      return errorResponse(401, { message: 'Unauthorized - Invalid API secret' })
    }
    try {
      const response = await this.#dispatch(request, url.searchParams)
      return request.method === 'HEAD' ? headOf(response) : response
    } catch (error) {
      return this.#explain(error)
    }
  }

  async #dispatch(request: Request, query: URLSearchParams): Promise<Response> {
    switch (request.method) {
      case 'GET':
      case 'HEAD':
        return this.#shape(request, readParameters(query, undefined))
      case 'POST':
        return this.#shape(
          request,
          readParameters(query, await readBody(request, this.#maxBodyBytes)),
        )
      case 'DELETE':
        return this.#delete(query)
      default:
        return errorResponse(
          405,
          { message: `${request.method} not allowed` },
          { ...NO_CACHE, allow: METHODS },
        )
    }
  }

  async #shape(request: Request, parameters: Parameters): Promise<Response> {
    // A client that writes and then reads must receive its own write.
    await this.#registry.feed.settled()
    const shape = await this.#resolve(parameters)
    // The client does not read this response; inside one process it would still receive it.
    if (request.signal.aborted) return unavailable('The request was aborted')
    const { handle } = parameters
    if (handle !== null && parseHandle(handle)?.shape !== shape.id) {
      return mustRefetch(shape.handle)
    }
    if (parameters.subset !== null) return this.#subset(shape, parameters.subset)
    const ifNoneMatch = request.headers.get('if-none-match')
    return this.#server.serve(shape, { parameters, ifNoneMatch, signal: request.signal })
  }

  async #resolve(parameters: Parameters): Promise<Shape> {
    const { handle, shapeKey } = parameters
    const known = handle === null ? undefined : this.#registry.find(handle)
    if (known !== undefined && this.#knownKeys.get(known)?.has(shapeKey)) return known
    const definition = await this.#define(parameters)
    const shape = await this.#registry.getOrCreate(definition)
    const keys = this.#knownKeys.get(shape) ?? new Set()
    this.#knownKeys.set(shape, keys.add(shapeKey))
    return shape
  }

  /** Names the shape that replaced a dropped one, so that all its readers continue there. */
  async #replaced(parameters: Parameters): Promise<Response> {
    if (this.#closing !== undefined) return unavailable('The shape service is closed')
    const shape = await this.#resolve(parameters).catch(() => undefined)
    return mustRefetch(shape?.handle ?? null)
  }

  async #define({ shape }: Parameters): Promise<Definition> {
    const name = parseTableName(shape.table)
    if (!name.ok) throw RequestError.of('table', name.message)
    const table = await this.#tables.read(name.value)
    if (table === undefined) {
      throw RequestError.of(
        'table',
        `Table "${name.value.schema}"."${name.value.name}" does not exist. If the table name contains capitals or special characters you must quote it.`,
      )
    }
    return define(shape, table)
  }

  async #subset(shape: Shape, subset: SubsetRequest): Promise<Response> {
    // Taken before the rows are read: transactions that commit during the read follow it in the
    // log.
    const offset = shape.lastOffset
    const { rows, snapshot } = await readRows(
      this.#options.database.pool,
      shape.definition,
      subsetQuery(shape.definition, subset),
    ).catch((error) => {
      throw explainSubsetError(error)
    })
    // An LSN after all changes that the rows contain; the client skips changes up to it.
    const lsn = await this.#registry.feed.barrier()
    const mark = Math.floor(Math.random() * 2 ** 31)
    const metadata = {
      snapshot_mark: mark,
      database_lsn: String(lsn),
      ...snapshotFields(snapshot),
    }
    const data = rows.map((row) => shape.messages.ofRow(row, { snapshot_mark: mark }))
    return jsonResponse(
      200,
      {
        'cache-control': CACHE_CONTROL.never,
        'electric-handle': shape.handle,
        'electric-offset': formatOffset(offset),
        'electric-schema': shape.schema,
        'electric-snapshot': 'true',
      },
      `{"metadata":${JSON.stringify(metadata)},"data":[${data.join(',')}]}`,
    )
  }

  async #delete(query: URLSearchParams): Promise<Response> {
    if (this.#options.allowShapeDeletion !== true) {
      return errorResponse(
        405,
        { message: 'DELETE not allowed' },
        { ...NO_CACHE, allow: METHODS.replace('DELETE, ', '') },
      )
    }
    const handle = query.get('handle')
    if (handle !== null) {
      const shape = this.#registry.find(handle)
      if (shape === undefined) return errorResponse(404, { message: 'Shape not found' })
      await this.#registry.feed.announceDrop(shape.id)
    } else {
      const start = new URLSearchParams(query)
      start.set('offset', '-1')
      const shape = await this.#resolve(readParameters(start, undefined))
      await this.#registry.feed.announceDrop(shape.id)
    }
    return jsonResponse(202, NO_CACHE, '')
  }

  /**
   * A Postgres message may contain names of tables or hosts, or values of rows: it is logged, not
   * sent to the client.
   */
  #explain(error: unknown): Response {
    if (error instanceof RequestError) {
      const { message, errors, status } = error
      return errorResponse(status, { message, errors })
    }
    if (isOfExpression(error)) {
      const errors = { where: [expressionError(error)] }
      return errorResponse(400, { message: 'Invalid request', errors })
    }
    const state = sqlStateOf(error)
    // A table was dropped or altered between two queries; a retry gets a clear response.
    if (state === '42P01' || state === '42703') return mustRefetch(null)
    this.#options.onError?.(error)
    if (error instanceof EmbeddedError) return unavailable(MESSAGES[error.code], error.code)
    return unavailable('The database does not respond: try again later', 'database_unavailable')
  }

  #isAllowed(query: URLSearchParams): boolean {
    const { secret } = this.#options
    if (secret === undefined) return true
    const given = Buffer.from(query.get('secret') ?? query.get('api_secret') ?? '')
    const wanted = Buffer.from(secret)
    return given.length === wanted.length && timingSafeEqual(given, wanted)
  }
}

/** The message to the client for each failure. */
const MESSAGES: Record<EmbeddedErrorCode, string> = {
  data_folder_locked: 'The database is in use by another process',
  data_folder_unusable: 'The database cannot be opened',
  database_stopped: 'The database has stopped',
  storage_full: 'The disk of the database is full',
  database_unreachable: 'The database cannot be reached: try again later',
  capture_not_permitted:
    'The service lacks a permission to capture changes of this table: see its log',
  capture_timed_out:
    'A transaction blocked the service from capturing changes of this table: try again later',
  feed_down: 'The service has lost its connection to the database: try again later',
  closed: 'The shape service is closed',
}

const NO_CACHE = { 'cache-control': CACHE_CONTROL.never }

function withoutUndefined(options: ShapeServiceOptions): Partial<typeof DEFAULT_LIMITS> {
  return Object.fromEntries(
    Object.entries(options).filter(
      ([name, value]) => name in DEFAULT_LIMITS && value !== undefined,
    ),
  )
}
