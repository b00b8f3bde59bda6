/** The source of shapes: a real Electric, or the in-process shape service with its own `fetch`. */
export interface ShapeSource {
  /** Base URL of Electric's HTTP API, without `/v1/shape`. */
  readonly url: string
  /** Sends the requests. Default: the global `fetch`. */
  readonly fetch?: (request: Request) => Promise<Response>
  /** `ELECTRIC_SECRET`, added to every request; clients never see it. */
  readonly secret?: string | undefined
  /** Electric Cloud's source id. */
  readonly sourceId?: string | undefined
  /**
   * True for a service that sees a row as soon as its transaction has committed, as the in-process one does.
   * Presence then does not wait for the disk. Electric reads the log on disk. Default: false.
   */
  readonly seesCommits?: boolean
}

/**
 * Sends a request to the source of shapes. The signal is also an option because frameworks replace `fetch`: Next.js
 * copies the answer to every GET without that option, and the copy keeps a stream and its events.
 */
export const sendTo = (
  source: ShapeSource,
  request: Request,
  send: typeof fetch = fetch,
): Promise<Response> => source.fetch?.(request) ?? send(request, { signal: request.signal })

/** The table and rows of a shape; written by the server, never by a client. */
export interface ShapeDefinition {
  readonly table: string
  readonly columns: string
  readonly where: string
  readonly params: readonly string[]
}

/**
 * The parameters of Electric's protocol for a client's position in the log. Only these are accepted from
 * a client. The server alone writes the parameters that select rows (table, where, columns, params,
 * replica, subset__*) and the secret.
 */
export const CLIENT_PARAMS = [
  'offset',
  'handle',
  'live',
  'live_sse',
  'experimental_live_sse',
  'cursor',
  'expired_handle',
  'cache-buster',
  'log',
] as const

/**
 * The longest URL of a shape, without the parameters of the client, that the server sends to Electric, in characters.
 * Electric reads request lines of at most 10,000 bytes, and proxies in front of it often of 8,192.
 */
export const MAX_SHAPE_URL_LENGTH = 7_500

/** The upstream URL for one client request. */
export function shapeUrl(
  source: ShapeSource,
  shape: ShapeDefinition,
  client: URLSearchParams,
): URL {
  const url = new URL(`${source.url.replace(/\/+$/, '')}/v1/shape`)
  for (const name of CLIENT_PARAMS) {
    const value = client.get(name)
    if (value !== null) url.searchParams.set(name, value)
  }
  url.searchParams.set('table', shape.table)
  url.searchParams.set('columns', shape.columns)
  url.searchParams.set('where', shape.where)
  shape.params.forEach((value, i) => {
    url.searchParams.set(`params[${i + 1}]`, value)
  })
  if (source.sourceId !== undefined) url.searchParams.set('source_id', source.sourceId)
  if (source.secret !== undefined) url.searchParams.set('secret', source.secret)
  return url
}

/** The upstream URL that reports whether the shape service runs. */
export function shapeHealthUrl(source: ShapeSource): URL {
  return new URL(`${source.url.replace(/\/+$/, '')}/v1/health`)
}
