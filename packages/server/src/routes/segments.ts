import type { Handler } from 'hono'
import { RequestError } from '../errors.ts'
import { shapeUrl } from '../shapes.ts'
import { SEGMENT_SHAPE, segmentStatus } from '../store/index.ts'
import { authorizedDocId, type RouteContext } from './context.ts'
import { forwardShape } from './forward-shape.ts'

/** `GET /docs/:docId/segments/:n`: Electric's protocol, for the update rows of one segment. */
export function getSegment(context: RouteContext): Handler {
  return async (c) => {
    const docId = await authorizedDocId(context, c, 'read')
    const segment = segmentNumber(c.req.param('segment') ?? '')
    await refuseUnlessThere(context, docId, segment)
    const shape = { ...SEGMENT_SHAPE, params: [docId, String(segment)] }
    const url = shapeUrl(context.shapes, shape, new URL(c.req.url).searchParams)
    return forwardShape(context, c.req.raw, url)
  }
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
