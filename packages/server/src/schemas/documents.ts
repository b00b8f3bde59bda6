import { MAX_DOC_ID_LENGTH } from 'y-electric/protocol'
import {
  array,
  boolean,
  described,
  integer,
  nullable,
  type Output,
  object,
  TIME,
  text,
  textOf,
} from './values.ts'

export const DOC_ID = textOf(
  1,
  MAX_DOC_ID_LENGTH,
  'The id of a document: no control characters, not "." or "..".',
)

/** Longest title of a document, in UTF-16 code units. */
export const MAX_TITLE_LENGTH = 200

export const KEEPS_HISTORY = boolean('Whether every fold keeps deleted content.')

export const DOCUMENT_INFO = object(
  {
    docId: text(),
    title: nullable(
      textOf(0, MAX_TITLE_LENGTH, 'The title that a list shows; null if nobody gave one.'),
    ),
    rows: integer('Update rows, without seals.'),
    bytes: integer('Stored bytes of update rows and snapshot rows together.'),
    snapshotRows: integer(),
    createdAt: TIME,
    changedAt: described(
      TIME,
      'When the newest update row was written or, if all are folded, the newest snapshot row.',
    ),
    deletedAt: nullable(described(TIME, 'Null unless the document is deleted.')),
    keepHistory: KEEPS_HISTORY,
  },
  'One document, in numbers.',
)

/** The numbers that describe what is stored of one document. */
export type DocumentInfo = Output<typeof DOCUMENT_INFO>

export const DOCUMENT_LIST = object({
  documents: array(DOCUMENT_INFO),
  next: nullable(text('The value of `after` for the next page; null on the last one.')),
})

/** A page of the list of documents. */
export type DocumentList = Output<typeof DOCUMENT_LIST>

export const TITLED = object({ docId: text(), title: nullable(text()) })

/** The title of a document. */
export type Titled = Output<typeof TITLED>

export const ROWS_BY_TABLE = object(
  {
    ydoc_update: integer(),
    ydoc_snapshot: integer(),
    ydoc_awareness: integer(),
    ydoc_set_aside: integer(),
    ydoc_writer: integer(),
    ydoc_file: integer(),
  },
  'How many rows, by table.',
)

export const DELETION = object({ docId: text(), deletedAt: TIME, removed: ROWS_BY_TABLE })

/** The result of deleting a document. */
export type Deletion = Output<typeof DELETION>

export const DELETION_PROOF = object({
  docId: text(),
  deletedAt: nullable(TIME),
  gone: boolean('It was deleted, and no table holds a row of it.'),
  remaining: ROWS_BY_TABLE,
})

/** Whether anything is left of a deleted document. */
export type DeletionProof = Output<typeof DELETION_PROOF>
