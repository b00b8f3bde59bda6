import { discard } from '../streams/discard.ts'
import type { RouteContext } from './context.ts'
import { withDeadline } from './deadline.ts'
import { sharedReads } from './shared-reads.ts'
import { NO_SHAPES, shapesAnswered, shapesUnavailable } from './trouble.ts'

const HANDLE = 'electric-handle'

/** How long Electric may take to return the handle of a shape, in milliseconds. */
const HANDLE_TIMEOUT_MS = 10_000

/** The parameters for a position in the log. A request for the beginning has none of them. */
const POSITION = ['handle', 'live', 'live_sse', 'experimental_live_sse', 'cursor']

type Send = (url: URL, signal: AbortSignal) => Promise<Response>

/** For each app: if several readers of a shape are refused at the same time, one request finds its handle. */
const lookups = new WeakMap<RouteContext, ReturnType<typeof sharedReads<string | null>>>()

/**
 * Adds the handle to continue with to a 409 of Electric. Electric sends none after it was killed, or
 * while it drops a shape, and its client then warns of a misconfigured proxy. A client that gets the
 * refused handle again treats every later answer as stale. So this server requests the beginning of
 * the shape, as the client would, and passes on the handle of that answer.
 * @throws {RequestError} shape_service_unavailable if there is no handle yet: the client tries again
 */
export async function withHandle(
  context: RouteContext,
  url: URL,
  response: Response,
  send: Send,
): Promise<Response> {
  const refused = url.searchParams.get('handle')
  const named = response.headers.get(HANDLE)
  if (named !== null && named !== refused) return response
  discard(response)
  const handle = await lookUp(context, url, refused, send)
  if (handle === null || handle === refused) {
    throw shapesUnavailable(context.limits, shapesAnswered(409))
  }
  const headers = new Headers(response.headers)
  headers.set(HANDLE, handle)
  headers.set('content-type', 'application/json; charset=utf-8')
  // This answer is only valid for a moment, so no cache may keep it for the next reader.
  headers.set('cache-control', 'no-store')
  for (const name of ['etag', 'content-length']) headers.delete(name)
  return new Response('[{"headers":{"control":"must-refetch"}}]', { status: 409, headers })
}

async function lookUp(
  context: RouteContext,
  url: URL,
  refused: string | null,
  send: Send,
): Promise<string | null> {
  const beginning = new URL(url)
  for (const name of POSITION) beginning.searchParams.delete(name)
  beginning.searchParams.set('offset', '-1')
  if (refused !== null) beginning.searchParams.set('expired_handle', refused)
  beginning.searchParams.delete('cache-buster')
  const key = beginning.href
  // A cache between this server and Electric may still have the dropped shape.
  beginning.searchParams.set('cache-buster', String(Date.now()))

  let reads = lookups.get(context)
  if (reads === undefined) {
    reads = sharedReads<string | null>()
    lookups.set(context, reads)
  }
  return reads.read(key, async () => {
    try {
      const response = await withDeadline(HANDLE_TIMEOUT_MS, (signal) => send(beginning, signal))
      discard(response)
      return response.ok || response.status === 409 ? response.headers.get(HANDLE) : null
    } catch (cause) {
      throw shapesUnavailable(context.limits, NO_SHAPES, cause)
    }
  })
}
