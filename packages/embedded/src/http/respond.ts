const EXPOSED =
  'electric-cursor,electric-handle,electric-has-data,electric-offset,electric-schema,electric-up-to-date,electric-internal-known-error,retry-after'

export const METHODS = 'GET, POST, HEAD, DELETE, OPTIONS'

const COMMON = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': METHODS,
  'access-control-expose-headers': EXPOSED,
  vary: 'accept-encoding',
}

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
      // Proxies that gather a response before they pass it on are asked not to.
      'x-accel-buffering': 'no',
      ...headers,
    },
  })
}

export function optionsResponse(request: Request): Response {
  const asked = request.headers.get('access-control-request-headers')
  const { vary: _, ...common } = COMMON
  return new Response(null, {
    status: 204,
    headers: {
      ...common,
      'access-control-max-age': '86400',
      ...(asked !== null && { 'access-control-allow-headers': asked }),
    },
  })
}

const NO_STORE = { 'cache-control': 'no-store', 'surrogate-control': 'no-store' }

export const errorResponse = (
  status: number,
  body: { message: string; errors?: Readonly<Record<string, unknown>> },
  headers: HeaderMap = NO_STORE,
): Response => jsonResponse(status, headers, JSON.stringify(body))

/** Try again: the database is away, or we are closing. */
export const unavailable = (message: string): Response =>
  errorResponse(
    503,
    { message },
    { ...NO_STORE, 'retry-after': '1', 'electric-internal-known-error': 'true' },
  )

/** The reader starts anew; with a handle, on that shape. */
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

/** GET without its body. */
export const headOf = (response: Response): Response =>
  new Response(null, { status: response.status, headers: response.headers })
