import {
  array,
  integer,
  type JsonSchema,
  nullable,
  object,
  ROWS_BY_TABLE,
  TIME,
  text,
} from '@y-electric/server/extension'
import { LOSS_KINDS, MAX_LOSS_NAME } from '../../documents/index.ts'

const FINDING = object(
  {
    code: text(),
    table: {
      type: 'string',
      enum: ['ydoc_update', 'ydoc_snapshot', 'ydoc_awareness', 'ydoc_document'],
    },
    seq: nullable(integer('The row; null when one is missing.')),
    message: text(),
    remedy: text('What can be done about it.'),
    repaired: { type: 'boolean' },
  },
  'One thing that is wrong with what is stored.',
)

export const VERIFY_REPORT = object({
  docId: text(),
  sound: { type: 'boolean', description: 'Nothing is wrong.' },
  rows: integer(),
  snapshotRows: integer(),
  findings: array(FINDING),
})

export const DELETED_REPORT = object({
  docId: text(),
  deletedAt: nullable(TIME),
  gone: { type: 'boolean', description: 'It was deleted, and no table holds a row of it.' },
  remaining: ROWS_BY_TABLE,
})

const LOSS = object(
  {
    kind: { type: 'string', enum: [...LOSS_KINDS] },
    name: {
      type: 'string',
      maxLength: MAX_LOSS_NAME,
      description: 'The name in the document, for example `paragraph.textAlign`.',
    },
    count: integer(),
  },
  'Content that a conversion could not keep, with its number of occurrences.',
)

const LOSSES: JsonSchema = {
  ...array(LOSS),
  description:
    'The parts of the content that the document cannot hold; empty if it holds all of them.',
}

export const SEEDING = object({
  seeded: { type: 'boolean', description: 'This content is the one that is stored.' },
  seq: nullable(integer('Of the row that holds it.')),
  losses: LOSSES,
})

export const NEW_DOCUMENT = object({
  docId: text(),
  seq: integer('The seq of the row with its content.'),
  bytes: integer('Stored bytes.'),
})

export const IMPORTED_DOCUMENT = object({
  docId: text(),
  seq: integer('Of the row that holds its content.'),
  bytes: integer('Stored bytes.'),
  losses: LOSSES,
})
