// Limits of a server: the app's own hook limits requests, and counters limit stored totals. A refusal
// changes nothing, says how long to wait, and ends when there is room again.
import { randomUUID } from 'node:crypto'
import {
  type LimitHook,
  type LimitSubject,
  postgresTokenBucket,
  tokenBucket,
} from '@y-electric/server'
import { afterEach, describe, expect, test } from 'vitest'
import { presenceOf, RIGHT, send } from '../api/requests.ts'
import { eventually } from '../e2e/eventually.ts'
import { isShared } from '../e2e/ownDocuments.ts'
import {
  DOCUMENT_BACKENDS,
  freshDocId,
  type ServeOptions,
  serveApp,
  type TestServer,
  useBackend,
} from '../e2e/server.ts'
import { watchPool } from '../harness/watchedPool.ts'
import { countRows, expectError, postUpdate, someUpdate } from './api.ts'
import { openLive } from './live.ts'

describe.each(DOCUMENT_BACKENDS)('on %s', (name) => {
  const backend = useBackend(name)
  const servers: TestServer[] = []

  const serve = async (options: Partial<ServeOptions> = {}): Promise<TestServer> => {
    const server = await serveApp({
      backend: backend.current,
      authorize: ({ request }) => ({ user: request.headers.get('x-user') ?? 'somebody' }),
      ...options,
    })
    servers.push(server)
    return server
  }
  const right = (route: string, docId: string, seq = 0) => {
    const make = RIGHT[route]
    if (make === undefined) throw new Error(`there is no request for ${route}`)
    return make({ docId, seq })
  }
  const as = (user: string) => ({ headers: { 'x-user': user } })
  const stored = async (response: Promise<Response>): Promise<void> => {
    const { status } = await response
    expect(status).toBe(201)
  }
  /** Expects a refusal that names the setting and a wait, and that adds no row. */
  const full = async (response: Promise<Response>, setting: string): Promise<void> => {
    const before = await countRows(backend.current)
    const answer = await response
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await answer.clone().text()).toContain(setting)
    await expectError(answer, 507, 'quota_exceeded')
    expect(await countRows(backend.current)).toBe(before)
  }

  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close()
  })

  test('the hook gets the subject of a request after authorize has allowed it', async () => {
    const asked: LimitSubject[] = []
    const server = await serve({ limits: (_request, about) => void asked.push(about) })
    const docId = freshDocId()
    await stored(postUpdate(server, docId, as('ada')))
    await send(server.url, presenceOf(docId, 7))
    const live = await openLive(server, docId, { kind: 'segment', mode: 'sse' })
    live.abort()
    const to = freshDocId('copy')
    const copy = { ...right('copyDocument', docId), body: JSON.stringify({ to }) }
    await stored(send(server.url, copy))
    expect(asked.map(({ route, action, docId: id }) => [route, action, id])).toEqual([
      ['appendUpdate', 'write', docId],
      ['putAwareness', 'presence', docId],
      ['followSegment', 'read', docId],
      ['followSegment', 'read', docId],
      ['copyDocument', 'read', docId],
      ['copyDocument', 'write', to],
    ])
    const [append, presence, catchUp, stream] = asked
    expect(append).toMatchObject({ user: 'ada', clientId: null, isLive: false })
    expect(append?.size).toBe(someUpdate().byteLength)
    expect(append?.address).toContain('127.0.0.1')
    expect(presence).toMatchObject({ user: 'somebody', clientId: 7 })
    expect([catchUp?.isLive, stream?.isLive]).toEqual([false, true])
  })

  test('nothing is stored if the hook throws or returns an invalid value', async () => {
    for (const limits of [
      () => {
        throw new Error('a bug')
      },
      () => 'no' as never,
    ] as LimitHook[]) {
      const server = await serve({ limits })
      const before = await countRows(server)
      await expectError(await postUpdate(server, freshDocId()), 500, 'internal')
      expect(await countRows(server)).toBe(before)
      expect(server.errors).toHaveLength(1)
    }
  })

  test('a token bucket in memory limits each user by itself', async () => {
    const server = await serve({ limits: tokenBucket({ perSecond: 0.001, burst: 3 }) })
    const docId = freshDocId()
    for (let i = 0; i < 3; i++) await stored(postUpdate(server, docId, as('ada')))
    const refused = await postUpdate(server, docId, as('ada'))
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(900)
    await expectError(refused, 429, 'too_many_requests')
    await stored(postUpdate(server, docId, as('bob')))
    expect(server.errors).toEqual([])
  })

  test('a token bucket in Postgres limits all servers together, and fills again', async () => {
    const { pool } = backend.current
    const bucket = (perSecond: number, burst: number) =>
      postgresTokenBucket(pool, `test ${docId}`, { perSecond, burst })
    const docId = freshDocId()
    const slow = { limits: bucket(0.001, 4) }
    const [one, two] = [await serve(slow), await serve({ limits: bucket(0.001, 4) })]
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => postUpdate(i % 2 === 0 ? one : two, docId, as('ada'))),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(4)
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      await expectError(answer, 429, 'too_many_requests')
    }
    await stored(postUpdate(one, docId, as('bob')))
    const quick = await serve({ limits: bucket(1_000, 4) })
    await eventually(async () => (await postUpdate(quick, docId, as('ada'))).status === 201)
  })

  test('a document has a limit of rows and bytes, a retry of a stored batch is still answered, and free room is noticed', async () => {
    const server = await serve({ maxDocumentRows: 3, quotaCheckMs: 3_600_000 })
    const docId = freshDocId()
    const batchId = randomUUID()
    await stored(postUpdate(server, docId, { batchId }))
    for (let i = 0; i < 2; i++) await stored(postUpdate(server, docId))
    await full(postUpdate(server, docId), 'maxDocumentRows')
    expect((await postUpdate(server, docId, { batchId })).status).toBe(200)
    await stored(postUpdate(server, freshDocId()))

    const bytes = await serve({ maxDocumentBytes: 3 * someUpdate().byteLength })
    const other = freshDocId()
    for (let i = 0; i < 3; i++) await stored(postUpdate(bytes, other))
    await full(postUpdate(bytes, other), 'maxDocumentBytes')
    // A body without a declared length is refused too if the document is full.
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(someUpdate())
        controller.close()
      },
    })
    await full(postUpdate(bytes, other, { body }), 'maxDocumentBytes')
    await server.pool.query('DELETE FROM ydoc_update WHERE doc_id = $1', [other])
    await eventually(async () => (await postUpdate(bytes, other)).status === 201)
  })

  test('concurrent requests together exceed no limit', async () => {
    const ada = `ada-${randomUUID()}`
    const server = await serve({ maxDocumentRows: 3, maxUserDocuments: 2 })
    const docId = freshDocId()
    const rows = Array.from({ length: 12 }, () => postUpdate(server, docId, as(ada)))
    const documents = Array.from({ length: 12 }, () => postUpdate(server, freshDocId(), as(ada)))
    const stored = async (answers: Promise<Response>[]): Promise<number> =>
      (await Promise.all(answers)).filter(({ status }) => status === 201).length
    const [inOne, others] = [await stored(rows), await stored(documents)]
    expect(inOne).toBeLessThanOrEqual(3)
    expect(others).toBeLessThanOrEqual(2)
    // Room that a refused request had reserved is free again.
    const bob = as(`bob-${randomUUID()}`)
    const other = freshDocId()
    for (let i = 0; i < 3; i++) expect((await postUpdate(server, other, bob)).status).toBe(201)
    await full(postUpdate(server, other, bob), 'maxDocumentRows')
  })

  test('bodies of unknown length count with their real length', async () => {
    const size = someUpdate().byteLength
    const ada = `ada-${randomUUID()}`
    const server = await serve({ maxUserBytes: 3 * size, quotaCheckMs: 3_600_000 })
    const chunked = () =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(someUpdate())
          controller.close()
        },
      })
    const docId = freshDocId()
    for (let i = 0; i < 3; i++) {
      await stored(postUpdate(server, docId, { ...as(ada), body: chunked() }))
    }
    await full(postUpdate(server, docId, { ...as(ada), body: chunked() }), 'maxUserBytes')
  })

  test('every way to store content counts', async () => {
    const server = await serve({ maxDocumentBytes: 5 })
    for (const route of ['importDocument', 'seedDocument']) {
      await full(send(server.url, right(route, freshDocId())), 'maxDocumentBytes')
    }
    const roomy = await serve()
    const docId = freshDocId()
    await stored(postUpdate(roomy, docId))
    const small = await serve({ maxDocumentVersions: 1, maxUserDocuments: 1 })
    await stored(send(small.url, right('keepVersion', docId)))
    const { rows } = await roomy.pool.query<{ seq: string }>(
      'SELECT seq FROM ydoc_snapshot WHERE doc_id = $1',
      [docId],
    )
    const seq = Number(rows[0]?.seq)
    await full(send(small.url, right('keepVersion', docId)), 'maxDocumentVersions')
    await full(send(small.url, right('restoreSnapshot', docId, seq)), 'maxDocumentVersions')
    await full(send(small.url, right('labelSnapshot', docId, seq)), 'maxDocumentVersions')
    // Removing the label makes room.
    const unlabel = { ...right('labelSnapshot', docId, seq), body: '{"label":null}' }
    expect((await send(small.url, unlabel)).status).toBe(200)
    await stored(send(small.url, right('keepVersion', docId)))
  })

  test('the id of a stored batch does not bypass a limit', async () => {
    const server = await serve({ maxDocumentVersions: 1 })
    const docId = freshDocId()
    const batchId = randomUUID()
    await stored(postUpdate(server, docId, { batchId }))
    const keep = right('keepVersion', docId)
    await stored(send(server.url, keep))
    const { rows } = await server.pool.query<{ seq: string }>(
      'SELECT seq FROM ydoc_snapshot WHERE doc_id = $1',
      [docId],
    )
    const seq = Number(rows[0]?.seq)
    for (const sending of [keep, right('restoreSnapshot', docId, seq)]) {
      const headers = { ...sending.headers, 'idempotency-key': batchId }
      await full(send(server.url, { ...sending, headers }), 'maxDocumentVersions')
    }
  })

  test('seeding a document that already has content is answered even if the limit is reached', async () => {
    const roomy = await serve()
    const docId = freshDocId()
    await stored(postUpdate(roomy, docId))
    const server = await serve({ maxDocumentRows: 1 })
    const before = await countRows(backend.current)
    const answer = await send(server.url, right('seedDocument', docId))
    expect([answer.status, await answer.json()]).toMatchObject([200, { seeded: false }])
    expect(await countRows(backend.current)).toBe(before)
  })

  test('a user can create a limited number of documents, and writes of others count for their owner', async () => {
    const ada = `ada-${randomUUID()}`
    const docId = freshDocId()
    const limits = { maxUserDocuments: 2, maxUserRows: 4, quotaCheckMs: 3_600_000 }
    const server = await serve(limits)
    await stored(postUpdate(server, docId, as(ada)))
    await stored(postUpdate(server, freshDocId(), as(ada)))
    await full(postUpdate(server, freshDocId(), as(ada)), 'maxUserDocuments')
    await full(
      send(server.url, {
        ...right('seedDocument', freshDocId()),
        headers: {
          'content-type': 'text/markdown',
          'x-user': ada,
        },
      }),
      'maxUserDocuments',
    )
    await stored(postUpdate(server, docId, as('bob')))
    await stored(postUpdate(server, docId, as('bob')))
    await full(postUpdate(server, docId, as('bob')), 'maxUserRows')
    await stored(postUpdate(server, freshDocId(), as(`bob-${randomUUID()}`)))
    // Another server reads the stored owner.
    const other = await serve(limits)
    await full(postUpdate(other, freshDocId(), as(ada)), 'maxUser')
    // A deleted document has no owner.
    expect((await send(server.url, right('deleteDocument', docId))).status).toBe(200)
    await eventually(async () => (await postUpdate(other, freshDocId(), as(ada))).status === 201)
  })

  test('all documents together have a limit', async () => {
    const { pool } = backend.current
    const { rows } = await pool.query<{ count: string }>(
      'SELECT count(*) FROM ydoc_document WHERE deleted_at IS NULL',
    )
    const docId = freshDocId()
    // If other suites create and delete documents meanwhile, only one document is sure to count.
    const room = isShared(pool) ? 1 : Number(rows[0]?.count) + 1
    const server = await serve({ maxTotalDocuments: room })
    await stored(postUpdate(isShared(pool) ? await serve() : server, docId))
    await full(postUpdate(server, freshDocId()), 'maxTotalDocuments')
    await stored(postUpdate(server, docId))
  })

  test('a fold, a roll and a deletion are never refused, since they make room', async () => {
    const server = await serve({ maxDocumentRows: 2, maxDocumentBytes: 1, minRollRows: 1 })
    const roomy = await serve({ minRollRows: 1 })
    const docId = freshDocId()
    await stored(postUpdate(roomy, docId))
    await full(postUpdate(server, docId), 'maxDocument')
    await stored(send(server.url, { ...right('rollSegment', docId), body: '{"active":0}' }))
    expect((await send(server.url, right('deleteDocument', docId))).status).toBe(200)
  })

  test.each(['maxDocumentStreams', 'maxUserStreams', 'maxTotalStreams'] as const)(
    'the number of open streams is limited: %s',
    async (setting) => {
      const server = await serve({ [setting]: 2 })
      const docId = freshDocId()
      await stored(postUpdate(server, docId))
      const follow = () => openLive(server, docId, { kind: 'segment', mode: 'sse' })
      const [one, two] = [await follow(), await follow()]
      const refused = await follow()
      const { headers } = await refused.response
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      expect(await refused.ended).toMatchObject({
        status: 429,
        text: expect.stringContaining('"too_many_requests"'),
      })
      // A user without a stream can still read.
      expect((await send(server.url, right('readState', docId))).status).toBe(200)
      one.abort()
      await eventually(async () => {
        const next = await follow()
        const { status } = await next.response
        next.abort()
        return status === 200
      })
      two.abort()
    },
  )

  test('totals are not measured on every write', async () => {
    const { pool, shapes } = backend.current
    let queries = 0
    const counting = watchPool(pool, (text) => {
      if (text.includes('ydoc_usage')) queries += 1
    })
    const server = await serve({ backend: { pool: counting, shapes } })
    const docId = freshDocId()
    for (let i = 0; i < 30; i++) await stored(postUpdate(server, docId))
    // One query each for the document, its owner, its creator and the total; a slow machine repeats some.
    expect(queries).toBeGreaterThan(0)
    expect(queries).toBeLessThanOrEqual(8)
  })
})
