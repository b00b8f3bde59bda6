import type { Context } from 'hono'
import * as v from 'valibot'
import { fileTypeOf } from '../content/file-type.ts'
import { RequestError } from '../errors.ts'
import { FILE_ID_LENGTH, FILE_TYPES, type FileInfo, type FileType } from '../schemas/files.ts'
import { documentExists, type FileStore } from '../store/index.ts'
import { READ_BYTES } from '../store/pieces.ts'
import { mediaTypeOf, readBody } from './body.ts'
import { privateUnlessPublic } from './caching.ts'
import type { RouteContext } from './context.ts'
import type { RouteHandler } from './description.ts'
import { parameter, parsed } from './parameters.ts'

export const FILE_ID = parameter(
  { in: 'path', name: 'fileId', description: 'The id of a file: the SHA-256 of its bytes.' },
  v.pipe(v.string(), v.length(FILE_ID_LENGTH), v.regex(/^[0-9a-f]+$/)),
)

/** With these headers, a file runs and loads nothing, even if a browser treats it as a page. */
const HARMLESS = {
  'content-security-policy': "default-src 'none'; sandbox",
  'content-disposition': 'inline',
  'x-content-type-options': 'nosniff',
}

/** `POST /docs/:docId/files`: 201 for a new file, 200 for one that the document has. */
export function postFile(context: RouteContext): RouteHandler {
  return async (c, { docId, user }) => {
    const { pool, limits } = context
    const files = requireFiles(context)
    const contentType = requireFileType(context, c)
    const data = await readBody(c, limits.maxFileBytes, 'file_too_large')
    requireSignature(data, contentType)
    if (!(await documentExists(pool, docId))) throw notWritten()
    const id = await sha256(data)
    const file = { id, contentType, data, createdBy: user }
    const outcome = await files.put(docId, file, limits.maxDocumentFileBytes)
    if (outcome === 'absent') throw notWritten()
    if (outcome === 'full') throw full(context)
    await deleteIfDeleted(context, docId, files)
    const { pathname } = new URL(c.req.url)
    const info: FileInfo = {
      id,
      url: `${pathname}/${id}`,
      byteLength: data.byteLength,
      contentType,
    }
    return c.json(info, outcome === 'stored' ? 201 : 200, { 'cache-control': 'no-store' })
  }
}

/** `GET /docs/:docId/files/:fileId`: the bytes of a file, read at the speed of the client. */
export function getFile(context: RouteContext): RouteHandler {
  return async (c, { docId }) => {
    const files = requireFiles(context)
    const id = parsed(FILE_ID, c.req.param('fileId') ?? '')
    const { signal, method } = c.req.raw
    // Another store may still have the files of a document that is being deleted.
    const exists = await documentExists(context.pool, docId)
    const file = exists && id !== null ? await files.get(docId, id, signal) : null
    if (file === null || !isFileType(file.contentType)) {
      throw new RequestError('not_found', 'this document has no file with that id')
    }
    const { contentType, byteLength, pieces } = file
    const headers = {
      ...HARMLESS,
      'content-type': contentType,
      'content-length': String(byteLength),
      // The id is a hash of the bytes: the answer never changes.
      ...privateUnlessPublic(context, 'max-age=31536000, immutable'),
    }
    if (method === 'HEAD') return c.body(null, 200, headers)
    const held = Math.min(READ_BYTES, byteLength)
    return c.body(context.answers.streamOf(pieces, held, signal), 200, headers)
  }
}

/** @throws {RequestError} not_found, if the server keeps no files */
function requireFiles({ files }: RouteContext): FileStore {
  if (files !== null) return files
  throw new RequestError('not_found', 'this server keeps no files: its option files is false')
}

/** @throws {RequestError} unsupported_media_type */
function requireFileType({ fileTypes }: RouteContext, c: Context): FileType {
  const sent = mediaTypeOf(c)
  const type = fileTypes.find((each) => each === sent)
  if (type !== undefined) return type
  throw new RequestError(
    'unsupported_media_type',
    `send a file as ${fileTypes.join(', ')}, not as ${sent ?? 'nothing'}`,
  )
}

/** @throws {RequestError} invalid_file, if the bytes are not what the request says */
function requireSignature(data: Uint8Array, contentType: FileType): void {
  if (data.byteLength === 0) throw new RequestError('invalid_file', 'the file is empty')
  const found = fileTypeOf(data)
  if (found === contentType) return
  throw new RequestError(
    'invalid_file',
    `the file is not ${contentType}: its first bytes are ${found === null ? 'of no type that this server stores' : `those of ${found}`}`,
  )
}

const notWritten = (): RequestError =>
  new RequestError(
    'not_found',
    'there is no such document: store its first edit, and then its files',
  )

const full = ({ limits }: RouteContext): RequestError =>
  new RequestError(
    'quota_exceeded',
    `with this file, the files of this document would have more than ${limits.maxDocumentFileBytes} bytes (maxDocumentFileBytes)`,
    { retryAfterSeconds: limits.quotaRetryAfterSeconds },
  )

/**
 * If the document was deleted while its file was being stored in another store, deletes its files.
 * @throws {RequestError} deleted
 */
async function deleteIfDeleted(
  { pool }: RouteContext,
  docId: string,
  files: FileStore,
): Promise<void> {
  try {
    await documentExists(pool, docId)
  } catch (error) {
    if (error instanceof RequestError && error.code === 'deleted') await files.deleteAll(docId)
    throw error
  }
}

const isFileType = (text: string): text is FileType => FILE_TYPES.some((type) => type === text)

async function sha256(data: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data as BufferSource))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
