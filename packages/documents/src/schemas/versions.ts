import {
  anything,
  array,
  boolean,
  choice,
  integer,
  literal,
  nullable,
  number,
  type Output,
  object,
  SNAPSHOT_MEMBERS,
  someObject,
  text,
  union,
} from '@y-electric/server/extension'

export const SNAPSHOT_STATS = object({
  ...SNAPSHOT_MEMBERS,
  ratio: nullable(
    number('Its size divided by the size of what it replaced; null if it replaced nothing.'),
  ),
})

export const RESTORED = object({
  docId: text(),
  seq: nullable(integer('The seq of the last new update row; null if there was nothing to do.')),
  kept: nullable(integer('The seq of the snapshot row that keeps the previous content.')),
})

/** The rows that a restore wrote. */
export type Restored = Output<typeof RESTORED>

const PATH = array(union([text(), integer()]))
const FORMATTING = someObject()

export const TEXT_PART = union(
  [
    object({ type: choice(['same', 'added', 'removed']), text: text() }),
    object({ type: literal('formatted'), text: text(), before: FORMATTING, after: FORMATTING }),
    object({ type: literal('skipped'), length: integer() }),
  ],
  'Part of a text, in the order of reading.',
)

export const CHANGE = union(
  [
    object({ type: choice(['added', 'removed']), path: PATH, value: anything() }),
    object({ type: literal('changed'), path: PATH, before: anything(), after: anything() }),
    object({ type: literal('text'), path: PATH, parts: array(TEXT_PART) }),
  ],
  'One change: a value, or a text by words.',
)

export const DIFFERENCE = object(
  {
    docId: text(),
    from: integer(),
    to: union([integer(), literal('now')]),
    changes: array(CHANGE),
    isCut: boolean('The comparison exceeded its bounds.'),
  },
  'The difference between two states of a document.',
)
