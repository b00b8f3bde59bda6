import { BACKLOG_FIRST, BACKLOG_HEADER, backlogEvent } from 'y-electric/protocol'
import type { SegmentKey } from '../store/index.ts'
import { type Feed, feedResponse, takeFeed } from '../streams/feed.ts'
import type { KeptAnswer } from '../streams/follow/answers.ts'
import { concat } from '../streams/follow/events.ts'
import { parsePosition } from '../streams/follow/position.ts'
import type { RouteContext } from './context.ts'
import { followShape, readLog, withoutParameters } from './follow-shape.ts'
import type { ShapeClient } from './forward-shape.ts'
import { LIVE_PARAMS } from './live.ts'

/**
 * The largest backlog that a stream begins with, in bytes. A stream is not compressed, so a longer one arrives sooner in
 * answers of its own, in a seventh of the bytes.
 */
const MAX_BACKLOG_BYTES = 32 * 1024

/**
 * Answers a request for a stream with the backlog as its first event, and continues after it. Without the header
 * `BACKLOG_HEADER`, the answer is the stream from the requested offset on: the backlog is too long for an event.
 * @throws {RequestError} shape_service_unavailable, server_busy
 */
export async function backlogFirst(
  context: RouteContext,
  client: ShapeClient,
  url: URL,
  of: SegmentKey,
): Promise<Response> {
  const log = await readLog(context, withoutTag(client), withoutStream(url))
  const offset = log.headers.get('electric-offset')
  if (!isWholeBacklog(log) || offset === null) return followShape(context, client, url, of)
  const rest = new URL(url)
  rest.searchParams.set('offset', offset)
  const stream = await followShape(context, client, rest, of)
  const feed = takeFeed(stream)
  if (feed === null) return stream
  const headers = new Headers(stream.headers)
  headers.set(BACKLOG_HEADER, BACKLOG_FIRST)
  return feedResponse(after(eventOf(log, offset), feed), { status: 200, headers })
}

/** Readers that ask at the same time share the log, and the event. */
const encoded = new WeakMap<KeptAnswer, Uint8Array>()

function eventOf(log: KeptAnswer, offset: string): Uint8Array {
  const known = encoded.get(log)
  if (known !== undefined) return known
  const messages = new TextDecoder().decode(concat(log.body.chunks))
  const event = new TextEncoder().encode(backlogEvent({ offset, messages }))
  encoded.set(log, event)
  return event
}

/** True for an answer with everything from its offset to the end of the log. */
const isWholeBacklog = ({ status, headers, body }: KeptAnswer): boolean =>
  status === 200 &&
  headers.has('electric-up-to-date') &&
  parsePosition(headers.get('electric-offset')) !== null &&
  body.byteLength <= MAX_BACKLOG_BYTES

function withoutTag({ method, headers: given, signal }: ShapeClient): ShapeClient {
  const headers = new Headers(given)
  headers.delete('if-none-match')
  return { method, headers, signal }
}

/** The URL of the log from the same offset on. */
const withoutStream = (url: URL): URL => new URL(withoutParameters(url, [...LIVE_PARAMS, 'cursor']))

/** The events of a feed after another one. */
function after(event: Uint8Array, feed: Feed): Feed {
  let isStarted = false
  let start = (): void => {}
  return {
    start(sink) {
      start = () => feed.start(sink)
      sink.write(event)
    },
    resume() {
      if (isStarted) return feed.resume()
      isStarted = true
      start()
    },
    cancel: () => feed.cancel(),
  }
}
