import { TITLED } from '../../schemas/documents.ts'
import { MAX_JSON_BYTES } from '../body.ts'
import { json, type Route } from '../description.ts'
import { PREFIX } from '../documents.ts'
import { followDocuments, followVersions, putTitle, TITLE_BODY } from '../lists.ts'
import { storing } from '../storing.ts'
import { SHAPE_ANSWERS, SHAPE_ERRORS, SHAPE_PARAMETERS } from './shape.ts'

/** Routes of lists that clients follow. */
export const LIST_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/documents',
    name: 'followDocuments',
    answerSize: 'counted',
    action: 'list',
    summary: 'Follow the list of documents',
    description:
      'The id, the title and the creation time of each existing document that `authorize` lets the user list. Edits cause no messages. If `authorize` names other documents later, the shape starts over with `must-refetch`. No cache may keep the answers.',
    parameters: [PREFIX, ...SHAPE_PARAMETERS],
    answers: SHAPE_ANSWERS,
    errors: ['invalid_request', 'shape_service_unavailable'],
    compressed: true,
    handler: followDocuments,
  },
  {
    method: 'GET',
    path: '/docs/:docId/versions',
    name: 'followVersions',
    answerSize: 'counted',
    action: 'read',
    summary: 'Follow the versions of a document that have a label',
    description: 'Without their bytes, which `readSnapshot` has.',
    parameters: SHAPE_PARAMETERS,
    answers: SHAPE_ANSWERS,
    errors: SHAPE_ERRORS,
    compressed: true,
    isStream: true,
    handler: followVersions,
  },
  {
    method: 'PUT',
    path: '/docs/:docId/title',
    name: 'setTitle',
    answerSize: 'small',
    action: 'write',
    summary: 'Set the title that lists show, or remove it',
    description:
      'Creates the document, empty, if nothing was ever stored for it. The title is not a part of its content: the database holds it in clear, also for an encrypted document.',
    parameters: [],
    body: {
      description:
        'The title, or null to remove it. With `onlyNew`, a document that exists is answered with `document_exists`.',
      contents: json(TITLE_BODY),
      maxBytes: MAX_JSON_BYTES,
    },
    answers: [
      { status: 201, description: 'The document is created.', contents: json(TITLED) },
      { status: 200, description: 'The document existed.', contents: json(TITLED) },
    ],
    errors: ['invalid_request', 'document_exists', 'deleted'],
    handler: storing({}, putTitle),
  },
]
