import {
  anything,
  type Content,
  DELETION_PROOF,
  HISTORY,
  isWritten,
  json,
  MAX_JSON_BYTES,
  type RequestBody,
  type Route,
  storing,
  text,
} from '@y-electric/server/extension'
import { FORMAT_NAMES, FORMATS, type Format, LOSSES_HEADER } from '../../documents/index.ts'
import { IMPORTED_DOCUMENT, NEW_DOCUMENT, SEEDING, VERIFY_REPORT } from '../../schemas/documents.ts'
import { DOCUMENT_STATS } from '../../schemas/stats.ts'
import {
  COPY_BODY,
  IMPORT_FORMAT,
  IMPORTS,
  LINE_ENDS_PARAMETER,
  postCopy,
  postSeed,
  putDocument,
} from '../contents.ts'
import {
  ACCEPT,
  AT,
  FORMAT,
  getDocument,
  getVerification,
  PROVE_DELETED,
  ROOT,
  TYPE,
} from '../documents.ts'
import { essence } from '../negotiation.ts'

const isBytes = (format: Format): boolean => format === 'update' || format === 'update-v2'

function contentOf(format: Format): Content {
  const mediaType = essence(FORMATS[format].mediaType)
  if (isBytes(format)) return { mediaType, schema: null }
  if (format === 'stats') return { mediaType, schema: DOCUMENT_STATS }
  const isJson = /[/+]json$/.test(mediaType)
  return {
    mediaType,
    schema: isJson ? anything(FORMATS[format].summary) : text(),
  }
}

const CONTENT: RequestBody = {
  description: 'Content in one of the formats.',
  contents: IMPORTS.map(contentOf),
  maxBytes: 'maxSnapshotBytes',
}

/** Routes of whole documents, for operators and back ends. */
export const DOCUMENT_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/docs/:docId',
    name: 'inspectDocument',
    action: 'read',
    summary: 'Read a document, or statistics of it',
    description:
      'In the format that `?format=` names, or that `Accept` prefers; if several formats have that media type, the first one. The ETag is made from row numbers, so a 304 does not read the document. The header `y-electric-losses` lists the content that the body cannot express, as JSON like `losses` of ImportedDocument; without the header the body is complete.',
    parameters: [FORMAT, ROOT, TYPE, AT, ACCEPT],
    answers: [
      {
        status: 200,
        description: FORMAT_NAMES.map((name) => `\`${name}\`: ${FORMATS[name].summary}`).join('; '),
        contents: FORMAT_NAMES.map(contentOf),
        headers: ['etag', LOSSES_HEADER],
      },
      { status: 304, description: 'Nothing new since `If-None-Match`.', contents: [] },
    ],
    errors: [
      'invalid_request',
      'not_found',
      'not_acceptable',
      'deleted',
      'document_too_large',
      'export_too_large',
      'root_unknown',
      'corrupt',
    ],
    compressed: true,
    answerSize: 'counted',
    handler: getDocument,
  },
  {
    method: 'PUT',
    path: '/docs/:docId',
    name: 'importDocument',
    action: 'write',
    summary: 'Create a document from a file, if nothing is stored yet',
    parameters: [IMPORT_FORMAT, ROOT, TYPE, LINE_ENDS_PARAMETER, HISTORY],
    body: CONTENT,
    answers: [
      {
        status: 201,
        description: 'The document is stored.',
        contents: json(IMPORTED_DOCUMENT),
      },
    ],
    errors: [
      'invalid_request',
      'invalid_content',
      'unsupported_yjs',
      'document_exists',
      'deleted',
      'document_too_large',
    ],
    handler: storing({ rows: 1 }, putDocument),
  },
  {
    method: 'GET',
    path: '/docs/:docId/verify',
    name: 'verifyDocument',
    action: 'read',
    summary: 'Check the stored rows of a document against the rules',
    description: 'It changes nothing. With `deleted=true` it counts what a deletion has left.',
    parameters: [PROVE_DELETED],
    answers: [
      {
        status: 200,
        description: 'The findings.',
        contents: [...json(VERIFY_REPORT), ...json(DELETION_PROOF)],
      },
    ],
    errors: ['invalid_request', 'not_found', 'deleted', 'document_too_large'],
    handler: getVerification,
  },
  {
    method: 'POST',
    path: '/docs/:docId/seed',
    name: 'seedDocument',
    action: 'write',
    summary: 'Give a document its first content, once',
    description:
      'Stored once, even if many clients try at the same time, and only if nothing was ever stored.',
    parameters: [IMPORT_FORMAT, ROOT, TYPE, LINE_ENDS_PARAMETER, HISTORY],
    body: CONTENT,
    answers: [
      { status: 201, description: 'This content is stored.', contents: json(SEEDING) },
      { status: 200, description: 'Something was stored before.', contents: json(SEEDING) },
    ],
    errors: [
      'invalid_request',
      'invalid_content',
      'unsupported_yjs',
      'deleted',
      'document_too_large',
    ],
    handler: storing({ rows: 1 }, postSeed, isWritten),
  },
  {
    method: 'POST',
    path: '/docs/:docId/copy',
    name: 'copyDocument',
    action: 'read',
    summary: 'Copy a document into a new one',
    description:
      'A copy of a document that keeps its history keeps it too. The hook is also called for `write` on the other document.',
    parameters: [],
    body: {
      description: 'The id of the copy.',
      contents: json(COPY_BODY),
      maxBytes: MAX_JSON_BYTES,
    },
    answers: [{ status: 201, description: 'The copy is stored.', contents: json(NEW_DOCUMENT) }],
    errors: [
      'invalid_request',
      'not_found',
      'document_exists',
      'deleted',
      'document_too_large',
      'corrupt',
    ],
    handler: postCopy,
  },
]
