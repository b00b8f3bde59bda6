import { json, type Route, SEQ, storing, WRITER_NAME } from '@y-electric/server/extension'
import { DIFFERENCE, RESTORED } from '../../schemas/versions.ts'
import { FROM, getDiff, postRestore, TO } from '../versions.ts'

/** The routes that compare and restore versions. */
export const VERSION_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/docs/:docId/diff',
    name: 'diffSnapshots',
    action: 'read',
    summary: 'Compare two versions',
    parameters: [FROM, TO],
    answers: [{ status: 200, description: 'The difference.', contents: json(DIFFERENCE) }],
    errors: ['invalid_request', 'not_found', 'deleted', 'document_too_large', 'corrupt'],
    handler: getDiff,
  },
  {
    method: 'POST',
    path: '/docs/:docId/snapshots/:seq/restore',
    name: 'restoreSnapshot',
    action: 'write',
    summary: 'Restore a document to the content of a snapshot row',
    description:
      'Writes a new update: history and concurrent edits are kept, and every client shows the result. The previous content is kept as a version first.',
    parameters: [SEQ, WRITER_NAME],
    answers: [{ status: 201, description: 'The document is restored.', contents: json(RESTORED) }],
    errors: ['invalid_request', 'not_found', 'deleted', 'document_too_large', 'corrupt'],
    handler: storing({ rows: 1, versions: 1 }, postRestore),
  },
]
