import { SCHEMAS } from '../../schemas/index.ts'
import { HEALTH, OPENAPI, REVOKED } from '../../schemas/protocol.ts'
import { text } from '../../schemas/values.ts'
import { MAX_JSON_BYTES } from '../body.ts'
import { json, type Route } from '../description.ts'
import type { Extension } from '../extension.ts'
import { getHealth } from '../health.ts'
import type { NamedSchemas } from '../json-schema.ts'
import { LIVE_BODY, LIVE_PATH, MAX_LIVE_BODY_BYTES, postLive } from '../live-streams.ts'
import { openApiDocument } from '../openapi.ts'
import { postRevoke, REVOKE_BODY } from '../revoke.ts'
import { DOCUMENT_ROUTES } from './documents.ts'
import { FILE_ROUTES } from './files.ts'
import { LIST_ROUTES } from './lists.ts'
import { PRESENCE_ROUTES } from './presence.ts'
import { PROTOCOL_ROUTES } from './protocol.ts'
import { VERSION_ROUTES } from './versions.ts'
import { WRITER_ROUTES } from './writers.ts'

const OPENAPI_PATH = '/openapi.json'

/** Routes that concern no document and do not call `authorize`. `POST /revoke` has its own hook. */
const SERVICE_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/health',
    name: 'health',
    answerSize: 'small',
    action: null,
    summary: 'Check whether writing and reading can work',
    description:
      'Checks the database, and requests a shape from the shape service as a client does. Concurrent requests, and requests within `healthCacheMs`, share one check.',
    parameters: [],
    answers: [
      { status: 200, description: 'Both can work.', contents: json(HEALTH) },
      {
        status: 503,
        description: 'Writing or reading, or both, cannot work.',
        contents: json(HEALTH),
      },
    ],
    errors: [],
    handler: getHealth,
  },
  {
    method: 'POST',
    path: LIVE_PATH,
    name: 'followMany',
    answerSize: 'counted',
    action: null,
    summary: 'Follow many documents in one response',
    description:
      'A browser has six connections to a server over HTTP/1.1. This response joins streams that a client could also request one by one: the update rows of segments, and presence. Each is authorised, limited and ended on its own. Its events are `open` (`stream`, `status`, `headers`, and `body` unless it is a stream), the number of a stream (one event of it, as Electric sends it), and `end` (`stream`). A stream that ends after it made progress is continued.',
    parameters: [],
    body: {
      description:
        'The streams, as paths below the mount point with their queries: `/docs/a/segments/3?offset=…&handle=…&live=true&live_sse=true`.',
      contents: json(LIVE_BODY),
      maxBytes: MAX_LIVE_BODY_BYTES,
    },
    answers: [
      {
        status: 200,
        description: 'The streams, joined.',
        contents: [{ mediaType: 'text/event-stream', schema: text() }],
      },
    ],
    errors: ['invalid_request'],
    handler: postLive,
  },
  {
    method: 'POST',
    path: '/revoke',
    name: 'revoke',
    answerSize: 'small',
    action: null,
    summary: 'Report that a right was revoked',
    description:
      'For operators. The route is off unless the option `revoke` says who may call it. Streams and long polls of this user, of this document, or of this user in this document are authorised again at once, on every server that listens, and end unless `authorize` allows them within a second.',
    parameters: [],
    body: {
      description: 'A user (the name that `authorize` returns), a document id, or both.',
      contents: json(REVOKE_BODY),
      maxBytes: MAX_JSON_BYTES,
    },
    answers: [
      {
        status: 200,
        description: 'The number of streams of this server that have ended.',
        contents: json(REVOKED),
      },
    ],
    errors: [
      'invalid_request',
      'unauthenticated',
      'forbidden',
      'authorization_unavailable',
      'not_found',
      'too_many_requests',
      'quota_exceeded',
      'body_consumed',
      'internal',
      'database_unavailable',
    ],
    handler: postRevoke,
  },
]

/** The route of the OpenAPI document, which describes this route too. */
const openApiRoute = (read: () => RouteTable): Route => ({
  method: 'GET',
  path: OPENAPI_PATH,
  name: 'openApi',
  action: null,
  summary: 'Every route, as an OpenAPI 3.1 document',
  parameters: [],
  answers: [{ status: 200, description: 'This document.', contents: json(OPENAPI) }],
  errors: [],
  compressed: true,
  handler({ limits }) {
    // Made at the first request, and then kept: converting the schemas takes some milliseconds.
    let made: ReturnType<typeof openApiDocument> | null = null
    return (c) => {
      const { routes, schemas } = read()
      made ??= openApiDocument(routes, { limits, schemas })
      const { pathname } = new URL(c.req.url)
      const servers = [{ url: pathname.slice(0, -OPENAPI_PATH.length) || '/' }]
      return c.json({ ...made, servers }, 200, { 'cache-control': 'public, no-cache' })
    }
  },
})

/** Every route of an app, and the schemas of its answers. */
export interface RouteTable {
  readonly routes: readonly Route[]
  readonly schemas: NamedSchemas
}

/**
 * The server's own routes and those of extensions.
 * @throws {RangeError} if a route, an operation or a schema exists twice
 */
export function routeTable(extensions: readonly Extension[] = []): RouteTable {
  const table: RouteTable = {
    routes: [
      ...PROTOCOL_ROUTES,
      ...PRESENCE_ROUTES,
      ...DOCUMENT_ROUTES,
      ...LIST_ROUTES,
      ...VERSION_ROUTES,
      ...WRITER_ROUTES,
      ...FILE_ROUTES,
      ...extensions.flatMap(({ routes }) => routes),
      ...SERVICE_ROUTES,
      openApiRoute(() => table),
    ],
    schemas: Object.assign({}, SCHEMAS, ...extensions.map(({ schemas }) => schemas)),
  }
  requireDistinct(table.routes.map(({ method, path }) => `${method} ${path}`))
  requireDistinct(table.routes.map(({ name }) => `the operation ${name}`))
  requireDistinct(
    [SCHEMAS, ...extensions.map(({ schemas }) => schemas)].flatMap((schemas) =>
      Object.keys(schemas).map((name) => `the schema ${name}`),
    ),
  )
  return table
}

function requireDistinct(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice === undefined) return
  throw new RangeError(`extensions: ${twice} exists already. Is an extension in the list twice?`)
}
