import {
  array,
  boolean,
  choice,
  integer,
  nullable,
  object,
  text,
  textOf,
} from '@y-electric/server/extension'
import { LOSS_KINDS, MAX_LOSS_NAME } from '../../documents/index.ts'

const FINDING = object(
  {
    code: text(),
    table: choice(['ydoc_update', 'ydoc_snapshot', 'ydoc_awareness', 'ydoc_document']),
    seq: nullable(integer('The seq of the row; null if a row is missing.')),
    message: text(),
    remedy: text('What can be done about it.'),
    repaired: boolean(),
  },
  'One problem with the stored rows.',
)

export const VERIFY_REPORT = object({
  docId: text(),
  sound: boolean('No problem was found.'),
  rows: integer(),
  snapshotRows: integer(),
  findings: array(FINDING),
})

const LOSS = object(
  {
    kind: choice(LOSS_KINDS),
    name: textOf(0, MAX_LOSS_NAME, 'The name in the document, for example `paragraph.textAlign`.'),
    count: integer(),
  },
  'Content that a conversion could not keep, with its number of occurrences.',
)

const LOSSES = array(
  LOSS,
  'The parts of the content that the document cannot hold; empty if it holds all of them.',
)

export const SEEDING = object({
  seeded: boolean('This content is the one that is stored.'),
  seq: nullable(integer('The seq of the row that holds it.')),
  losses: LOSSES,
})

export const NEW_DOCUMENT = object({
  docId: text(),
  seq: integer('The seq of the row with its content.'),
  bytes: integer('Stored bytes.'),
})

export const IMPORTED_DOCUMENT = object({
  docId: text(),
  seq: integer('The seq of the row that holds its content.'),
  bytes: integer('Stored bytes.'),
  losses: LOSSES,
})
