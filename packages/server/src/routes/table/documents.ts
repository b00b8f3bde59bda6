import { json, type Route } from '../description.ts'
import { AFTER, DELETED, deleteDoc, getDocuments, LIMIT, PREFIX } from '../documents.ts'
import { ref } from '../json-schema.ts'

/** Which documents there are, and their end. */
export const DOCUMENT_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/docs',
    name: 'listDocuments',
    action: 'list',
    summary: 'List documents with their size and last change',
    parameters: [PREFIX, AFTER, LIMIT, DELETED],
    answers: [{ status: 200, description: 'A page.', contents: json(ref('DocumentList')) }],
    errors: [],
    handler: getDocuments,
  },
  {
    method: 'DELETE',
    path: '/docs/:docId',
    name: 'deleteDocument',
    action: 'delete',
    summary: 'Delete a document for ever',
    description:
      'All of its rows go in one transaction. A mark stays: every other route then answers 410 `deleted`, and nobody brings it back.',
    parameters: [],
    answers: [
      { status: 200, description: 'How many rows are gone.', contents: json(ref('Deletion')) },
    ],
    errors: ['not_found', 'deleted'],
    handler: deleteDoc,
  },
]
