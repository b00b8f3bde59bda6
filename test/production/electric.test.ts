// The whole path from a keystroke to another screen, with the behaviour of a real Electric and of a CDN.
import { createShapeService, type ShapeService } from '@y-electric/embedded'
import { migrate } from '@y-electric/server'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type ClientOptions, openClient, type TestClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, readStored, serveApp, type TestServer } from '../e2e/server.ts'
import { someOf } from '../harness/deep.ts'
import { expectConverged } from '../harness/oracle.ts'
import { useTestDatabase } from '../harness/sharedDatabase.ts'
import { sharedCache } from './sharedCache.ts'
import { type Answer, fromService, startUpstream, type Upstream } from './upstream.ts'

const shared = useTestDatabase('postgres')
let service: ShapeService
let upstream: Upstream
let server: TestServer
const clients: TestClient[] = []

async function start(
  habit: (answer: (request: Request) => Promise<Response>) => Answer,
  options: { sseMs?: number; longPollMs?: number; publicCache?: boolean } = {},
): Promise<void> {
  const { publicCache = false, ...limits } = options
  service = await createShapeService({
    database: shared.database,
    allowShapeDeletion: true,
    ...limits,
  })
  upstream = await startUpstream(habit((request) => service.fetch(request)))
  server = await serveApp({
    backend: { pool: shared.database.pool, shapes: { url: upstream.url } },
    publicCache,
    healthCacheMs: 0,
  })
}

beforeEach(async () => {
  await migrate(shared.database.pool)
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
  await server.close()
  await upstream.close()
  await service.close()
  await shared.empty()
})

const open = (docId: string, options: Partial<ClientOptions> = {}): TestClient => {
  const client = openClient({ url: server.url, docId, ...options })
  clients.push(client)
  return client
}

const plain = (fetch: (request: Request) => Promise<Response>): Answer =>
  fromService({ fetch, close: async () => {} })

async function typeAlternately(people: readonly TestClient[], rounds: number): Promise<void> {
  for (let i = 0; i < rounds; i++) {
    people[i % people.length]?.type(String(i % 10))
    await new Promise((resolve) => setTimeout(resolve, 8))
  }
}

async function expectAlike(docId: string, people: readonly TestClient[]): Promise<void> {
  await Promise.all(people.map(({ provider }) => provider.whenSaved()))
  const stored = await readStored(shared.database.pool, docId)
  await eventually(() => {
    expectConverged(
      people.map(({ doc }) => doc),
      stored,
    )
  }, 15_000)
}

test('clients stay live if streams with a backlog are closed at once, and quiet streams after a time', async () => {
  let short = 0
  await start(
    (answer) =>
      plain(async (request) => {
        const response = await answer(request)
        const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
        if (!isStream || response.body === null) return response
        const [first, rest] = response.body.tee()
        const reader = first.getReader()
        // People type every 8 ms, so a stream that brings nothing for this long has no backlog.
        const quiet = new Promise<null>((resolve) => setTimeout(() => resolve(null), 50))
        const backlog = await Promise.race([reader.read(), quiet])
        if (backlog?.value === undefined) {
          void reader.cancel()
          return new Response(rest, response)
        }
        short++
        void reader.cancel()
        void rest.cancel()
        return new Response(backlog.value, response)
      }),
    { sseMs: 1_100 },
  )
  const docId = freshDocId()
  const people = [open(docId), open(docId), open(docId)]
  await typeAlternately(people, 80)
  people.push(open(docId))
  await typeAlternately(people, 80)
  await expectAlike(docId, people)
  expect(short).toBeGreaterThan(0)
  // No client fell back to polling because of it.
  const polls = upstream.requests.filter(
    ({ url }) => url?.includes('live=true') && !url.includes('live_sse=true'),
  )
  expect(polls.length).toBeLessThan(10)
})

const DROPPED = [
  ['sse', 'with'],
  ['sse', 'without'],
  ['long-poll', 'with'],
  ['long-poll', 'without'],
] as const

test.each(someOf(DROPPED, 2))(
  'shapes are dropped under live readers (%s), 409 %s a handle',
  async (live, kind) => {
    const warn = vi.spyOn(console, 'warn')
    let refused = 0
    await start(
      (answer) =>
        plain(async (request) => {
          const response = await answer(request)
          if (response.status !== 409) return response
          refused++
          const headers = new Headers(response.headers)
          if (kind === 'without') headers.delete('electric-handle')
          return new Response(response.body, { status: 409, headers })
        }),
      { longPollMs: 500 },
    )
    const docId = freshDocId()
    const people = [open(docId, { live }), open(docId, { live })]
    for (let round = 0; round < 3; round++) {
      await typeAlternately(people, 10)
      await eventually(() => people.every(({ provider }) => provider.status === 'connected'))
      const query = new URLSearchParams({
        table: 'ydoc_update',
        columns: 'seq,data',
        where: 'doc_id = $1 AND segment = $2',
        'params[1]': docId,
        'params[2]': '0',
      })
      await service.fetch(new Request(`${upstream.url}/v1/shape?${query}`, { method: 'DELETE' }))
    }
    await typeAlternately(people, 10)
    await expectAlike(docId, people)
    expect(refused).toBeGreaterThan(0)
    expect(warn.mock.calls).toEqual([])
    warn.mockRestore()
  },
)

test.each(someOf(['sse', 'long-poll'] as const))(
  'clients recover from a killed Electric that refuses every request without a handle (%s)',
  async (live) => {
    const warn = vi.spyOn(console, 'warn')
    const mustRefetch = () =>
      new Response('[{"headers":{"control":"must-refetch"}}]', {
        status: 409,
        headers: { 'content-type': 'application/json' },
      })
    /** How many requests of each kind are still refused since Electric was killed. */
    let [refuseAll, refused] = [0, 0]
    const habit = (answer: (request: Request) => Promise<Response>) =>
      plain(async (request) => {
        if (refuseAll > 0) {
          refuseAll--
          refused++
          return mustRefetch()
        }
        const response = await answer(request)
        if (response.status !== 409) return response
        refused++
        return mustRefetch()
      })
    await start(habit, { longPollMs: 500 })
    const docId = freshDocId()
    const people = [open(docId, { live }), open(docId, { live })]
    await typeAlternately(people, 10)
    await expectAlike(docId, people)

    const { port } = upstream
    upstream.cut()
    await upstream.close()
    await service.close()
    service = await createShapeService({ database: shared.database, longPollMs: 500 })
    // The new Electric refuses the first requests of any kind.
    refuseAll = 6
    upstream = await startUpstream(
      habit((request) => service.fetch(request)),
      port,
    )
    await typeAlternately(people, 10)
    await expectAlike(docId, people)
    expect(refused).toBeGreaterThanOrEqual(6)
    expect(warn.mock.calls).toEqual([])
    expect(people.flatMap(({ statuses }) => statuses)).not.toContain('refused')
    warn.mockRestore()
  },
)

test('idle sockets are reset between requests, and streams in the middle', async () => {
  await start(plain, { longPollMs: 300 })
  const docId = freshDocId()
  const people = [open(docId), open(docId, { live: 'long-poll' })]
  for (let round = 0; round < 8; round++) {
    await typeAlternately(people, 5)
    upstream.cut()
  }
  await expectAlike(docId, people)
})

test('while Electric is down, clients continue to type and save, and reads resume by themselves', async () => {
  await start(plain)
  const docId = freshDocId()
  const people = [open(docId), open(docId, { live: 'long-poll' })]
  await typeAlternately(people, 10)
  await expectAlike(docId, people)

  const { port } = upstream
  await upstream.close()
  await service.close()
  const refused = await fetch(`${server.url}/docs/${docId}/segments/0?offset=-1`)
  expect(refused.status).toBe(503)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  await typeAlternately(people, 20)
  await Promise.all(people.map(({ provider }) => provider.whenSaved()))
  expect((await fetch(`${server.url}/health`)).status).toBe(503)

  // A real Electric starts with or without its old shapes. This one starts without, which is worse.
  service = await createShapeService({ database: shared.database })
  upstream = await startUpstream(
    plain((request) => service.fetch(request)),
    port,
  )
  await typeAlternately(people, 10)
  await expectAlike(docId, people)
  expect((await fetch(`${server.url}/health`)).status).toBe(200)
})

test.each(someOf(['sse', 'long-poll'] as const))(
  'clients converge if a CDN answers for the server (%s)',
  async (live) => {
    await start(plain, { publicCache: true, longPollMs: 400 })
    const cache = sharedCache()
    const docId = freshDocId()
    const people = Array.from({ length: 6 }, () => open(docId, { live, fetch: cache.fetch }))
    await typeAlternately(people, 60)
    people.push(open(docId, { live, fetch: cache.fetch }))
    await expectAlike(docId, people)
    expect(cache.hits()).toBeGreaterThan(0)
  },
)
