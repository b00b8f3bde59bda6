import { RequestError } from '@y-electric/server'
import {
  admitted,
  allowedDocument,
  askerOf,
  bodyOf,
  choice,
  HISTORY,
  mediaTypeOf,
  parameter,
  type RouteContext,
  type RouteHandler,
  read,
  readBody,
  readJson,
  requireWithinLimits,
  text,
} from '@y-electric/server/extension'
import type { Context } from 'hono'
import {
  copyDocument,
  FORMAT_NAMES,
  FORMATS,
  type Format,
  type FormattedContent,
  importDocument,
  LINE_ENDS,
  seedDocument,
} from '../documents/index.ts'
import { ROOT, TYPE } from './documents.ts'
import { essence } from './negotiation.ts'

const NO_STORE = { 'cache-control': 'no-store' }

/** The minimum that a copy adds; its bytes are measured when it is stored. */
const COPY = { bytes: 1, rows: 1, versions: 0 }

/** The formats that can be imported. */
export const IMPORTS = FORMAT_NAMES.filter((name) => FORMATS[name].canImport)

export const IMPORT_FORMAT = parameter(
  {
    name: 'format',
    description: 'The format of the body; default: the first format of its media type.',
  },
  choice(IMPORTS),
)

export const LINE_ENDS_PARAMETER = parameter(
  {
    name: 'lineEnds',
    description:
      'For plain text in a text root: `lf` turns all line ends into `\\n`, `keep` leaves them. The default is `lf`.',
  },
  choice(LINE_ENDS),
)

/**
 * The body of `POST /docs/:docId/copy`. The handler checks the id, because an invalid id has its
 * own error code.
 */
export const COPY_BODY = bodyOf({ to: text('The id of the copy.') })

/** `PUT /docs/:docId`: creates a document from the body, if nothing is stored yet. */
export function putDocument({ pool, limits }: RouteContext): RouteHandler {
  return async (c, { docId, user }) => {
    const content = await readContent(c, limits.maxSnapshotBytes)
    const keepHistory = read(c, HISTORY) !== null
    const options = { ...content, keepHistory, limits, asker: askerOf(c, user, limits) }
    const imported = await importDocument(pool, docId, options)
    return c.json(imported, 201, NO_STORE)
  }
}

/** `POST /docs/:docId/seed`: 201 for the request whose content is stored, 200 for all others. */
export function postSeed({ pool, limits }: RouteContext): RouteHandler {
  return async (c, { docId, user }) => {
    const content = await readContent(c, limits.maxSnapshotBytes)
    const outcome = await seedDocument(pool, docId, content, {
      keepHistory: read(c, HISTORY) !== null,
      limits,
      asker: askerOf(c, user, limits),
    })
    return c.json(outcome, outcome.seeded ? 201 : 200, NO_STORE)
  }
}

/** `POST /docs/:docId/copy` `{to}`: needs the right to read the document and to write the copy. */
export function postCopy(context: RouteContext): RouteHandler {
  return async (c, { docId, user }) => {
    const { to } = await readJson(c, COPY_BODY, '{"to": the id of the copy}')
    const target = await allowedDocument(context, c, 'write', to)
    await requireWithinLimits(context, c, { name: 'copyDocument', action: 'write' }, target)
    const { pool, limits, files } = context
    const options = { limits, asker: askerOf(c, user, limits), files: files ?? (false as const) }
    const response = await admitted(context, c, target, COPY, async () => {
      const copied = await copyDocument(pool, docId, target.docId, options)
      return c.json(copied, 201, NO_STORE)
    })
    context.quotas.changed(target.docId)
    return response
  }
}

/** @throws {RequestError} unsupported_media_type, document_too_large, invalid_request */
async function readContent(c: Context, maxBytes: number): Promise<FormattedContent> {
  const [named, root, type] = [read(c, IMPORT_FORMAT), read(c, ROOT), read(c, TYPE)]
  const lineEnds = read(c, LINE_ENDS_PARAMETER)
  const sent = mediaTypeOf(c)
  const typeOf = (name: Format) => essence(FORMATS[name].mediaType)
  const taken = named === null ? IMPORTS : [named]
  const format = taken.find((name) => typeOf(name) === sent)
  if (format === undefined) {
    const types = [...new Set(taken.map(typeOf))].join(', ')
    throw new RequestError(
      'unsupported_media_type',
      `${named ?? 'content'} must be sent as ${types}, not as ${sent ?? 'nothing'}`,
    )
  }
  return {
    format,
    data: await readBody(c, maxBytes, 'document_too_large'),
    ...(root !== null && { root }),
    ...(type !== null && { type }),
    ...(lineEnds !== null && { lineEnds }),
  }
}
