import { array, described, integer, nullable, type Output, object, TIME } from './values.ts'

export const UPDATE = object(
  {
    seq: integer(),
    segment: integer('The number of its segment.'),
    bytes: integer(),
    storedAt: described(TIME, 'When the server stored it, by the clock of the database.'),
  },
  'An update row without its bytes.',
)

/** An update row without its bytes. */
export type UpdateInfo = Output<typeof UPDATE>

export const UPDATE_LIST = object({
  updates: array(UPDATE),
  next: nullable(integer('The value of `after` for the next page; null on the last one.')),
})

/** A page of the update rows of a document, by seq. */
export type UpdateList = Output<typeof UPDATE_LIST>
