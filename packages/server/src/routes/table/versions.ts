import { MAX_LABEL_LENGTH } from '../../documents/index.ts'
import { MAX_JSON_BYTES } from '../body.ts'
import { json, type Route } from '../description.ts'
import { nullable, object, ref } from '../json-schema.ts'
import { FROM, getDiff, patchSnapshot, postRestore, SEQ, TO } from '../snapshots.ts'

/** Snapshot rows as versions to come back to. */
export const VERSION_ROUTES: readonly Route[] = [
  {
    method: 'PATCH',
    path: '/docs/:docId/snapshots/:seq',
    name: 'labelSnapshot',
    action: 'write',
    summary: 'Name a snapshot row, or with null no longer',
    parameters: [SEQ],
    body: {
      description: 'The name; null takes it away.',
      contents: json(
        object({ label: nullable({ type: 'string', minLength: 1, maxLength: MAX_LABEL_LENGTH }) }),
      ),
      maxBytes: MAX_JSON_BYTES,
    },
    answers: [{ status: 200, description: 'The snapshot row.', contents: json(ref('Snapshot')) }],
    errors: ['invalid_request', 'not_found', 'deleted'],
    handler: patchSnapshot,
  },
  {
    method: 'GET',
    path: '/docs/:docId/diff',
    name: 'diffSnapshots',
    action: 'read',
    summary: 'What changed between two versions',
    parameters: [FROM, TO],
    answers: [{ status: 200, description: 'The difference.', contents: json(ref('Difference')) }],
    errors: [
      'invalid_request',
      'not_found',
      'deleted',
      'document_too_large',
      'corrupt',
      'server_busy',
    ],
    handler: getDiff,
  },
  {
    method: 'POST',
    path: '/docs/:docId/snapshots/:seq/restore',
    name: 'restoreSnapshot',
    action: 'write',
    summary: 'Bring a document back to what a snapshot row holds',
    description:
      'As a new update: history stays, edits of others live, and every screen shows it. What was before is kept first.',
    parameters: [SEQ],
    answers: [{ status: 201, description: 'It is restored.', contents: json(ref('Restored')) }],
    errors: [
      'invalid_request',
      'not_found',
      'deleted',
      'document_too_large',
      'corrupt',
      'server_busy',
    ],
    handler: postRestore,
  },
]
