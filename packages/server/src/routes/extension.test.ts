import pg from 'pg'
import { afterAll, describe, expect, test } from 'vitest'
import { type AppOptions, createApp } from '../app.ts'
import type { Authorize } from '../auth.ts'
import { RequestError } from '../errors.ts'
import { object, text } from '../schemas/values.ts'
import { json, type Route } from './description.ts'
import type { Extension } from './extension.ts'
import { routeTable } from './table/index.ts'

const COLOUR = object({ colour: text() })

const ROUTE: Route = {
  method: 'GET',
  path: '/docs/:docId/colour',
  name: 'readColour',
  action: 'read',
  summary: 'The colour of a document',
  parameters: [],
  answers: [{ status: 200, description: 'A colour.', contents: json(COLOUR) }],
  errors: ['not_found'],
  handler:
    () =>
    (c, { docId, user }) => {
      if (docId === 'none') throw new RequestError('not_found', 'it has no colour')
      return c.json({ colour: `blue for ${user}` }, 200, { 'x-colour': 'blue' })
    },
}

const EXTENSION: Extension = {
  routes: [ROUTE],
  schemas: { Colour: COLOUR },
  exposedHeaders: ['x-colour'],
}

// No test here queries it.
const pool = new pg.Pool({ max: 1 })
afterAll(() => pool.end())

const asAda: Authorize = () => ({ user: 'ada' })
const appOf = (options: Partial<AppOptions> = {}) =>
  createApp({
    pool,
    shapes: { url: 'http://shapes.invalid' },
    authorize: asAda,
    extensions: [EXTENSION],
    ...options,
  })

describe('a route of an extension', () => {
  test('is served to a user that authorize allows', async () => {
    const asked: unknown[] = []
    const app = appOf({
      authorize: ({ docId, action }) => {
        asked.push([docId, action])
        return { user: 'ada' }
      },
    })
    const response = await app.request('/docs/notes/colour')
    expect(await response.json()).toEqual({ colour: 'blue for ada' })
    expect(asked).toEqual([['notes', 'read']])
  })

  test.each([
    ['forbidden', 403],
    ['unauthenticated', 401],
  ] as const)('is refused when authorize answers %s', async (decision, status) => {
    const response = await appOf({ authorize: () => decision }).request('/docs/notes/colour')
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ error: { code: decision } })
  })

  test("is passed to the app's limits under its own name", async () => {
    const limits = [
      (_: Request, { route }: { route: string }) => ({
        code: 'too_many_requests' as const,
        retryAfter: route === 'readColour' ? 7 : 1,
      }),
    ]
    const response = await appOf({ limits }).request('/docs/notes/colour')
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('7')
  })

  test('answers errors with a code, and lists its methods when it refuses another', async () => {
    const missing = await appOf().request('/docs/none/colour')
    expect(missing.status).toBe(404)
    expect(await missing.json()).toEqual({
      error: { code: 'not_found', message: 'it has no colour' },
    })
    const wrong = await appOf().request('/docs/notes/colour', { method: 'POST' })
    expect(wrong.status).toBe(405)
    expect(wrong.headers.get('allow')).toBe('GET, HEAD')
  })

  test('is described with its schemas and all error codes of its kind', async () => {
    const response = await appOf().request('/openapi.json')
    const { paths, components } = (await response.json()) as {
      paths: Record<string, { get: { operationId: string; responses: object } }>
      components: { schemas: object }
    }
    expect(paths['/docs/{docId}/colour']?.get.operationId).toBe('readColour')
    expect(Object.keys(paths['/docs/{docId}/colour']?.get.responses ?? {})).toEqual(
      expect.arrayContaining(['200', '401', '403', '404', '429', '503']),
    )
    expect(components.schemas).toHaveProperty('Colour')
  })

  test('lets pages of other origins read its headers', async () => {
    const cors = { origin: ['https://app.example.com'] }
    const response = await appOf({ cors }).request('/docs/notes/colour', {
      headers: { origin: 'https://app.example.com' },
    })
    expect(response.headers.get('access-control-expose-headers')).toContain('x-colour')
  })

  test('does not exist without the extension', async () => {
    const response = await appOf({ extensions: [] }).request('/docs/notes/colour')
    expect(response.status).toBe(404)
  })
})

describe('the table of routes', () => {
  const [own] = routeTable().routes
  if (own === undefined) throw new Error('the server has routes')

  test.each([
    ['an extension twice', [EXTENSION, EXTENSION], 'GET /docs/:docId/colour exists already'],
    ["a route of the server's own", [{ routes: [own], schemas: {} }], `${own.method} ${own.path}`],
    [
      'an operation whose name is taken',
      [{ routes: [{ ...ROUTE, name: own.name }], schemas: {} }],
      `the operation ${own.name}`,
    ],
    [
      'a schema whose name is taken',
      [{ routes: [], schemas: { Snapshot: text() } }],
      'the schema Snapshot',
    ],
  ])('refuses %s', (_, extensions, message) => {
    expect(() => routeTable(extensions)).toThrow(RangeError)
    expect(() => routeTable(extensions)).toThrow(message)
  })
})
