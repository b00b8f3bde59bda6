import { MAX_LABEL_LENGTH } from '../../documents/versions.ts'
import { MAX_JSON_BYTES } from '../body.ts'
import { json, type Route } from '../description.ts'
import { nullable, object, ref } from '../json-schema.ts'
import { patchSnapshot, SEQ } from '../snapshots.ts'

/** The routes of versions. */
export const VERSION_ROUTES: readonly Route[] = [
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
      contents: json(
        object({ label: nullable({ type: 'string', minLength: 1, maxLength: MAX_LABEL_LENGTH }) }),
      ),
      maxBytes: MAX_JSON_BYTES,
    },
    answers: [{ status: 200, description: 'The snapshot row.', contents: json(ref('Snapshot')) }],
    errors: ['invalid_request', 'not_found', 'deleted'],
    handler: patchSnapshot,
  },
]
