import { WRITER_LIST } from '../../schemas/writers.ts'
import { json, type Route } from '../description.ts'
import { getWriters } from '../writers.ts'

/** The route of writers' names, which come with their updates. */
export const WRITER_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/docs/:docId/writers',
    name: 'listWriters',
    action: 'read',
    summary: 'List the writers whose names are known, by Yjs client id',
    description:
      'A name stays when its writer has left, until the document is deleted. With more than `maxDocumentWriters`, the oldest of the user with the most goes.',
    parameters: [],
    answers: [{ status: 200, description: 'The writers.', contents: json(WRITER_LIST) }],
    errors: ['deleted'],
    compressed: true,
    handler: getWriters,
  },
]
