import type { Handler } from 'hono'
import { RequestError } from '../errors.ts'
import { shapeUrl } from '../shapes.ts'
import { rollDue, rollSegment, SEGMENT_SHAPE, segmentStatus } from '../store/index.ts'
import { readBody } from './body.ts'
import { authorizedDocId, type RouteContext } from './context.ts'
import { forwardShape } from './forward-shape.ts'

/** `GET /docs/:docId/segments/:n`: Electric's protocol, for the update rows of one segment. */
export function getSegment(context: RouteContext): Handler {
  return async (c) => {
    const docId = await authorizedDocId(context, c, 'read')
    const segment = segmentNumber(c.req.param('segment') ?? '')
    await refuseUnlessThere(context, docId, segment)
    const url = segmentUrl(context, docId, segment, new URL(c.req.url).searchParams)
    return forwardShape(context, c.req.raw, url)
  }
}

/** `POST /docs/:docId/segments` `{active: n}`: seals segment n and opens the next; 201 `{active}`. */
export function postSegment(context: RouteContext): Handler {
  return async (c) => {
    const docId = await authorizedDocId(context, c, 'write')
    const active = await activeFromBody(c.req.raw)
    const due = await rollDue(context.pool, docId, active, context.limits)
    if (due === 'not-due') {
      throw new RequestError('segment_not_due', `segment ${active} is nearly empty and young`)
    }
    if (due === 'due') await prepareShape(context, docId, active + 1, c.req.raw.signal)
    const next = due === 'due' ? await rollSegment(context.pool, docId, active) : null
    if (next === null) {
      throw new RequestError('segment_conflict', `segment ${active} is not the active one`)
    }
    return c.json({ active: next }, 201, { 'cache-control': 'no-store' })
  }
}

/** Bytes that `{"active": n}` may take, with room for white space. */
const MAX_BODY_BYTES = 1024

async function activeFromBody(request: Request): Promise<number> {
  const body = parseJson(await readBody(request, MAX_BODY_BYTES, 'invalid_request'))
  const active = typeof body === 'object' && body !== null && 'active' in body ? body.active : null
  if (
    typeof active !== 'number' ||
    !Number.isInteger(active) ||
    active < 0 ||
    active >= MAX_SEGMENT
  ) {
    throw new RequestError(
      'invalid_request',
      'the body must be {"active": the number of the active segment}',
    )
  }
  return active
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return null
  }
}

/**
 * Asks for the next segment's shape before it is opened, so that the followers who cross the seal
 * together find it made. That it fails is no reason not to roll.
 */
async function prepareShape(
  context: RouteContext,
  docId: string,
  segment: number,
  signal: AbortSignal,
): Promise<void> {
  const url = segmentUrl(context, docId, segment, new URLSearchParams({ offset: '-1' }))
  try {
    const response = await forwardShape(context, new Request(url, { signal }), url)
    await response.body?.cancel()
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

const MAX_SEGMENT = 2 ** 31 - 1

function segmentNumber(text: string): number {
  const segment = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (!(segment <= MAX_SEGMENT)) {
    throw new RequestError('invalid_request', 'a segment is a number from 0')
  }
  return segment
}

async function refuseUnlessThere(
  { pool }: RouteContext,
  docId: string,
  segment: number,
): Promise<void> {
  const status = await segmentStatus(pool, docId, segment)
  if (status === 'not-opened') {
    throw new RequestError('segment_not_opened', `segment ${segment} is not opened yet`)
  }
  if (status === 'folded') {
    throw new RequestError('segment_folded', `segment ${segment} was folded: join again`)
  }
}
