import type { Context } from 'hono'
import { discard } from '../streams/discard.ts'
import { type Feed, feedResponse, takeFeed } from '../streams/feed.ts'
import type { OpenStream } from '../streams/registry.ts'
import type { Allowed, RouteContext } from './context.ts'
import type { ShapeClient } from './forward-shape.ts'

/** The parameters that request a stream of events from Electric. */
const STREAM_PARAMS = ['live_sse', 'experimental_live_sse'] as const

/** The parameters that make a request live. */
export const LIVE_PARAMS = ['live', ...STREAM_PARAMS] as const

/**
 * True for a request that may wait for changes: a stream of events or a long poll. The parameters are
 * read as `shapeUrl` reads them, and any value but `false` counts, because the shape service also accepts
 * `1` for `true`: a stream that did not count here would stay open after its right is revoked.
 */
export const isLiveQuery = (query: URLSearchParams): boolean =>
  LIVE_PARAMS.some((name) => isSet(query, name))

/** True for a live request, by its query. */
export const isLive = (c: Context): boolean => isLiveQuery(new URL(c.req.url).searchParams)

/** True for a request for a stream of events. */
export const isEventStream = (query: URLSearchParams): boolean =>
  STREAM_PARAMS.some((name) => isSet(query, name))

/** True for a parameter with any value but `false`. */
export function isSet(query: URLSearchParams, name: string): boolean {
  const value = query.get(name)
  return value !== null && value !== 'false'
}

/**
 * Answers a shape request. While it is open, a live one counts as a stream of its user and document, and
 * is authorised again: it ends when the right is revoked. A long poll is then answered with the refusal; a
 * stream of events just ends, and its reader is refused when it reconnects.
 * @throws {RequestError} too_many_requests, forbidden, unauthenticated, authorization_unavailable
 */
export async function live(
  context: RouteContext,
  c: Context,
  allowed: Allowed,
  send: (client: ShapeClient) => Promise<Response>,
): Promise<Response> {
  const { method, headers, signal } = c.req.raw
  if (!isLive(c)) return send({ method, headers, signal })
  const stream = context.streams.open(allowed)
  let response: Response
  try {
    response = await send({ method, headers, signal: AbortSignal.any([signal, stream.signal]) })
  } catch (error) {
    stream.close()
    throw stream.signal.aborted ? stream.signal.reason : error
  }
  const feed = takeFeed(response)
  if (feed === null) {
    // If the right was revoked meanwhile, the answer is not sent, even though it has arrived.
    while (stream.deciding !== null) await stream.deciding
    stream.close()
    if (!stream.signal.aborted) return response
    discard(response)
    throw stream.signal.reason
  }
  return feedResponse(ending(feed, stream), { status: response.status, headers: response.headers })
}

/** The same events, which end when the registry ends the stream. */
function ending(feed: Feed, stream: OpenStream): Feed {
  let end = (): void => {}
  const onAbort = (): void => {
    feed.cancel()
    end()
  }
  const close = (): void => {
    stream.signal.removeEventListener('abort', onAbort)
    stream.close()
  }
  if (stream.signal.aborted) feed.cancel()
  else stream.signal.addEventListener('abort', onAbort, { once: true })
  return {
    start(sink) {
      if (stream.signal.aborted) return sink.end()
      end = () => sink.end()
      feed.start({
        write: (events) => sink.write(events),
        end() {
          close()
          sink.end()
        },
      })
    },
    resume: () => feed.resume(),
    cancel() {
      close()
      feed.cancel()
    },
  }
}
