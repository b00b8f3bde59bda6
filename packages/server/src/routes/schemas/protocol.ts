import { array, integer, object, text } from '../json-schema.ts'

export const APPENDED = object({ seq: integer('Of the update row.') })

export const ROLLED = object({
  active: integer('The number of the segment that takes writes now.'),
})

export const FOLDED = object({
  seq: integer('Of the snapshot row.'),
  rows: integer('Update rows that it replaced.'),
  bytesBefore: integer(),
  bytesAfter: integer(),
  carried: integer('Rows that wait for others, carried into the active segment.'),
})

/** Electric's protocol; what is in the messages is the shape's. */
export const SHAPE_LOG = array({
  type: 'object',
  description: 'A change or a control message of a shape.',
  properties: { headers: { type: 'object' } },
  required: ['headers'],
})

const PART = { type: 'string', enum: ['ok', 'unavailable'] }

export const HEALTH = object({
  status: { type: 'string', enum: ['ok', 'unavailable'] },
  database: PART,
  shapes: PART,
})

export const OPENAPI = {
  type: 'object',
  required: ['openapi', 'info', 'paths'],
  properties: { openapi: text(), info: { type: 'object' }, paths: { type: 'object' } },
}
