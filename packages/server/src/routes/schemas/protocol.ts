import { PART_STATES } from '../health-states.ts'
import { array, integer, object, text } from '../json-schema.ts'

export const APPENDED = object({ seq: integer('The seq of the update row.') })

export const ROLLED = object({
  active: integer('The number of the active segment.'),
})

export const REVOKED = object({
  ended: integer('Streams and long polls of this server that have ended.'),
})

export const FOLDED = object({
  seq: integer('The seq of the snapshot row.'),
  rows: integer('Update rows that it replaced.'),
  bytesBefore: integer(),
  bytesAfter: integer(),
  carried: integer('Rows that wait for missing edits, carried into the active segment.'),
})

/** Electric's protocol; the shape determines the content of the messages. */
export const SHAPE_LOG = array({
  type: 'object',
  description: 'A change or a control message of a shape.',
  properties: { headers: { type: 'object' } },
  required: ['headers'],
})

const part = (description: string) => ({ type: 'string', enum: PART_STATES, description })

export const HEALTH = object({
  status: { type: 'string', enum: ['ok', 'unavailable'] },
  database: part(
    'The state of Postgres: `refused` if it does not accept the credentials of this server, `starting` while it starts or stops.',
  ),
  shapes: part(
    'The state of reading, tested with a request as clients send it: `refused` if Electric does not accept `ELECTRIC_SECRET`, `starting` while Electric is not ready.',
  ),
})

export const OPENAPI = {
  type: 'object',
  required: ['openapi', 'info', 'paths'],
  properties: { openapi: text(), info: { type: 'object' }, paths: { type: 'object' } },
}
