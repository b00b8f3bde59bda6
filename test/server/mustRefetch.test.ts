// The server adds the current handle to a 409 of Electric that names none.
import type { Authorize } from '@y-electric/server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { segmentPath } from 'y-electric/protocol'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { expectError } from './api.ts'
import { createUpstream, emptyShape, type Upstream } from './upstream.ts'

const backend = useBackend('pglite')
let upstream: Upstream
let server: TestServer
beforeEach(async () => {
  upstream = createUpstream({ secret: 'ours' })
  server = await serveApp({ backend: { pool: backend.current.pool, shapes: upstream.source } })
})
afterEach(() => server.close())

const follow = (docId: string, query: string): Promise<Response> =>
  fetch(`${server.url}${segmentPath(docId, 0)}?${query}`)

const MUST_REFETCH = [{ headers: { control: 'must-refetch' } }]

const refusal = (handle?: string, body: string | null = JSON.stringify(MUST_REFETCH)) =>
  new Response(body, {
    status: 409,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'public, max-age=60, must-revalidate',
      ...(handle !== undefined && { 'electric-handle': handle, etag: `"${handle}::"` }),
    },
  })

const LIVE = 'offset=7_0&handle=old&live=true&live_sse=true&cursor=5&log=changes_only'
const CATCH_UP = 'offset=7_0&handle=old&log=changes_only'

test.each([
  ['no handle', refusal()],
  ['no handle, in an empty body', refusal(undefined, null)],
  ['no handle, in a page of HTML', refusal(undefined, '<html>')],
  ['the refused handle', refusal('old')],
])('a 409 that names %s gets the current handle of Electric', async (_, answer) => {
  upstream.next(
    () => answer,
    () => emptyShape({ 'electric-handle': 'new' }),
  )
  const response = await follow(freshDocId(), LIVE)
  expect(response.status).toBe(409)
  expect(response.headers.get('electric-handle')).toBe('new')
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await response.json()).toEqual(MUST_REFETCH)

  const [first, second] = upstream.requests.map(({ url }) => new URL(url).searchParams)
  expect(first?.get('handle')).toBe('old')
  for (const name of ['handle', 'live', 'live_sse', 'cursor']) expect(second?.has(name)).toBe(false)
  // The request is for the same shape (the log mode is a part of it), from its beginning, without caches.
  for (const name of ['table', 'columns', 'where', 'params[1]', 'params[2]', 'secret', 'log']) {
    expect(second?.get(name)).toBe(first?.get(name))
  }
  expect(second?.get('offset')).toBe('-1')
  expect(second?.get('expired_handle')).toBe('old')
  expect(second?.has('cache-buster')).toBe(true)
  expect(server.errors).toEqual([])
})

test('a 409 that names another handle is passed on unchanged', async () => {
  upstream.next(() => refusal('new'))
  const response = await follow(freshDocId(), LIVE)
  expect(response.status).toBe(409)
  expect(response.headers.get('electric-handle')).toBe('new')
  expect(await response.json()).toEqual(MUST_REFETCH)
  expect(upstream.requests).toHaveLength(1)
})

test('a handle from another 409 is used as well', async () => {
  upstream.next(
    () => refusal(),
    () => refusal('new'),
  )
  expect((await follow(freshDocId(), LIVE)).headers.get('electric-handle')).toBe('new')
})

test.each<[string, () => Response]>([
  ['refuses that request as well', () => refusal()],
  ['names the refused handle', () => emptyShape({ 'electric-handle': 'old' })],
  ['is starting', () => new Response('{}', { status: 503 })],
  [
    'cannot be reached',
    () => {
      throw new TypeError('fetch failed')
    },
  ],
])('while Electric %s, the client gets an error after which it tries again', async (_, answer) => {
  upstream.next(() => refusal(), answer)
  await expectError(await follow(freshDocId(), LIVE), 503, 'shape_service_unavailable')
  expect(server.errors).toHaveLength(1)
})

test('a few requests find the new handle for all readers of one shape', async () => {
  const readers = 40
  const docId = freshDocId()
  let arrived = 0
  let release = (): void => {}
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  // One query reads the segment for all readers that are authorised meanwhile.
  const authorize: Authorize = () => {
    if (++arrived === readers) release()
    return 'allow'
  }
  const { pool } = backend.current
  await server.close()
  server = await serveApp({ backend: { pool, shapes: upstream.source }, authorize })
  const answer = async (request: Request): Promise<Response> => {
    await gate
    const isRefused = new URL(request.url).searchParams.get('handle') === 'old'
    return isRefused ? refusal() : emptyShape({ 'electric-handle': 'new' })
  }
  upstream.next(...Array.from({ length: 2 * readers }, () => answer))
  const answers = Array.from({ length: readers }, () => follow(docId, CATCH_UP))
  for (const answer of await Promise.all(answers)) {
    expect([answer.status, answer.headers.get('electric-handle')]).toEqual([409, 'new'])
  }
  // Each alone, they would take two requests each. Those that arrive late may still do.
  expect(upstream.requests.length).toBeLessThanOrEqual(readers)
})

test.each(['live=true', 'live=true&live_sse=true'])(
  'live readers (%s) of one shape that are refused together share their refusals',
  async (live) => {
    const readers = 40
    upstream.next(...Array.from({ length: readers }, () => () => refusal('new')))
    const docId = freshDocId()
    const answers = Array.from({ length: readers }, () =>
      follow(docId, `offset=7_0&handle=old&${live}`),
    )
    for (const answer of await Promise.all(answers)) {
      expect([answer.status, answer.headers.get('electric-handle')]).toEqual([409, 'new'])
      expect(await answer.json()).toEqual(MUST_REFETCH)
    }
    expect(upstream.requests.length).toBeLessThanOrEqual(readers / 4)
  },
)
