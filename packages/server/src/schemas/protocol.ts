import * as v from 'valibot'
import { array, choice, integer, type Output, object, someObject, text } from './values.ts'

export const APPENDED = object({ seq: integer('The seq of the update row.') })
export type Appended = Output<typeof APPENDED>

export const ROLLED = object({ active: integer('The number of the active segment.') })
export type Rolled = Output<typeof ROLLED>

export const REVOKED = object({
  ended: integer('Streams and long polls of this server that have ended.'),
})
export type Revoked = Output<typeof REVOKED>

export const FOLDED = object({
  seq: integer('The seq of the snapshot row.'),
  rows: integer('Update rows that it replaced.'),
  bytesBefore: integer(),
  bytesAfter: integer(),
  carried: integer('Rows that wait for missing edits, carried into the active segment.'),
})
export type Folded = Output<typeof FOLDED>

/** Electric's protocol; the shape determines the content of the messages. */
export const SHAPE_LOG = array(
  v.pipe(
    v.looseObject({ headers: someObject() }),
    v.description('A change or a control message of a shape.'),
  ),
)

const part = (description: string) =>
  choice(['ok', 'unavailable', 'refused', 'starting'], description)

export const HEALTH = object({
  status: choice(['ok', 'unavailable']),
  database: part(
    'The state of Postgres: `refused` if it does not accept the credentials of this server, `starting` while it starts or stops.',
  ),
  shapes: part(
    'The state of reading, tested with a request as clients send it: `refused` if Electric does not accept `ELECTRIC_SECRET`, `starting` while Electric is not ready.',
  ),
})
export type Health = Output<typeof HEALTH>

/** The state of a part. `refused`: the part answers, but does not accept this server's credentials. */
export type PartState = Health['database']

export const OPENAPI = v.looseObject({ openapi: text(), info: someObject(), paths: someObject() })
