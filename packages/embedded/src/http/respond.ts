const EXPOSED =
  'electric-cursor,electric-handle,electric-has-data,electric-offset,electric-schema,electric-up-to-date,electric-internal-known-error,retry-after'

export const METHODS = 'GET, POST, HEAD, DELETE, OPTIONS'

/** The origins whose web pages may read responses: any, or the listed ones. */
export type Cors = '*' | readonly string[]

/**
 * Lets web pages of other origins read a response, if the operator allows it. Without CORS headers
 * a browser hides responses from pages of other origins; clients outside browsers ignore these
 * headers.
 */
export function withCors(response: Response, request: Request, cors: Cors | undefined): Response {
  if (cors === undefined) return response
  const origin = request.headers.get('origin')
  const { headers } = response
  if (cors !== '*') headers.append('vary', 'origin')
  const isAllowed = cors === '*' || (origin !== null && cors.includes(origin))
  if (!isAllowed) return response
  headers.set('access-control-allow-origin', cors === '*' ? '*' : (origin ?? ''))
  headers.set('access-control-allow-methods', METHODS)
  headers.set('access-control-expose-headers', EXPOSED)
  if (request.method === 'OPTIONS') {
    headers.set('access-control-max-age', '86400')
    const asked = request.headers.get('access-control-request-headers')
    if (asked !== null) headers.set('access-control-allow-headers', asked)
  }
  return response
}

const COMMON = { vary: 'accept-encoding' }

const JSON_TYPE = 'application/json; charset=utf-8'

export type HeaderMap = Readonly<Record<string, string>>

export function jsonResponse(status: number, headers: HeaderMap, body: string): Response {
  return new Response(status === 304 ? null : body, {
    status,
    headers: { ...COMMON, 'content-type': JSON_TYPE, ...headers },
  })
}

export function streamResponse(headers: HeaderMap, body: ReadableStream<Uint8Array>): Response {
  return new Response(body, {
    status: 200,
    headers: {
      ...COMMON,
      'content-type': 'text/event-stream',
      // Asks proxies not to buffer the response.
      'x-accel-buffering': 'no',
      ...headers,
    },
  })
}

export const optionsResponse = (): Response =>
  new Response(null, { status: 204, headers: { allow: METHODS } })

const NO_STORE = { 'cache-control': 'no-store', 'surrogate-control': 'no-store' }

export const errorResponse = (
  status: number,
  body: { message: string; code?: string; errors?: Readonly<Record<string, unknown>> },
  headers: HeaderMap = NO_STORE,
): Response => jsonResponse(status, headers, JSON.stringify(body))

/**
 * Asks the client to retry: the database is unreachable, or the service is closing. `code` is for
 * programs.
 */
export const unavailable = (message: string, code = 'unavailable'): Response =>
  errorResponse(
    503,
    { message, code },
    { ...NO_STORE, 'retry-after': '1', 'electric-internal-known-error': 'true' },
  )

/** Tells the reader to start over; with a handle, on that shape. */
export function mustRefetch(handle: string | null): Response {
  const headers =
    handle === null
      ? { 'cache-control': 'public, max-age=1, must-revalidate' }
      : {
          'cache-control': 'public, max-age=60, must-revalidate',
          'electric-handle': handle,
          etag: `"${handle}::"`,
        }
  return jsonResponse(409, headers, '[{"headers":{"control":"must-refetch"}}]')
}

/** The response to HEAD: the response to GET without its body. */
export const headOf = (response: Response): Response =>
  new Response(null, { status: response.status, headers: response.headers })
