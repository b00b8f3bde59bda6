import { proxy } from 'hono/proxy'
import { sendTo } from '../shapes.ts'
import { discard } from '../streams/discard.ts'
import { feedResponse, isEventStreamResponse, takeFeed } from '../streams/feed.ts'
import { passOnAtOnce } from './caching.ts'
import type { RouteContext } from './context.ts'
import { matchingTag, strongTags } from './entity-tags.ts'
import { withHandle } from './must-refetch.ts'
import { NO_SHAPES, SHAPES_REFUSED, shapesAnswered, shapesUnavailable } from './trouble.ts'

/** The part of a client's request that matters to the shape service. */
export type ShapeClient = Pick<Request, 'method' | 'headers' | 'signal'>

/** Statuses of Electric's protocol that are passed on to the client, besides success. */
const PASSED_ON: ReadonlySet<number> = new Set([304, 400, 409])

/**
 * Forwards one shape request. Aborts and streams pass through. Only the client's headers for caching are
 * forwarded, so that neither cookies nor credentials reach Electric.
 * @throws {RequestError} shape_service_unavailable, server_busy
 */
export async function forwardShape(
  context: RouteContext,
  client: ShapeClient,
  url: URL,
): Promise<Response> {
  const answer = await passOn(context, client, await askShapes(context, client, url))
  // A shape service in this process answers with a whole piece of the log. The answer of a remote service is read
  // as fast as the client reads, and is not held here.
  const isHeld = context.shapes.fetch !== undefined && !isEventStreamResponse(answer)
  return isHeld ? context.answers.count(answer, client) : answer
}

/**
 * The answer of the shape service as this client gets it.
 * @throws {RequestError} shape_service_unavailable
 */
export async function passOn(
  context: RouteContext,
  client: Pick<ShapeClient, 'headers'>,
  answer: Response,
): Promise<Response> {
  const response = withoutForeignHeaders(answer)
  if (response.status === 401 || response.status === 403) {
    // This server's secret is wrong. A client would relate a 401 to its own credentials.
    discard(response)
    throw shapesUnavailable(context.limits, SHAPES_REFUSED)
  }
  if (!response.ok && !PASSED_ON.has(response.status)) {
    // For example, a 404 concerns our URL and not the client's: a client that received it would give up for good.
    discard(response)
    throw shapesUnavailable(context.limits, shapesAnswered(response.status))
  }
  context.worked('shapes')
  if (!context.publicCache) makePrivate(response.headers)
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
    passOnAtOnce(response.headers)
    const feed = takeFeed(response)
    return feed === null ? response : feedResponse(feed, response)
  }
  return notModified(client, response)
}

/** The headers of the shape service's answers that matter to our clients and to caches. */
const PASSED_ON_HEADERS: ReadonlySet<string> = new Set([
  'age',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-type',
  'date',
  'etag',
  'expires',
  'last-modified',
  'retry-after',
  'vary',
])

/**
 * Removes the other headers of the shape service. Electric's `access-control-allow-origin: *`, for
 * example, would let every website read every document of a server without authentication.
 */
function withoutForeignHeaders(response: Response): Response {
  for (const name of [...response.headers.keys()]) {
    if (!name.startsWith('electric-') && !PASSED_ON_HEADERS.has(name)) response.headers.delete(name)
  }
  return response
}

/** Sends a request to the shape service; a 409 is returned with the handle for the next request. */
export async function askShapes(
  context: RouteContext,
  client: ShapeClient,
  url: URL,
): Promise<Response> {
  const response = await sendOnce(context, client, url)
  if (response.status !== 409) return response
  return withHandle(context, url, response, (beginning, signal) =>
    sendOnce(context, new Request(beginning, { signal }), beginning),
  )
}

/** Answers 304 with the client's tag, also in cases that Electric does not support. */
async function notModified(
  client: Pick<ShapeClient, 'headers'>,
  response: Response,
): Promise<Response> {
  if (response.status !== 200 && response.status !== 304) return response
  const etag = response.headers.get('etag')
  const known = etag === null ? null : matchingTag(client.headers.get('if-none-match'), etag)
  if (known === null) return response
  discard(response)
  const headers = new Headers(response.headers)
  headers.set('etag', known)
  headers.delete('content-length')
  return new Response(null, { status: 304, headers })
}

/** Sends a GET again if the peer has just closed its idle keep-alive socket. */
async function sendOnce(context: RouteContext, client: ShapeClient, url: URL): Promise<Response> {
  const headers = new Headers()
  for (const name of ['accept', 'cache-control']) {
    const value = client.headers.get(name)
    if (value !== null) headers.set(name, value)
  }
  const tags = strongTags(client.headers.get('if-none-match'))
  if (tags !== null) headers.set('if-none-match', tags)
  const customFetch = (request: Request) => sendTo(context.shapes, request)
  const send = () =>
    proxy(url, { method: client.method, headers, signal: client.signal, customFetch })
  try {
    return await send().catch((error: unknown) => {
      if (client.signal.aborted || !isReset(error)) throw error
      return send()
    })
  } catch (cause) {
    if (client.signal.aborted) throw cause
    throw shapesUnavailable(context.limits, NO_SHAPES, cause)
  }
}

function isReset(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET'
}

/** Electric marks answers as `public`, but behind authorisation an answer is for this client alone. */
function makePrivate(headers: Headers): void {
  const cacheControl = headers.get('cache-control')
  if (cacheControl !== null) {
    headers.set(
      'cache-control',
      cacheControl
        .split(',')
        .map((directive) => directive.trim())
        .filter((directive) => !directive.startsWith('s-maxage'))
        .map((directive) => (directive === 'public' ? 'private' : directive))
        .join(', '),
    )
  }
  headers.append('vary', 'authorization, cookie')
}
