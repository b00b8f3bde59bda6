import { MAX_DOC_ID_LENGTH } from 'y-electric/protocol'
import { array, integer, type JsonSchema, nullable, object, TIME, text } from '../json-schema.ts'

export const DOC_ID: JsonSchema = {
  type: 'string',
  minLength: 1,
  maxLength: MAX_DOC_ID_LENGTH,
  description: 'The id of a document: no control characters, not "." or "..".',
}

export const KEEPS_HISTORY: JsonSchema = {
  type: 'boolean',
  description: 'Whether every fold keeps deleted content.',
}

const DOCUMENT_INFO = object(
  {
    docId: text(),
    rows: integer('Update rows.'),
    bytes: integer('Stored bytes, of update rows and of the newest snapshot row.'),
    snapshotRows: integer(),
    createdAt: TIME,
    changedAt: TIME,
    deletedAt: nullable(TIME),
    keepHistory: KEEPS_HISTORY,
  },
  'One document, in numbers.',
)

export const DOCUMENT_LIST = object({
  documents: array(DOCUMENT_INFO),
  next: nullable(text('What to pass as `after` for the next page; null on the last one.')),
})

export const ROWS_BY_TABLE: JsonSchema = {
  type: 'object',
  description: 'How many rows, by table.',
  additionalProperties: { type: 'integer' },
}

export const DELETION = object({ docId: text(), deletedAt: TIME, removed: ROWS_BY_TABLE })
