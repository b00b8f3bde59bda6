import { MAX_LABEL_LENGTH } from '../../documents/versions.ts'
import { MAX_JSON_BYTES } from '../body.ts'
import { json, type Route } from '../description.ts'
import { integer, nullable, object, ref } from '../json-schema.ts'
import { SEQ } from '../snapshots.ts'
import { patchSnapshot, postVersion } from '../versions.ts'

const LABEL = { type: 'string', minLength: 1, maxLength: MAX_LABEL_LENGTH }

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
      contents: json(object({ label: LABEL, 'at?': integer() })),
      maxBytes: MAX_JSON_BYTES,
    },
    answers: [
      { status: 201, description: 'The version is kept.', contents: json(ref('Snapshot')) },
    ],
    errors: [
      'invalid_request',
      'not_found',
      'deleted',
      'snapshot_too_large',
      'document_too_large',
      'corrupt',
    ],
    handler: postVersion,
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
      contents: json(object({ label: nullable(LABEL) })),
      maxBytes: MAX_JSON_BYTES,
    },
    answers: [{ status: 200, description: 'The snapshot row.', contents: json(ref('Snapshot')) }],
    errors: ['invalid_request', 'not_found', 'deleted'],
    handler: patchSnapshot,
  },
]
