import { verifyDeleted } from '@y-electric/server'
import {
  askerOf,
  builtin,
  choice,
  type DELETION_PROOF,
  digits,
  matchingTag,
  type Output,
  parameter,
  privateUnlessPublic,
  type RouteContext,
  type RouteHandler,
  read,
  readRevision,
  storableText,
  text,
} from '@y-electric/server/extension'
import {
  FORMAT_NAMES,
  FORMATS,
  type Format,
  inspectInBytes,
  LOSSES_HEADER,
  lossesHeader,
  ROOT_TYPES,
  verifyDocument,
} from '../documents/index.ts'
import type { VERIFY_REPORT } from '../schemas/documents.ts'
import { negotiate } from './negotiation.ts'

/** Longest name of a root that is asked for, in UTF-16 code units. */
const MAX_ROOT_LENGTH = 1_000

export const FORMAT = parameter(
  {
    name: 'format',
    description: 'The format of the answer; default: the one that `Accept` prefers.',
  },
  choice(FORMAT_NAMES),
)

const OFFERS = FORMAT_NAMES.map((name) => ({ name, mediaType: FORMATS[name].mediaType }))

export const ROOT = parameter(
  {
    name: 'root',
    description: 'The name of the shared type that is the content, if it is not clear.',
  },
  storableText(0, MAX_ROOT_LENGTH),
)

export const TYPE = parameter(
  { name: 'type', description: 'The kind of that shared type, if it is not clear.' },
  choice(ROOT_TYPES),
)

export const AT = parameter(
  { name: 'at', description: 'The seq of a snapshot row: the document as it was then.' },
  digits(),
)

export const ACCEPT = parameter(
  {
    in: 'header',
    name: 'Accept',
    description: 'Media types that the client accepts (RFC 9110).',
  },
  text(),
)

/**
 * `GET /docs/:docId`: the content of a document, in the requested format. The ETag is made from row
 * numbers, so that an unchanged document is not read.
 */
export function getDocument(context: RouteContext): RouteHandler {
  const { pool, limits, answers } = context
  return async (c, { docId, user }) => {
    const named = read(c, FORMAT)
    const format = named ?? negotiate(c, OFFERS).name
    const [root, type, at] = [read(c, ROOT), read(c, TYPE), read(c, AT)]

    // The revision is read before the content. If the content is newer than the ETag, it is only sent once
    // more.
    const revision = await readRevision(pool, docId)
    const parts = [revision, format, root, type, at]
    const hash = builtin('node:crypto')
      .createHash('sha256')
      .update(JSON.stringify(parts))
      .digest('base64url')
    const etag = `"${hash}"`
    const headers = { etag, ...cachingOf(context), ...safetyOf(docId, format) }
    const known = revision === null ? null : matchingTag(c.req.header('if-none-match'), etag)
    if (known !== null) return c.body(null, 304, { ...headers, etag: known })

    const { mediaType, body, losses } = await inspectInBytes(pool, docId, {
      format,
      ...(root !== null && { root }),
      ...(type !== null && { type }),
      ...(at !== null && { at }),
      limits,
      asker: askerOf(c, user, limits),
    })
    const all = {
      ...headers,
      'content-type': mediaType,
      'content-length': String(body.byteLength),
      ...(losses.length > 0 && { [LOSSES_HEADER]: lossesHeader(losses) }),
    }
    if (c.req.raw.method === 'HEAD') return c.body(null, 200, all)
    const held = { chunks: [body], byteLength: body.byteLength }
    return c.body(answers.bodyOf(held, c.req.raw.signal), 200, all)
  }
}

/** Cached, but revalidated each time; one client's answer is not for another client. */
function cachingOf(context: RouteContext): Record<string, string> {
  const { vary, ...headers } = privateUnlessPublic(context, 'no-cache')
  return { ...headers, vary: vary === undefined ? 'accept' : `accept, ${vary}` }
}

/**
 * Other people write a document's content, and this is the API's own origin: a browser must not guess a type,
 * run a script, or load anything from another server, and it saves bytes instead of showing them.
 */
function safetyOf(docId: string, format: Format): Record<string, string> {
  const isBinary = format === 'update' || format === 'update-v2'
  return {
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'; img-src 'self' data:",
    'referrer-policy': 'no-referrer',
    ...(isBinary && {
      'content-disposition': `attachment; filename*=UTF-8''${encodeName(`${docId}.${format}`)}`,
    }),
  }
}

/**
 * Encodes a file name as in RFC 8187. `encodeURIComponent` leaves some characters that the header does not
 * allow.
 */
const encodeName = (name: string): string =>
  encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )

export const PROVE_DELETED = parameter(
  {
    name: 'deleted',
    description: 'Counts what the tables still hold of a document that was deleted.',
  },
  choice(['true', 'false']),
)

/** `GET /docs/:docId/verify`: checks the stored rows against the rules. It changes nothing. */
export function getVerification({ pool, limits }: RouteContext): RouteHandler {
  return async (c, { docId, user }) => {
    const report: Output<typeof VERIFY_REPORT | typeof DELETION_PROOF> =
      read(c, PROVE_DELETED) === 'true'
        ? await verifyDeleted(pool, docId)
        : await verifyDocument(pool, docId, { limits, asker: askerOf(c, user, limits) })
    return c.json(report, 200, { 'cache-control': 'no-store' })
  }
}
