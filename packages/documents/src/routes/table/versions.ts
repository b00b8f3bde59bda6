import { json, type Route, ref, SEQ, storing } from '@y-electric/server/extension'
import { FROM, getDiff, postRestore, TO } from '../versions.ts'

/** Snapshot rows as versions to compare and to come back to. */
export const VERSION_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/docs/:docId/diff',
    name: 'diffSnapshots',
    action: 'read',
    summary: 'What changed between two versions',
    parameters: [FROM, TO],
    answers: [{ status: 200, description: 'The difference.', contents: json(ref('Difference')) }],
    errors: ['invalid_request', 'not_found', 'deleted', 'document_too_large', 'corrupt'],
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
    errors: ['invalid_request', 'not_found', 'deleted', 'document_too_large', 'corrupt'],
    handler: storing({ rows: 1, versions: 1 }, postRestore),
  },
]
