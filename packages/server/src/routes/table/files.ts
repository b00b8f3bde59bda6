import { FILE_TYPES, STORED_FILE } from '../../schemas/files.ts'
import { bytes, json, type Route } from '../description.ts'
import { FILE_ID, getFile, postFile } from '../files.ts'
import { storing } from '../storing.ts'

const FILE_CONTENTS = FILE_TYPES.flatMap(bytes)

/** The routes of files: the pictures of documents. */
export const FILE_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/docs/:docId/files',
    name: 'storeFile',
    answerSize: 'small',
    action: 'write',
    summary: 'Store a picture of the document',
    description:
      'The document must have been written before. The id of a file is the hash of its bytes, so a document stores the same picture once. A file stays until its document is deleted; a copy of the document gets it too. The server keeps files in its database, or where the option `files` says; with `files: false` this route and the next one answer 404.',
    parameters: [],
    body: {
      description:
        'The picture. Its first bytes must be those of its media type. The option `fileTypes` allows fewer types.',
      contents: FILE_CONTENTS,
      maxBytes: 'maxFileBytes',
    },
    answers: [
      { status: 201, description: 'The file is stored.', contents: json(STORED_FILE) },
      { status: 200, description: 'The document had it before.', contents: json(STORED_FILE) },
    ],
    errors: ['invalid_request', 'invalid_file', 'not_found', 'deleted', 'file_too_large'],
    handler: storing({}, postFile),
  },
  {
    method: 'GET',
    path: '/docs/:docId/files/:fileId',
    name: 'readFile',
    answerSize: 'counted',
    action: 'read',
    summary: 'Read a picture of the document',
    description:
      'A file never changes, so a browser may keep it. The answer runs no script, whatever the file contains: `X-Content-Type-Options: nosniff` and a `Content-Security-Policy` that allows nothing.',
    parameters: [FILE_ID],
    answers: [
      {
        status: 200,
        description: 'The picture.',
        contents: FILE_CONTENTS,
        headers: ['content-security-policy', 'content-disposition'],
      },
    ],
    errors: ['invalid_request', 'not_found', 'deleted'],
    handler: getFile,
  },
]
