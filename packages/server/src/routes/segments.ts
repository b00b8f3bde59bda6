import { BACKLOG_FIRST, BACKLOG_PARAM, NEWEST_HEADER, newestText } from 'y-electric/protocol'
import { RequestError } from '../errors.ts'
import type { Rolled } from '../schemas/protocol.ts'
import { bodyOf, integerFrom, literal } from '../schemas/values.ts'
import { shapeUrl } from '../shapes.ts'
import { deletedError } from '../store/deleted.ts'
import { rollDue, rollSegment, SEGMENT_SHAPE, type SegmentReading } from '../store/index.ts'
import { discard } from '../streams/discard.ts'
import type { KnownEnd } from '../streams/follow/followers.ts'
import { announcing } from './announcer.ts'
import { backlogFirst } from './backlog-first.ts'
import type { RouteContext } from './context.ts'
import type { RouteHandler } from './description.ts'
import { followShape } from './follow-shape.ts'
import { askShapes, forwardShape, type ShapeClient } from './forward-shape.ts'
import { readJson } from './json-body.ts'
import { isEventStream, live } from './live.ts'
import { digits, parameter, read, readRequired } from './parameters.ts'

const MAX_SEGMENT = 2 ** 31 - 1

export const SEGMENT = parameter(
  { in: 'path', name: 'segment', description: 'The number of the segment, from 0.' },
  digits(0, MAX_SEGMENT),
)

export const BACKLOG = parameter(
  {
    name: BACKLOG_PARAM,
    description:
      'With `live_sse`: the stream begins with everything from the offset on, as one event, if the answer has the header `y-electric-backlog: first`. Not for clients of Electric.',
  },
  literal(BACKLOG_FIRST),
)

/** The body of `POST /docs/:docId/segments`. */
export const ROLL_BODY = bodyOf({ active: integerFrom(0, MAX_SEGMENT - 1) })

/** `GET /docs/:docId/segments/:segment`: Electric's protocol, for the update rows of one segment. */
export function getSegment(context: RouteContext): RouteHandler {
  return async (c, allowed) => {
    const { docId } = allowed
    const segment = readRequired(c, SEGMENT)
    const { searchParams } = new URL(c.req.url)
    const wantsBacklog = read(c, BACKLOG) !== null && isEventStream(searchParams)
    // A CDN keeps answers, but no streams.
    const isWithBacklog = wantsBacklog && !context.publicCache
    const key = { docId, segment }
    // The newest rows are read before the log is requested, so that a complete log has all of them.
    const { status, newest } = await context.segments.read(key)
    refuseUnlessThere(status, segment)
    const url = segmentUrl(context, docId, segment, searchParams)
    const forward = async (client: ShapeClient): Promise<Response> => {
      const response = isWithBacklog
        ? await backlogFirst(context, client, url, key)
        : await followShape(context, client, url, key)
      const handle = searchParams.get('handle')
      if (response.status === 409 && handle !== null) context.followers.refused(key, handle)
      return response
    }
    const { announcer } = context
    if (!isEventStream(searchParams)) {
      const response = await live(context, c, allowed, forward)
      if (response.ok) response.headers.set(NEWEST_HEADER, newestText(newest))
      return response
    }
    return live(context, c, allowed, async (client) =>
      announcing(await forward(client), newest, (tell) => announcer.subscribe(key, tell)),
    )
  }
}

/**
 * The ends of the shapes of a document's newest segments. Every row before them is committed, so that a later read of
 * state has these rows. If clients follow the document through this server, the ends are in memory; otherwise the
 * shape service is asked for that of the active segment.
 * @returns none if the shape service does not return an offset; a client can join without it
 */
export async function endsOfSegments(
  context: RouteContext,
  docId: string,
  signal: AbortSignal,
): Promise<readonly KnownEnd[]> {
  const known = context.followers.endsOf(docId)
  if (known.length > 0) return known
  const end = await endOfActiveSegment(context, docId, signal)
  return end === null ? [] : [end]
}

async function endOfActiveSegment(
  context: RouteContext,
  docId: string,
  signal: AbortSignal,
): Promise<KnownEnd | null> {
  // A read of any segment also returns the number of the active one.
  const { status, newest } = await context.segments.read({ docId, segment: 0 })
  if (status === 'deleted') throw deletedError()
  const segment = newest.activeSegment
  const url = segmentUrl(context, docId, segment, new URLSearchParams({ offset: 'now' }))
  try {
    const answer = await askShapes(context, new Request(url, { signal }), url)
    discard(answer)
    const { ok, headers } = answer
    const [handle, offset] = [headers.get('electric-handle'), headers.get('electric-offset')]
    return ok && handle !== null && offset !== null ? { segment, follow: { handle, offset } } : null
  } catch {
    signal.throwIfAborted()
    return null
  }
}

/** `POST /docs/:docId/segments` `{active: n}`: seals segment n and opens the next; 201 `{active}`. */
export function postSegment(context: RouteContext): RouteHandler {
  return async (c, { docId }) => {
    const { active } = await readJson(c, ROLL_BODY, '{"active": the number of the active segment}')
    const due = await rollDue(context.pool, docId, active, context.limits)
    if (due === 'not-due') {
      throw new RequestError('segment_not_due', `segment ${active} is nearly empty and young`)
    }
    if (due === 'due') await prepareShape(context, docId, active + 1, c.req.raw.signal)
    const next = due === 'due' ? await rollSegment(context.pool, docId, active) : null
    if (next === null) {
      throw new RequestError('segment_conflict', `segment ${active} is not the active one`)
    }
    return c.json({ active: next } satisfies Rolled, 201, { 'cache-control': 'no-store' })
  }
}

/**
 * Requests the shape of the next segment before the segment is opened, so that the clients that cross the
 * seal together find the shape ready. A failure does not prevent the roll.
 */
async function prepareShape(
  context: RouteContext,
  docId: string,
  segment: number,
  signal: AbortSignal,
): Promise<void> {
  const url = segmentUrl(context, docId, segment, new URLSearchParams({ offset: '-1' }))
  try {
    discard(await forwardShape(context, new Request(url, { signal }), url))
  } catch (error) {
    if (signal.aborted) throw error
  }
}

function segmentUrl(
  { shapes }: RouteContext,
  docId: string,
  segment: number,
  client: URLSearchParams,
): URL {
  return shapeUrl(shapes, { ...SEGMENT_SHAPE, params: [docId, String(segment)] }, client)
}

/** @throws {RequestError} deleted, segment_not_opened, segment_folded */
function refuseUnlessThere(status: SegmentReading['status'], segment: number): void {
  if (status === 'deleted') throw deletedError()
  if (status === 'not-opened') {
    throw new RequestError('segment_not_opened', `segment ${segment} is not opened yet`)
  }
  if (status === 'folded') {
    throw new RequestError('segment_folded', `segment ${segment} was folded: join again`)
  }
}
