import { type Context, type Handler, Hono } from 'hono'
import { getPath } from 'hono/utils/url'
import * as v from 'valibot'
import { BACKLOG_PARAM } from 'y-electric/protocol'
import { RequestError } from '../errors.ts'
import { array, bodyOf, text } from '../schemas/values.ts'
import { jointStream } from '../streams/joint.ts'
import { readJsonObject } from './body.ts'
import { passOnAtOnce } from './caching.ts'
import type { OpenStream, RouteContext } from './context.ts'
import type { Route, RouteHandler } from './description.ts'
import { isEventStream } from './live.ts'

/** The path of the route below the mount point. */
export const LIVE_PATH = '/live'

/** Largest body of a request for many streams, in bytes. */
export const MAX_LIVE_BODY_BYTES = 1024 * 1024

/** The body of `POST /live`. */
export const LIVE_BODY = bodyOf({ streams: array(text()) })

/** The longest path and query of one stream. */
const MAX_STREAM_LENGTH = 8 * 1024

/** Headers of the request that describe its own body and connection. */
const OWN_HEADERS = ['content-length', 'content-type', 'transfer-encoding', 'accept-encoding']

/**
 * `POST /live` `{"streams": ["/docs/a/segments/3?live=true&live_sse=true&…", …]}`: all these streams in one
 * response (see `jointStream`), because a browser has only six connections to a server over HTTP/1.1. Each
 * is authorised, limited and ended on its own, exactly as if the client had requested it alone.
 */
export function postLive(context: RouteContext): RouteHandler {
  return async (c) => {
    const paths = await pathsFromBody(context, c)
    const { raw } = c.req
    const { origin, pathname, search } = new URL(raw.url)
    const mount = pathname.slice(0, -LIVE_PATH.length)
    const headers = new Headers(raw.headers)
    for (const name of OWN_HEADERS) headers.delete(name)
    const parts = paths.map((path) => ({
      open(offset: string | null, signal: AbortSignal) {
        // The URL that the client would have requested: below the mount point, with the query of the app.
        const url = new URL(`${origin}${mount}${path}${search.replace('?', '&')}`)
        if (offset !== null) {
          url.searchParams.set('offset', offset)
          // The reader has its backlog.
          url.searchParams.delete(BACKLOG_PARAM)
        }
        return context.openStream(new Request(url, { headers, signal }), mount, c.env)
      },
    }))
    const response = new Response(jointStream(parts, raw.signal), {
      headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' },
    })
    passOnAtOnce(response.headers)
    return response
  }
}

async function pathsFromBody(
  { limits: { maxLiveStreams } }: RouteContext,
  c: Context,
): Promise<readonly string[]> {
  const sent = await readJsonObject(c, MAX_LIVE_BODY_BYTES)
  const { success, output } = v.safeParse(LIVE_BODY, sent)
  const streams = success ? output.streams : []
  if (streams.length === 0 || streams.length > maxLiveStreams) {
    throw invalid(`"streams" must list 1 to ${maxLiveStreams} streams`)
  }
  return streams.map((stream) => {
    if (!isStreamPath(stream)) {
      throw invalid(
        'each stream must be the path and query of a live shape below the mount point: "/docs/…?live=true&live_sse=true&…"',
      )
    }
    return stream
  })
}

function isStreamPath(stream: string): boolean {
  if (stream.length > MAX_STREAM_LENGTH) return false
  // An absolute path of visible characters: it is appended to an origin.
  if (!/^\/docs\/[!-~]+$/.test(stream) || /[\\#]/.test(stream)) return false
  const url = new URL(`http://host${stream}`)
  return isEventStream(url.searchParams) && `${url.pathname}${url.search}` === stream
}

const invalid = (message: string): RequestError => new RequestError('invalid_request', message)

/**
 * The routes whose streams `POST /live` joins, as an app of their own: no middleware of the mount runs
 * again, and the hooks see the URL that the client would have used.
 * @param handlerOf makes the handler of a route, with all checks that it has when it is requested alone
 */
export function streamOpener(
  routes: readonly Route[],
  handlerOf: (route: Route) => Handler,
  onError: Parameters<Hono['onError']>[0],
): OpenStream {
  const mounts = new WeakMap<Request, string>()
  const app = new Hono({
    getPath: (request) => getPath(request).slice(mounts.get(request)?.length ?? 0),
  })
  for (const route of routes) app.on(route.method, route.path, handlerOf(route))
  app.notFound(() => {
    throw new RequestError('not_found', 'there is no stream at this path')
  })
  app.onError(onError)
  return async (request, mount, env) => {
    mounts.set(request, decodeURI(mount))
    return app.fetch(request, env as object)
  }
}
