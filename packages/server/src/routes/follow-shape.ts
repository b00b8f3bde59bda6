import type { SegmentKey } from '../store/index.ts'
import { type Feed, feedResponse } from '../streams/feed.ts'
import { type KeptAnswer, keepAnswer } from '../streams/follow/answers.ts'
import type { RequestStream } from '../streams/follow/follower.ts'
import { parsePosition } from '../streams/follow/position.ts'
import type { RouteContext } from './context.ts'
import { askShapes, forwardShape, passOn, type ShapeClient } from './forward-shape.ts'
import { isEventStream, isSet } from './live.ts'
import { sharedReads } from './shared-reads.ts'

/**
 * Answers one shape request. Many readers share one request to the shape service: streams share a followed
 * shape, long polls share the answer to equal requests, and readers that catch up share the answer to a
 * request that was sent after theirs had arrived.
 * @param of the segment whose rows the shape has; null for any other shape
 * @throws {RequestError} shape_service_unavailable, server_busy
 */
export async function followShape(
  context: RouteContext,
  client: ShapeClient,
  url: URL,
  of: SegmentKey | null,
): Promise<Response> {
  const { searchParams } = url
  if (client.method !== 'GET') return forwardShape(context, client, url)
  if (!isEventStream(searchParams) && !isSet(searchParams, 'live')) {
    return catchUp(context, client, url)
  }
  const at = parsePosition(searchParams.get('offset'))
  const isShared = at !== null && searchParams.has('handle')
  if (!isShared || client.headers.has('if-none-match')) return forwardShape(context, client, url)
  const key = withoutParameters(url, ['cursor'])
  if (isEventStream(searchParams)) {
    const kept = context.polls.kept(key)
    if (kept !== undefined) return passOn(context, client, copyOf(context, client, kept))
    const answer = await context.followers.open(
      {
        shape: withoutParameters(url, ['offset', 'cursor']),
        of: searchParams.get('log') === 'changes_only' ? null : of,
        at,
        cursor: searchParams.get('cursor'),
        request: streamRequest(context, client, url),
      },
      client.signal,
    )
    if (answer.type === 'refused') {
      context.polls.keep(key, answer.refusal)
      return passOn(context, client, copyOf(context, client, answer.refusal))
    }
    return passOnFeed(context, client, answer.headers, answer.feed)
  }
  const answer = await context.polls.get(
    key,
    (signal) => askShapes(context, { method: 'GET', headers: client.headers, signal }, url),
    // An answer without news is not kept, because its reader would request it again at once and get the
    // same one.
    ({ headers }) => headers.get('electric-offset') !== searchParams.get('offset'),
    client.signal,
  )
  return passOn(context, client, copyOf(context, client, answer, searchParams.get('cursor')))
}

/** For each app, the requests of readers that catch up with the log. */
const catchUps = new WeakMap<RouteContext, ReturnType<typeof sharedReads<KeptAnswer>>>()

async function catchUp(context: RouteContext, client: ShapeClient, url: URL): Promise<Response> {
  return passOn(context, client, copyOf(context, client, await readLog(context, client, url)))
}

/** A part of the log, from the offset in the URL on. Readers that ask meanwhile share the next read. */
export async function readLog(
  context: RouteContext,
  client: ShapeClient,
  url: URL,
): Promise<KeptAnswer> {
  let reads = catchUps.get(context)
  if (reads === undefined) {
    reads = sharedReads<KeptAnswer>()
    catchUps.set(context, reads)
  }
  const { headers } = client
  const key = JSON.stringify([url.href, headers.get('if-none-match'), headers.get('cache-control')])
  const read = async (signal: AbortSignal): Promise<KeptAnswer> =>
    keepAnswer(await askShapes(context, { method: 'GET', headers, signal }, url))
  return reads.read(key, read, client.signal)
}

function streamRequest(
  context: RouteContext,
  { method, headers }: ShapeClient,
  url: URL,
): RequestStream {
  return (place, signal) => {
    const next = new URL(url)
    if (place !== null) {
      next.searchParams.set('offset', place.offset)
      if (place.cursor !== null) next.searchParams.set('cursor', place.cursor)
    }
    return askShapes(context, { method, headers, signal }, next)
  }
}

/** The headers are filtered like those of every answer of the shape service. */
async function passOnFeed(
  context: RouteContext,
  client: ShapeClient,
  headers: Headers,
  feed: Feed,
): Promise<Response> {
  return passOn(context, client, feedResponse(feed, { status: 200, headers }))
}

/**
 * The answer for one of its readers. All readers share its bytes, which count once.
 * @throws {RequestError} server_busy
 */
function copyOf(
  { answers }: RouteContext,
  { signal }: ShapeClient,
  answer: KeptAnswer,
  cursor: string | null = null,
): Response {
  const { status, body } = answer
  const headers = new Headers(answer.headers)
  // If a reader repeated its cursor, a cache could send it the answer that it already has.
  const next = headers.get('electric-cursor')
  if (next !== null && next === cursor) headers.set('electric-cursor', String(Number(next) + 1))
  if (body.byteLength === 0) return new Response(null, { status, headers })
  headers.set('content-length', String(body.byteLength))
  return new Response(answers.bodyOf(body, signal), { status, headers })
}

/** The URL without the parameters in which equal requests differ. */
export function withoutParameters(url: URL, names: readonly string[]): string {
  const rest = new URL(url)
  for (const name of names) rest.searchParams.delete(name)
  return rest.href
}
