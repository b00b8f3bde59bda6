import { DELETION, DOCUMENT_LIST } from '../../schemas/documents.ts'
import { json, type Route } from '../description.ts'
import { AFTER, DELETED, deleteDoc, getDocuments, LIMIT, PREFIX } from '../documents.ts'

/** Routes that list and delete documents. */
export const DOCUMENT_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/docs',
    name: 'listDocuments',
    action: 'list',
    summary: 'List documents with their size and last change',
    parameters: [PREFIX, AFTER, LIMIT, DELETED],
    answers: [{ status: 200, description: 'A page.', contents: json(DOCUMENT_LIST) }],
    errors: [],
    handler: getDocuments,
  },
  {
    method: 'DELETE',
    path: '/docs/:docId',
    name: 'deleteDocument',
    answerSize: 'small',
    action: 'delete',
    summary: 'Delete a document permanently',
    description:
      'Deletes all of its rows in one transaction. A tombstone stays: every other route then answers 410 `deleted`, and the document cannot be restored.',
    parameters: [],
    answers: [
      { status: 200, description: 'The number of deleted rows.', contents: json(DELETION) },
    ],
    errors: ['not_found', 'deleted'],
    handler: deleteDoc,
  },
]
