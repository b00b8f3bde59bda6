// The hook is asked on every route of a document, with what the request is about, and its answer is
// final.
import { randomUUID } from 'node:crypto'
import type { Authorize, Decision } from '@y-electric/server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { countRows, expectError, getState, postUpdate } from './api.ts'

const backend = useBackend('pglite')
type Asked = Parameters<Authorize>[0]
let server: TestServer
let asked: Asked[] = []
let decide: Authorize = () => 'allow'

beforeAll(async () => {
  server = await serveApp({
    backend: backend.current,
    authorize: (about) => {
      asked.push(about)
      return decide(about)
    },
  })
})
afterAll(() => server.close())
beforeEach(() => {
  asked = []
  decide = () => 'allow'
})

const odd = 'a/b ü%2F'
const routes: [string, 'read' | 'write', (docId: string) => Promise<Response>][] = [
  ['POST updates', 'write', (docId) => postUpdate(server, docId, headers)],
  ['GET state', 'read', (docId) => getState(server, docId, '', headers.headers)],
  ['GET segments/0', 'read', (docId) => segment(docId)],
  ['GET segments/7', 'read', (docId) => segment(docId, 7)],
  ['GET a live segment', 'read', (docId) => segment(docId, 0, 'live=true&live_sse=true')],
  ['HEAD segments/0', 'read', (docId) => segment(docId, 0, '', 'HEAD')],
  ['HEAD state', 'read', (docId) => fetch(`${path(docId)}/state`, { method: 'HEAD', ...headers })],
]
const headers = { headers: { authorization: 'Bearer token' } }
const path = (docId: string) => `${server.url}/docs/${encodeURIComponent(docId)}`
const segment = (docId: string, n = 0, query = '', method = 'GET') =>
  fetch(`${path(docId)}/segments/${n}?offset=-1&${query}`, { method, ...headers })

describe.each(routes)('%s', (_name, action, send) => {
  test('is asked once, for the right document and action, with the request', async () => {
    const response = await send(odd)
    await response.body?.cancel()
    expect(asked.map(({ docId, action }) => ({ docId, action }))).toEqual([{ docId: odd, action }])
    expect(asked[0]?.request.headers.get('authorization')).toBe('Bearer token')
  })

  const refusals: [Decision, number, 'unauthenticated' | 'forbidden'][] = [
    ['unauthenticated', 401, 'unauthenticated'],
    ['forbidden', 403, 'forbidden'],
  ]
  test.each(refusals)('%s', async (decision, status, code) => {
    const before = await countRows(server)
    decide = async () => decision
    const response = await send(freshDocId())
    if (response.headers.get('content-length') === '0' || response.body === null) {
      expect(response.status).toBe(status)
    } else if (!_name.startsWith('HEAD')) await expectError(response, status, code)
    else expect(response.status).toBe(status)
    expect(await countRows(server)).toBe(before)
  })

  test.each([
    ['throws', () => Promise.reject(new Error('the user service is down'))],
    [
      'throws at once',
      () => {
        throw new Error('a bug')
      },
    ],
  ] as [string, Authorize][])(
    '%s: 500, nothing stored, and only the log is told why',
    async (_n, hook) => {
      const before = await countRows(server)
      const told = server.errors.length
      decide = hook
      const response = await send(freshDocId())
      expect(response.status).toBe(500)
      if (!_name.startsWith('HEAD')) {
        const text = await response.clone().text()
        expect(text).not.toMatch(/user service|a bug/)
        await expectError(response, 500, 'internal')
      }
      expect(server.errors.length).toBe(told + 1)
      expect(await countRows(server)).toBe(before)
    },
  )

  test.each([undefined, null, true, 'yes', 'ALLOW', {}])('an answer of %j is no', async (odd) => {
    decide = () => odd as unknown as Decision
    expect((await send(freshDocId())).status).toBe(403)
  })
})

test('a document id that is refused is never shown to the hook', async () => {
  for (const id of ['x'.repeat(201), 'a\u0001']) {
    expect((await postUpdate(server, id)).status).toBe(400)
  }
  expect(asked).toEqual([])
})

test('a batch that another may not see cannot be asked for by its id', async () => {
  const batchId = randomUUID()
  const docId = freshDocId()
  expect((await postUpdate(server, docId, { batchId })).status).toBe(201)
  decide = ({ action }) => (action === 'write' ? 'forbidden' : 'allow')
  await expectError(await postUpdate(server, docId, { batchId }), 403, 'forbidden')
})

test('health and unknown paths belong to nobody', async () => {
  decide = () => 'forbidden'
  expect((await fetch(`${server.url}/health`)).status).toBe(200)
  await expectError(await fetch(`${server.url}/nothing`), 404, 'not_found')
  expect(asked).toEqual([])
})
