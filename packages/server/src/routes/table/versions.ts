import { SNAPSHOT } from '../../schemas/versions.ts'
import { MAX_JSON_BYTES } from '../body.ts'
import { json, type Route } from '../description.ts'
import { SEQ } from '../snapshots.ts'
import {
  LABEL_BODY,
  OLD_LABEL,
  patchSnapshot,
  postSnapshot,
  postVersion,
  VERSION_BODY,
} from '../versions.ts'

/** The codes with which a document is not kept under a name. */
const KEEPING = [
  'invalid_request',
  'not_found',
  'deleted',
  'snapshot_too_large',
  'document_too_large',
  'corrupt',
] as const

/** The routes of versions. */
export const VERSION_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/docs/:docId/versions',
    name: 'keepVersion',
    answerSize: 'small',
    action: 'write',
    summary: 'Keep the document as it is under a name',
    description:
      'Stores a snapshot row of the document as it is now, or with `at` as it was then. It stays until its label is removed or the document is deleted.',
    parameters: [],
    body: {
      description: 'The name, and the seq of a snapshot row if that is to be kept.',
      contents: json(VERSION_BODY),
      maxBytes: MAX_JSON_BYTES,
    },
    answers: [{ status: 201, description: 'The version is kept.', contents: json(SNAPSHOT) }],
    errors: KEEPING,
    handler: postVersion,
  },
  {
    method: 'POST',
    path: '/docs/:docId/snapshots',
    name: 'keepSnapshot',
    answerSize: 'small',
    action: 'write',
    isDeprecated: true,
    summary: 'Keep the document as it is under a name (use `keepVersion`)',
    parameters: [OLD_LABEL],
    answers: [{ status: 201, description: 'The version is kept.', contents: json(SNAPSHOT) }],
    errors: KEEPING,
    handler: postSnapshot,
  },
  {
    method: 'PATCH',
    path: '/docs/:docId/snapshots/:seq',
    name: 'labelSnapshot',
    answerSize: 'small',
    action: 'write',
    summary: 'Label a snapshot row, or remove its label',
    parameters: [SEQ],
    body: {
      description: 'The label; null removes it.',
      contents: json(LABEL_BODY),
      maxBytes: MAX_JSON_BYTES,
    },
    answers: [{ status: 200, description: 'The snapshot row.', contents: json(SNAPSHOT) }],
    errors: ['invalid_request', 'not_found', 'deleted'],
    handler: patchSnapshot,
  },
]
