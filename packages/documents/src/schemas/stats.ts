import {
  array,
  choice,
  fraction,
  integer,
  KEEPS_HISTORY,
  nullable,
  object,
  TIME,
  text,
} from '@y-electric/server/extension'
import { ROOT_TYPES } from '../content/formats.ts'
import { SNAPSHOT_STATS } from './versions.ts'

const ROOT_TYPE = choice(ROOT_TYPES)

const RANGE = object(
  { client: integer(), clock: integer(), length: integer() },
  'A run of Yjs ids: `length` of them, from `clock` on.',
)

const WRITER = object(
  {
    client: integer('A Yjs client id.'),
    structs: integer('Structs in the document, deleted ones among them.'),
    characters: integer('Living characters, in UTF-16 units.'),
    ids: integer('Everything that it ever wrote, in Yjs ids.'),
    share: fraction('Its share of all ids.'),
  },
  'The contribution of one Yjs client.',
)

const ROOT = object(
  {
    name: text(),
    type: nullable(ROOT_TYPE),
    size: integer('Characters, keys, values, or elements at any depth, as its type has them.'),
    characters: integer('Living characters at any depth, in UTF-16 units.'),
  },
  'One shared type that the document holds by name; its type is null if it is unknown.',
)

const PENDING = object(
  { structs: integer(), deletes: integer(), waitsFor: array(RANGE) },
  'Content that waits for edits which are not stored.',
)

export const DOCUMENT_STATS = object(
  {
    docId: text(),
    at: nullable(integer('The snapshot row of these statistics.')),
    createdAt: TIME,
    changedAt: TIME,
    keepHistory: KEEPS_HISTORY,
    rows: integer('Update rows.'),
    bytes: integer('Stored bytes of these.'),
    snapshotRows: array(SNAPSHOT_STATS),
    segments: object({
      active: integer(),
      folded: nullable(integer('The last folded segment.')),
      sealed: integer('Sealed segments that are not folded.'),
    }),
    writers: array(WRITER),
    structs: integer(),
    deleted: integer('Yjs ids that are deleted.'),
    garbage: integer('Of these, ids whose content and place are collected.'),
    pending: nullable(PENDING),
    roots: array(ROOT),
    unreadableRows: integer('Bad rows, which no reader applies; `verify` names them.'),
  },
  'Statistics of the stored rows of a document and of its content.',
)
