// A flood of cheap requests does not keep edits waiting.
import type pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import { presenceOf, send } from '../api/requests.ts'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { watchPool } from '../harness/watchedPool.ts'
import { behindEdits, SegmentReads } from '../simulation/adapters/store.ts'
import { expectError, getState } from './api.ts'

const backend = useBackend('pglite')
let server: TestServer | undefined
afterEach(() => server?.close())

/** Starts a server. @returns the texts of the statements that it sends */
async function serveWatched(options: Partial<Parameters<typeof serveApp>[0]> = {}) {
  const statements: string[] = []
  const pool = watchPool(backend.current.pool, (text) => void statements.push(text))
  server = await serveApp({ backend: { ...backend.current, pool }, ...options })
  return { url: server.url, statements }
}

test('a statement for an edit waits for at most one other, however many were requested before', async () => {
  const { pool } = backend.current
  const reads = behindEdits(pool)
  const done: string[] = []
  const all: Promise<unknown>[] = Array.from({ length: 20 }, (_, i) =>
    i % 2 === 0
      ? reads.query('SELECT 1').then(() => done.push('read'))
      : reads.connect().then(async (client) => {
          await client.query('SELECT 1').finally(() => client.release())
          done.push('read')
        }),
  )
  all.push(pool.query('SELECT 2').then(() => done.push('edit')))
  await Promise.all(all)
  expect(done).toHaveLength(21)
  expect(done.indexOf('edit')).toBeLessThanOrEqual(1)
})

test('a statement that fails, and a client that is released, make room for the next one', async () => {
  const reads = behindEdits(backend.current.pool)
  for (let i = 0; i < 3; i++) {
    await expect(reads.query('SELECT nothing')).rejects.toThrow()
    const client = await reads.connect()
    client.release()
    expect(() => client.release()).toThrow()
  }
  expect((await reads.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
})

test('segments that are asked for while a statement runs are read by the next one', async () => {
  let statements = 0
  const segments = new SegmentReads(watchPool(backend.current.pool, () => void statements++))
  const keys = Array.from({ length: 40 }, (_, i) => ({
    docId: freshDocId('flood'),
    segment: i % 2,
  }))
  const readings = await Promise.all(keys.map((key) => segments.read(key)))
  expect(readings.map(({ status }) => status)).toEqual(
    keys.map(({ segment }) => (segment === 0 ? 'active' : 'not-opened')),
  )
  expect(statements).toBe(2)
  const failing = new SegmentReads({
    query: () => Promise.reject(new Error('no database')),
  } as unknown as pg.Pool)
  const failures = await Promise.allSettled(keys.map((key) => failing.read(key)))
  expect(new Set(failures.map(({ status }) => status))).toEqual(new Set(['rejected']))
})

test('a flood of new clients in a full document is refused without statements, and the others stay', async () => {
  const { url, statements } = await serveWatched({ maxDocumentPresenceRows: 2 })
  const docId = freshDocId('crowd')
  const put = (clientId: number) => send(url, presenceOf(docId, clientId))
  for (const clientId of [1, 2]) expect((await put(clientId)).status).toBe(204)
  // The database refuses the first ones.
  for (let clientId = 10; clientId < 18; clientId++) {
    await expectError(await put(clientId), 507, 'quota_exceeded')
  }
  const before = statements.length
  const flood = await Promise.all(Array.from({ length: 60 }, (_, i) => put(100 + i)))
  for (const refused of flood) {
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    await expectError(refused, 507, 'quota_exceeded')
  }
  // The server asks again after a second, which may have passed on a busy machine.
  expect(statements.length - before).toBeLessThan(flood.length / 2)
  expect((await put(1)).status).toBe(204)
  const left = await send(url, { method: 'DELETE', path: `/docs/${docId}/awareness/1` })
  expect(left.status).toBe(204)
  expect((await put(3)).status).toBe(204)
  expect((await getState({ url } as TestServer, docId)).status).toBe(200)
})
