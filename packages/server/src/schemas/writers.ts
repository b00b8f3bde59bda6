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
} from './values.ts'

export const WRITER = object(
  {
    clientId: integer('The Yjs client id, which is in the ids of its edits.'),
    name: nullable(text('The name to show; null if none is known.')),
    trusted: boolean(
      'Whether `authorize` gave the name. Otherwise the client did, and may have lied.',
    ),
    user: nullable(
      text('The user that `authorize` returned when the client wrote; null if it returned none.'),
    ),
    notedAt: described(TIME, 'When the server last heard of the writer.'),
  },
  'The writer behind a Yjs client.',
)

/** The writer behind a Yjs client. */
export type WriterInfo = Output<typeof WRITER>

export const WRITER_LIST = object({ writers: array(WRITER) })

/** The writers of a document, by client id. */
export type WriterList = Output<typeof WRITER_LIST>
