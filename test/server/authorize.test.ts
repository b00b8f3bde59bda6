// Every route of a document asks the authorize hook with the action and the document of the request,
// and obeys its decision.
import { randomUUID } from 'node:crypto'
import type { Authorize, Decision } from '@y-electric/server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readOpenApi } from '../../tools/reference/openApi.ts'
import { RIGHT, type Sending, send } from '../api/requests.ts'
import { ROLLS_AT_ONCE, writtenDocument } from '../api/world.ts'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { countRows, expectError, getState, postUpdate } from './api.ts'

const backend = useBackend()
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
    hookTimeoutMs: 50,
    ...ROLLS_AT_ONCE,
  })
})
afterAll(() => server.close())
beforeEach(() => {
  asked = []
  decide = () => 'allow'
})

const headers = { authorization: 'Bearer token' }

/** For every route by name: the action that the server's description says it asks the hook for. */
const actions = new Map(
  Object.values((await readOpenApi()).paths).flatMap((methods) =>
    Object.values(methods).map((one) => [one.operationId, one['x-action']] as const),
  ),
)

function right(name: string, docId: string): Sending {
  const make = RIGHT[name]
  if (make === undefined) throw new Error(`there is no request for ${name}`)
  const sending = make({ docId, seq: 1 })
  return { ...sending, headers: { ...headers, ...sending.headers } }
}

const odd = 'a/b ü%2F'
const segment = (docId: string, n: number, query = '', method = 'GET'): Sending => ({
  method,
  headers,
  path: `/docs/${encodeURIComponent(docId)}/segments/${n}?offset=-1&${query}`,
})
const guarded = [...actions].flatMap(([name, action]) => (action === null ? [] : [[name, action]]))
const routes = [
  ...guarded.map(([name = '', action]) => [name, action, (id: string) => right(name, id)] as const),
  ['GET segments/7', 'read', (id: string) => segment(id, 7)] as const,
  [
    'GET a live segment',
    'read',
    (id: string) => segment(id, 0, 'live=true&live_sse=true'),
  ] as const,
  ['HEAD segments/0', 'read', (id: string) => segment(id, 0, '', 'HEAD')] as const,
  ['HEAD state', 'read', (id: string) => ({ ...right('readState', id), method: 'HEAD' })] as const,
  [
    'HEAD a document',
    'read',
    (id: string) => ({ ...right('inspectDocument', id), method: 'HEAD' }),
  ] as const,
]

test('every route that concerns a document asks the hook', () => {
  const open = [...actions].filter(([, action]) => action === null).map(([name]) => name)
  // `revoke` has its own hook, and the hook is asked for each stream of `followMany` separately.
  expect(open).toEqual(['health', 'followMany', 'revoke', 'openApi'])
  expect([...new Set(actions.values())].sort()).toEqual(
    ['read', 'write', 'presence', 'list', 'delete', null].sort(),
  )
})

describe.each(routes)('%s', (name, action, make) => {
  const isHead = name.startsWith('HEAD')
  /** The subject of a list is the prefix. */
  const about = action === 'list' ? '' : odd

  test('asks the hook once, with the right document, the right action and the request', async () => {
    decide = (asking) => (asking.action === action ? 'forbidden' : 'allow')
    const response = await send(server.url, make(odd))
    await response.body?.cancel()
    expect(asked.map(({ docId, action }) => ({ docId, action }))).toEqual([
      { docId: about, action },
    ])
    expect(asked[0]?.request.headers.get('authorization')).toBe('Bearer token')
  })

  const refusals: [Decision, number, 'unauthenticated' | 'forbidden'][] = [
    ['unauthenticated', 401, 'unauthenticated'],
    ['forbidden', 403, 'forbidden'],
  ]
  test.each(refusals)(
    'answers with the refusal of the hook and stores nothing: %s',
    async (decision, status, code) => {
      const before = await countRows(server)
      decide = async () => decision
      const response = await send(server.url, make(freshDocId()))
      if (isHead) expect(response.status).toBe(status)
      else await expectError(response, status, code)
      expect(await countRows(server)).toBe(before)
    },
  )

  test.each([
    ['throws', () => Promise.reject(new Error('the user service is down'))],
    [
      'throws at once',
      () => {
        throw new Error('a bug')
      },
    ],
  ] as [string, Authorize][])(
    'answers 500 and stores nothing if the hook %s, and only the log has the reason',
    async (_n, hook) => {
      const before = await countRows(server)
      const told = server.errors.length
      decide = hook
      const response = await send(server.url, make(freshDocId()))
      expect(response.status).toBe(500)
      if (!isHead) {
        const text = await response.clone().text()
        expect(text).not.toMatch(/user service|a bug/)
        await expectError(response, 500, 'internal')
      }
      expect(server.errors.length).toBe(told + 1)
      expect(await countRows(server)).toBe(before)
    },
  )

  test('answers 503 and stores nothing if the hook does not answer in time, even if it allows later', async () => {
    const before = await countRows(server)
    let answerLate = (_: Decision): void => {}
    decide = () =>
      new Promise((resolve) => {
        answerLate = resolve
      })
    const response = await send(server.url, make(freshDocId()))
    if (isHead) expect(response.status).toBe(503)
    else await expectError(response, 503, 'authorization_unavailable')
    answerLate('allow')
    expect(await countRows(server)).toBe(before)
  })

  const noAnswers = [undefined, null, true, 'yes', 'ALLOW', {}, { user: '' }, { user: 7 }]
  test('any value other than a decision is a refusal', async () => {
    for (const answer of noAnswers) {
      decide = () => answer as unknown as Decision
      expect((await send(server.url, make(freshDocId()))).status, JSON.stringify(answer)).toBe(403)
    }
  })
})

test('an invalid document id is never passed to the hook', async () => {
  for (const id of ['x'.repeat(201), 'a\u0001']) {
    for (const [name] of guarded.filter(([, action]) => action !== 'list')) {
      await expectError(await send(server.url, right(name ?? '', id)), 400, 'invalid_doc_id')
    }
  }
  for (const prefix of ['x'.repeat(201), '%00', '%7f', 'a%0a']) {
    await expectError(await fetch(`${server.url}/docs?prefix=${prefix}`), 400, 'invalid_request')
  }
  expect(asked).toEqual([])
})

test('a request to list is authorised for its prefix', async () => {
  decide = ({ docId }) => (docId.startsWith('team-a/') ? 'allow' : 'forbidden')
  const list = (query: string) => fetch(`${server.url}/docs${query}`)
  expect((await list('?prefix=team-a%2F')).status).toBe(200)
  for (const query of ['', '?prefix=', '?prefix=team-a', '?prefix=.&prefix=team-a%2F']) {
    await expectError(await list(query), 403, 'forbidden')
  }
  expect(asked.map(({ docId }) => docId)).toEqual(['team-a/', '', '', 'team-a', '.'])
})

test('a copy needs the right to read the one document and to write the other', async () => {
  const { docId } = await writtenDocument(server)
  const to = freshDocId('copy')
  const copy = { ...right('copyDocument', docId), body: JSON.stringify({ to }) }
  asked = []
  decide = ({ action }) => (action === 'write' ? 'forbidden' : 'allow')
  await expectError(await send(server.url, copy), 403, 'forbidden')
  expect(asked.map(({ docId, action }) => [docId, action])).toEqual([
    [docId, 'read'],
    [to, 'write'],
  ])
  decide = () => 'allow'
  const wrong = { ...copy, body: JSON.stringify({ to: '..' }) }
  await expectError(await send(server.url, wrong), 400, 'invalid_doc_id')
  expect((await send(server.url, copy)).status).toBe(201)
})

test('the user of the hook is stored with kept versions and deletions', async () => {
  const { docId } = await writtenDocument(server)
  decide = () => ({ user: 'ada' })
  const kept = await send(server.url, right('keepVersion', docId))
  expect(await kept.json()).toMatchObject({ createdBy: 'ada', label: 'first draft' })
  decide = () => ({ user: 'x'.repeat(300) })
  const long = await send(server.url, right('keepVersion', docId))
  expect(await long.json()).toMatchObject({ createdBy: expect.stringMatching(/^x{177}#.{22}$/) })
  decide = () => ({ user: 'bob' })
  expect((await send(server.url, right('deleteDocument', docId))).status).toBe(200)
  const { rows } = await server.pool.query(
    'SELECT deleted_by FROM ydoc_document WHERE doc_id = $1',
    [docId],
  )
  expect(rows).toEqual([{ deleted_by: 'bob' }])
})

test('a user without the right to write cannot find out whether a batch is stored', async () => {
  const batchId = randomUUID()
  const docId = freshDocId()
  expect((await postUpdate(server, docId, { batchId })).status).toBe(201)
  decide = ({ action }) => (action === 'write' ? 'forbidden' : 'allow')
  await expectError(await postUpdate(server, docId, { batchId }), 403, 'forbidden')
  expect((await getState(server, docId)).status).toBe(200)
})

test('requests for health, the OpenAPI document and unknown paths do not call the hook', async () => {
  decide = () => 'forbidden'
  expect((await fetch(`${server.url}/health`)).status).toBe(200)
  expect((await fetch(`${server.url}/openapi.json`)).status).toBe(200)
  await expectError(await fetch(`${server.url}/nothing`), 404, 'not_found')
  expect(asked).toEqual([])
})
