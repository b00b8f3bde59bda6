import {
  type Content,
  HISTORY,
  isWritten,
  json,
  MAX_JSON_BYTES,
  object,
  type RequestBody,
  type Route,
  ref,
  storing,
} from '@y-electric/server/extension'
import { FORMAT_NAMES, FORMATS, type Format, LOSSES_HEADER } from '../../documents/index.ts'
import {
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
  if (format === 'stats') return { mediaType, schema: ref('DocumentStats') }
  const isJson = /[/+]json$/.test(mediaType)
  return {
    mediaType,
    schema: isJson ? { description: FORMATS[format].summary } : { type: 'string' },
  }
}

const CONTENT: RequestBody = {
  description: 'Content in one of the formats.',
  contents: IMPORTS.map(contentOf),
  maxBytes: 'maxSnapshotBytes',
}

/** Documents as operators and back ends see them. */
export const DOCUMENT_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/docs/:docId',
    name: 'inspectDocument',
    action: 'read',
    summary: 'What is in a document, or numbers about it',
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
    handler: getDocument,
  },
  {
    method: 'PUT',
    path: '/docs/:docId',
    name: 'importDocument',
    action: 'write',
    summary: 'Make a document of a file, where nothing is stored yet',
    parameters: [IMPORT_FORMAT, ROOT, TYPE, LINE_ENDS_PARAMETER, HISTORY],
    body: CONTENT,
    answers: [
      { status: 201, description: 'It is stored.', contents: json(ref('ImportedDocument')) },
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
    summary: 'Hold what is stored of a document against the rules',
    description: 'It changes nothing. With `deleted=true` it counts what a deletion has left.',
    parameters: [PROVE_DELETED],
    answers: [
      {
        status: 200,
        description: 'What was found.',
        contents: [...json(ref('VerifyReport')), ...json(ref('DeletedReport'))],
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
    description: 'Applied once, however many try at once, and only where nothing was ever stored.',
    parameters: [IMPORT_FORMAT, ROOT, TYPE, LINE_ENDS_PARAMETER, HISTORY],
    body: CONTENT,
    answers: [
      { status: 201, description: 'This content is stored.', contents: json(ref('Seeding')) },
      { status: 200, description: 'Something was stored before.', contents: json(ref('Seeding')) },
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
      'A copy of a document that keeps its history keeps it too. The hook is also asked for `write` on the other document.',
    parameters: [],
    body: {
      description: 'The id of the copy.',
      contents: json(object({ to: ref('DocId') })),
      maxBytes: MAX_JSON_BYTES,
    },
    answers: [{ status: 201, description: 'It is stored.', contents: json(ref('NewDocument')) }],
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
