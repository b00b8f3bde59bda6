import type { RequestError } from '../errors.ts'
import type { Health as Answered, PartState } from '../schemas/protocol.ts'
import { type ShapeSource, sendTo, shapeHealthUrl, shapeUrl } from '../shapes.ts'
import { databaseTrouble, ping, SEGMENT_SHAPE } from '../store/index.ts'
import type { RouteContext } from './context.ts'
import { withDeadline } from './deadline.ts'
import type { RouteHandler } from './description.ts'
import {
  databaseUnavailable,
  NO_DATABASE,
  NO_SHAPES,
  SHAPES_REFUSED,
  shapesAnswered,
  shapesUnavailable,
} from './trouble.ts'

/** How long a health check waits for either part, in milliseconds. */
const HEALTH_TIMEOUT_MS = 3_000

/** How long the check then waits for Electric to report whether it is still starting, in milliseconds. */
const STARTING_TIMEOUT_MS = 1_000

const SILENT = `did not answer within ${HEALTH_TIMEOUT_MS} ms`

/**
 * The shape that each check requests: always the same one, for a document id that the API refuses, so
 * that it is always empty.
 */
const HEALTH_SHAPE = { ...SEGMENT_SHAPE, params: ['.', '0'] }

interface Part {
  readonly state: PartState
  /** The reason why it is not `ok`, for the log only. */
  readonly cause?: RequestError
}

interface Health {
  readonly database: Part
  readonly shapes: Part
}

/**
 * `GET /health`: 200 if writes and reads can work, otherwise 503 with the part that cannot. The check
 * requests a shape as a reader does, because Electric's own health endpoint does not check our secret.
 * Concurrent requests, and requests within `healthCacheMs`, share one check.
 */
export function getHealth(context: RouteContext): RouteHandler {
  const check = shareFor(context.limits.healthCacheMs, () => checkHealth(context))
  return async (c) => {
    const { database, shapes } = await check((health) => {
      for (const { cause } of Object.values(health) as Part[]) {
        if (cause !== undefined) context.report(cause, c.req.raw)
      }
    })
    const isHealthy = database.state === 'ok' && shapes.state === 'ok'
    return c.json(
      {
        status: isHealthy ? 'ok' : 'unavailable',
        database: database.state,
        shapes: shapes.state,
      } satisfies Answered,
      isHealthy ? 200 : 503,
      { 'cache-control': 'no-store' },
    )
  }
}

/** Calls `read` at most once per `ms`; only the request that started the call runs `onRead`. */
function shareFor<T>(ms: number, read: () => Promise<T>) {
  let last: Promise<T> | undefined
  let endedAt: number | null = null
  return (onRead: (result: T) => void): Promise<T> => {
    const isFresh = endedAt === null || performance.now() - endedAt < ms
    if (last !== undefined && isFresh) return last
    endedAt = null
    last = read().finally(() => {
      endedAt = performance.now()
    })
    last.then(onRead, () => {})
    return last
  }
}

async function checkHealth(context: RouteContext): Promise<Health> {
  const { shapes, limits } = context
  const [database, shapePart] = await Promise.all([
    inTime(
      () => checkDatabase(context),
      () => databaseUnavailable(limits, `the database ${SILENT}`),
    ),
    inTime(
      () => checkShapes(context),
      () => shapesUnavailable(limits, `the shape service ${SILENT}`),
    ),
  ])
  if (database.state === 'ok') context.worked('database')
  if (shapePart.state === 'ok') context.worked('shapes')
  if (shapePart.state !== 'unavailable' || !(await isStarting(shapes))) {
    return { database, shapes: shapePart }
  }
  return { database, shapes: { ...shapePart, state: 'starting' } }
}

async function checkDatabase({ pool, limits }: RouteContext): Promise<Part> {
  try {
    await ping(pool)
    return { state: 'ok' }
  } catch (cause) {
    return { state: databaseTrouble(cause), cause: databaseUnavailable(limits, NO_DATABASE, cause) }
  }
}

async function checkShapes({ shapes: source, limits }: RouteContext): Promise<Part> {
  // A cache between this server and Electric must not answer the check.
  const query = new URLSearchParams({ offset: '-1', 'cache-buster': String(Date.now()) })
  let response: Response
  try {
    response = await ask(source, shapeUrl(source, HEALTH_SHAPE, query), HEALTH_TIMEOUT_MS)
  } catch (cause) {
    return { state: 'unavailable', cause: shapesUnavailable(limits, NO_SHAPES, cause) }
  }
  if (response.ok && response.headers.has('electric-handle')) return { state: 'ok' }
  if (response.status === 401 || response.status === 403) {
    return { state: 'refused', cause: shapesUnavailable(limits, SHAPES_REFUSED) }
  }
  const message = response.ok
    ? 'the shape service answered a request for a shape, but not with a shape: check ELECTRIC_URL'
    : shapesAnswered(response.status)
  return { state: 'unavailable', cause: shapesUnavailable(limits, message) }
}

/** Electric's health endpoint answers 202 with `waiting` or `starting` until Electric can serve. */
async function isStarting(source: ShapeSource): Promise<boolean> {
  try {
    const response = await ask(source, shapeHealthUrl(source), STARTING_TIMEOUT_MS)
    const body: unknown = await response.json()
    const status = typeof body === 'object' && body !== null && 'status' in body ? body.status : ''
    return response.status === 202 || status === 'starting' || status === 'waiting'
  } catch {
    return false
  }
}

/** Sends a request to the shape service and reads the whole answer. */
const ask = (source: ShapeSource, url: URL, timeoutMs: number): Promise<Response> =>
  withDeadline(timeoutMs, async (signal) => {
    const response = await sendTo(source, new Request(url, { signal }))
    const { status, headers } = response
    return new Response(await response.text(), { status, headers })
  })

/** Treats a part that does not answer in time as unavailable, and ignores a late answer. */
async function inTime(check: () => Promise<Part>, timeout: () => RequestError): Promise<Part> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Part>((resolve) => {
    timer = setTimeout(() => resolve({ state: 'unavailable', cause: timeout() }), HEALTH_TIMEOUT_MS)
  })
  try {
    return await Promise.race([check(), late])
  } finally {
    clearTimeout(timer)
  }
}
