import { json, type Route } from '../description.ts'
import { getHealth } from '../health.ts'
import { ref } from '../json-schema.ts'
import { openApiDocument } from '../openapi.ts'
import { DOCUMENT_ROUTES } from './documents.ts'
import { PRESENCE_ROUTES } from './presence.ts'
import { PROTOCOL_ROUTES } from './protocol.ts'
import { VERSION_ROUTES } from './versions.ts'

const OPENAPI_PATH = '/openapi.json'

/** What asks nobody: there is nothing of a document in it. */
const SERVICE_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/health',
    name: 'health',
    action: null,
    summary: 'Whether writing and reading can work',
    description:
      'Checks the database, and requests a shape from the shape service as a client does. Requests at the same time or within `healthCacheMs` share one check.',
    parameters: [],
    answers: [
      { status: 200, description: 'Both can.', contents: json(ref('Health')) },
      {
        status: 503,
        description: 'Writing or reading, or both, cannot work.',
        contents: json(ref('Health')),
      },
    ],
    errors: [],
    handler: getHealth,
  },
  {
    method: 'GET',
    path: OPENAPI_PATH,
    name: 'openApi',
    action: null,
    summary: 'Every route, as an OpenAPI 3.1 document',
    parameters: [],
    answers: [{ status: 200, description: 'This document.', contents: json(ref('OpenApi')) }],
    errors: [],
    compressed: true,
    handler:
      ({ limits }) =>
      (c) => {
        const { pathname } = new URL(c.req.url)
        const server = pathname.slice(0, -OPENAPI_PATH.length) || '/'
        return c.json(openApiDocument(ROUTES, { server, limits }), 200, {
          'cache-control': 'public, no-cache',
        })
      },
  },
]

/** Every route there is. */
export const ROUTES: readonly Route[] = [
  ...PROTOCOL_ROUTES,
  ...PRESENCE_ROUTES,
  ...DOCUMENT_ROUTES,
  ...VERSION_ROUTES,
  ...SERVICE_ROUTES,
]
