import {
  array,
  boolean,
  choice,
  integer,
  nullable,
  type Output,
  object,
  text,
  textOf,
} from '@y-electric/server/extension'
import { LOSS_KINDS, MAX_LOSS_NAME } from '../content/losses.ts'
import { FINDING_CODES, FINDING_TABLES } from '../content/verify/findings.ts'

const FINDING = object(
  {
    code: choice(FINDING_CODES),
    table: choice(FINDING_TABLES),
    seq: nullable(
      integer('The seq of the row, or the client id of a presence row; null if a row is missing.'),
    ),
    message: text(),
    remedy: text('The action for the operator.'),
    repaired: boolean('Whether this call repaired it.'),
  },
  'One problem with the stored rows.',
)

export const VERIFY_REPORT = object({
  docId: text(),
  sound: boolean('There is no problem, or all were repaired.'),
  rows: integer('Update rows, without seals.'),
  snapshotRows: integer(),
  findings: array(FINDING),
})

/** The result of checking the stored rows of a document. */
export type VerifyReport = Output<typeof VERIFY_REPORT>

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
  seq: nullable(integer('The seq of the row that holds it; null if the document already existed.')),
  losses: LOSSES,
})

/** Whether this call's content is the one that is stored. */
export type Seeding = Output<typeof SEEDING>

export const NEW_DOCUMENT = object({
  docId: text(),
  seq: integer('The seq of the row with its content.'),
  bytes: integer('Stored bytes.'),
})

/** A document that was just created. */
export type NewDocument = Output<typeof NEW_DOCUMENT>

export const IMPORTED_DOCUMENT = object({
  docId: text(),
  seq: integer('The seq of the row that holds its content.'),
  bytes: integer('Stored bytes.'),
  losses: LOSSES,
})

/** A document that was created from content in a format. */
export type ImportedDocument = Output<typeof IMPORTED_DOCUMENT>
