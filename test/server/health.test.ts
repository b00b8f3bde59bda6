// Health answers 200 exactly if a client could read and write. Otherwise the answer names the part that
// does not work, and why.
import { createShapeService, type ShapeService } from '@y-electric/embedded'
import { migrate } from '@y-electric/server'
import type pg from 'pg'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { segmentPath } from 'y-electric/protocol'
import { freshDocId, type ServeOptions, serveApp, type TestServer } from '../e2e/server.ts'
import { useTestDatabase } from '../harness/sharedDatabase.ts'
import {
  type Answer,
  fromService,
  startUpstream,
  status,
  type Upstream,
} from '../production/upstream.ts'

const SECRET = 'hush-hush-4711'
const shared = useTestDatabase('postgres')
let service: ShapeService
let upstream: Upstream
let server: TestServer
beforeAll(() => migrate(shared.database.pool).then(() => {}))
beforeEach(async () => {
  service = await createShapeService({ database: shared.database, secret: SECRET })
  upstream = await startUpstream(fromService(service))
})
afterEach(async () => {
  await server.close()
  await upstream.close()
  await service.close()
})

async function start(options: Partial<ServeOptions> & { secret?: string } = {}): Promise<void> {
  const { secret = SECRET, ...rest } = options
  server = await serveApp({
    backend: { pool: shared.database.pool, shapes: { url: upstream.url, secret } },
    healthCacheMs: 0,
    ...rest,
  })
}

interface Answered {
  readonly status: number
  readonly body: unknown
}

async function health(): Promise<Answered> {
  const response = await fetch(`${server.url}/health`)
  expect(response.headers.get('cache-control')).toBe('no-store')
  return { status: response.status, body: await response.json() }
}

const readerStatus = async (): Promise<number> =>
  (await fetch(`${server.url}${segmentPath(freshDocId(), 0)}?offset=-1`)).status

const green = { status: 200, body: { status: 'ok', database: 'ok', shapes: 'ok' } }
const red = (parts: { database?: string; shapes?: string }): Answered => ({
  status: 503,
  body: { status: 'unavailable', database: 'ok', shapes: 'ok', ...parts },
})

/** A double of Electric with one answer to requests for shapes and another to requests for its health. */
const electric =
  (shape: Answer, own: Answer): Answer =>
  (request, response) =>
    (request.url?.startsWith('/v1/health') ? own : shape)(request, response)
const never: Answer = () => {}
const active = status(200, '{"status":"active"}')
const unready = status(503, '{"message":"Service unavailable"}', { 'retry-after': '5' })

describe('shapes', () => {
  test('are ok with the right secret and refused with a wrong one, and a reader gets the same result', async () => {
    await start()
    expect(await health()).toEqual(green)
    expect(await readerStatus()).toBe(200)
    await server.close()
    for (const secret of ['wrong', '']) {
      await start({ secret })
      expect(await health()).toEqual(red({ shapes: 'refused' }))
      expect(await readerStatus()).toBe(503)
      expect(String(server.errors[0])).toContain('check ELECTRIC_SECRET')
      expect(String(server.errors[0])).not.toContain(SECRET)
      await server.close()
    }
    await start()
  })

  test.each<[string, Answer, string]>([
    ['403', status(403), 'refused'],
    [
      '503 while Electric says that it is starting',
      electric(unready, status(202, '{"status":"starting"}')),
      'starting',
    ],
    [
      '503 while Electric waits until another instance has ended',
      electric(unready, status(200, '{"status":"waiting"}')),
      'starting',
    ],
    ['nothing while Electric is starting', electric(never, status(202, '{}')), 'starting'],
    ['503 although Electric says that it is active', electric(unready, active), 'unavailable'],
    ['500', electric(status(500), active), 'unavailable'],
    ['404 from a server that is not Electric', status(404, '<html>'), 'unavailable'],
    ['400 because Electric does not know the table', electric(status(400), active), 'unavailable'],
    ['a page of another server', status(200, '<html>'), 'unavailable'],
    ['a closed connection', (request) => request.socket.destroy(), 'unavailable'],
    [
      'headers and a body that never ends',
      electric(
        (_request, response) => response.writeHead(200, { 'electric-handle': 'x' }).write('['),
        active,
      ),
      'unavailable',
    ],
  ])('are not ok if a request for a shape gets %s', async (_, answer, shapes) => {
    await start()
    upstream.answer = answer
    expect(await health()).toEqual(red({ shapes }))
    upstream.answer = fromService(service)
    expect(await health()).toEqual(green)
  })

  test('are unavailable if Electric is not reachable', async () => {
    await start()
    await upstream.close()
    expect(await health()).toEqual(red({ shapes: 'unavailable' }))
  })

  test('are checked with the same shape each time, without a live request and without caches', async () => {
    await start()
    for (let i = 0; i < 5; i++) expect(await health()).toEqual(green)
    const queries = upstream.requests.map(({ url = '' }) => new URL(url, upstream.url).searchParams)
    expect(queries.length).toBe(5)
    const busters = queries.map((query) => query.get('cache-buster'))
    expect(busters).not.toContain(null)
    for (const query of queries) {
      query.delete('cache-buster')
      expect(Object.fromEntries(query)).toEqual({
        offset: '-1',
        table: 'ydoc_update',
        columns: 'seq,data',
        where: 'doc_id = $1 AND segment = $2',
        'params[1]': '.',
        'params[2]': '0',
        secret: SECRET,
      })
    }
    // No client can write to the document of this shape.
    const write = await fetch(`${server.url}/docs/%2E/updates`, { method: 'POST' })
    expect(write.status).toBeGreaterThanOrEqual(400)
  })
})

describe('the database', () => {
  const failing = (error: object): pg.Pool =>
    ({
      query: () => Promise.reject(Object.assign(new Error('no'), error)),
    }) as unknown as pg.Pool

  test.each([
    [{ code: '28P01' }, 'refused'],
    [{ code: '28000' }, 'refused'],
    [{ code: '57P03' }, 'starting'],
    [{ code: 'ECONNREFUSED' }, 'unavailable'],
    [{ code: '53300' }, 'unavailable'],
    [{}, 'unavailable'],
  ])('fails with %j: %s', async (error, database) => {
    const shapes = { url: upstream.url, secret: SECRET }
    await start({ backend: { pool: failing(error), shapes } })
    expect(await health()).toEqual(red({ database }))
    expect(server.errors).toHaveLength(1)
  })

  test('is unavailable if it does not answer in time', async () => {
    const silent = { query: () => new Promise(() => {}) } as unknown as pg.Pool
    const shapes = { url: upstream.url, secret: SECRET }
    await start({ backend: { pool: silent, shapes } })
    expect(await health()).toEqual(red({ database: 'unavailable' }))
  })
})

describe('a flood of health checks', () => {
  test('causes one request to Electric, and the next one only after healthCacheMs', async () => {
    await start({ healthCacheMs: 60_000 })
    const answers = await Promise.all(Array.from({ length: 200 }, health))
    expect(answers).toEqual(Array(200).fill(green))
    expect(await health()).toEqual(green)
    expect(upstream.requests).toHaveLength(1)
  })

  test('shares the running check, whose result is reported once', async () => {
    await start({ healthCacheMs: 60_000 })
    let answer = (): void => {}
    const asked = new Promise<void>((resolve) => {
      upstream.answer = (request, response) => {
        answer = () => status(401)(request, response)
        resolve()
      }
    })
    const first = health()
    await asked
    const others = Array.from({ length: 50 }, health)
    answer()
    expect(await Promise.all([first, ...others])).toEqual(
      Array(51).fill(red({ shapes: 'refused' })),
    )
    expect(upstream.requests).toHaveLength(1)
    expect(server.errors).toHaveLength(1)
  })
})
