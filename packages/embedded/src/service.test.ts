import { rm } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Clock } from './clock.ts'
import type { Database } from './database/database.ts'
import { openPglite } from './database/pglite.ts'
import { createShapeService, type ShapeService, type ShapeServiceOptions } from './service.ts'
import { usedFolder } from './testing/usedFolder.ts'

let dataDir: string
let real: Database
let service: ShapeService
/** The timers that the service has set and not cancelled. */
let timers: Set<() => void>
let loseFeed: (error: Error) => void
let listeners: number

beforeAll(async () => {
  dataDir = await usedFolder()
  real = await openPglite({ dataDir, durable: false })
}, 60_000)
afterAll(async () => {
  await real.close()
  await rm(dataDir, { recursive: true })
})

const clock: Clock = {
  now: () => Date.now(),
  after: (_ms, run) => {
    timers.add(run)
    return () => timers.delete(run)
  },
  every: () => () => {},
}

/** The real database; a test can cut its feed. */
const database = (): Database => ({
  kind: real.kind,
  pool: real.pool,
  close: async () => {},
  listen: async (channel, onPayload, onLost, onWhole) => {
    listeners++
    const unlisten = await real.listen(channel, onPayload, onLost, onWhole)
    const end = async () => {
      listeners--
      await unlisten()
    }
    loseFeed = (error) => {
      void end()
      onLost(error)
    }
    return end
  },
})

async function start(options: Partial<ShapeServiceOptions> = {}): Promise<void> {
  service = await createShapeService({ database: database(), clock, ...options })
}

beforeEach(async () => {
  timers = new Set()
  listeners = 0
  await real.pool.query('CREATE TABLE items (id integer PRIMARY KEY, doc text, n integer)')
  await start()
})
afterEach(async () => {
  await service.close()
  expect(timers.size).toBe(0)
  expect(listeners).toBe(0)
  await real.pool.query('DROP TABLE items')
})

const request = (query: Record<string, string>, init: RequestInit = {}) =>
  new Request(
    `http://localhost/v1/shape?${new URLSearchParams({ table: 'items', where: "doc = 'a'", ...query })}`,
    init,
  )
const get = (query: Record<string, string>, init?: RequestInit) =>
  service.fetch(request(query, init))

const insert = (id: number, doc = 'a') =>
  real.pool.query('INSERT INTO items VALUES ($1, $2, 0)', [id, doc])

async function openShape(
  query: Record<string, string> = {},
): Promise<{ handle: string; offset: string }> {
  const response = await get({ offset: '-1', ...query })
  expect(response.status).toBe(200)
  await response.text()
  return {
    handle: response.headers.get('electric-handle') ?? '',
    offset: response.headers.get('electric-offset') ?? '',
  }
}

const keysOf = (messages: { key?: string }[]) =>
  messages.flatMap(({ key }) => (key === undefined ? [] : [key.split('/')[1]?.replaceAll('"', '')]))

test('an aborted long poll and an aborted stream leave no timer behind', async () => {
  const at = await openShape()
  const abort = new AbortController()
  const poll = get({ ...at, live: 'true' }, { signal: abort.signal })
  const stream = await get({ ...at, live: 'true', live_sse: 'true' }, { signal: abort.signal })
  await expect.poll(() => timers.size).toBe(3)
  abort.abort()
  await poll
  expect(await stream.text()).toBe('')
  expect(timers.size).toBe(0)
})

test('a stream that its reader cancels leaves no timer behind', async () => {
  const stream = await get({ ...(await openShape()), live: 'true', live_sse: 'true' })
  expect(timers.size).toBe(2)
  await stream.body?.cancel()
  expect(timers.size).toBe(0)
})

test('close() ends every waiting request', async () => {
  const at = await openShape()
  const poll = get({ ...at, live: 'true' })
  const stream = await get({ ...at, live: 'true', live_sse: 'true' })
  await expect.poll(() => timers.size).toBe(3)
  await service.close()
  expect((await poll).status).toBe(503)
  expect(await stream.text()).toBe('')
  expect((await get({ offset: '-1' })).status).toBe(503)
})

test('a stream that starts further behind than maxUnreadBytes ends early, and its reader can continue', async () => {
  await service.close()
  // Each transaction is a chunk of its own, and the second one is over the limit.
  await start({ chunkBytes: 1, maxUnreadBytes: 300 })
  const at = await openShape()
  for (let id = 1; id <= 4; id++) await insert(id)
  let { offset } = at
  const parts: string[] = []
  while (parts.length < 10 && !parts.at(-1)?.includes('"id":"4"')) {
    const stream = await get({ ...at, offset, live: 'true', live_sse: 'true' })
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes('"id":"4"')) {
      const read = await reader?.read()
      if (read?.value === undefined) break
      text += read.value
    }
    await reader?.cancel()
    parts.push(text)
    const lsns = [...text.matchAll(/"lsn":"(\d+)"/g)]
    offset = `${lsns.at(-1)?.[1] ?? ''}_0`
  }
  expect(parts.length).toBeGreaterThan(1)
  const seen = parts.flatMap((text) => [...text.matchAll(/"id":"(\d)"/g)].map(([, id]) => id))
  expect(seen).toEqual(['1', '2', '3', '4'])
})

test('a stream that starts behind sends the missed changes and stays open', async () => {
  const at = await openShape()
  await insert(1)
  const stream = await get({ ...at, live: 'true', live_sse: 'true' })
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
  const first = await reader?.read()
  expect(first?.value).toContain('"id":"1"')
  await real.pool.query("BEGIN; INSERT INTO items VALUES (2, 'a', 0), (3, 'a', 0); COMMIT")
  const second = await reader?.read()
  // One transaction is one piece, including its up-to-date message.
  expect(second?.value?.match(/data: /g)).toHaveLength(3)
  await reader?.cancel()
})

test('concurrent readers get one shape', async () => {
  const handles = await Promise.all(Array.from({ length: 20 }, () => openShape()))
  expect(new Set(handles.map(({ handle }) => handle)).size).toBe(1)
})

test('snapshot and log join without gaps or duplicates while rows are inserted', async () => {
  for (let round = 0; round < 10; round++) {
    await real.pool.query('TRUNCATE items')
    const writing = (async () => {
      for (let id = 0; id < 60; id++) {
        await insert(id)
        if (id % 7 === 0) await new Promise(setImmediate)
      }
    })()
    const first = await get({ offset: '-1' })
    const messages = await first.json()
    await writing
    const rest = await get({
      handle: first.headers.get('electric-handle') ?? '',
      offset: first.headers.get('electric-offset') ?? '',
    })
    const ids = keysOf([...messages, ...(rest.status === 200 ? await rest.json() : [])])
    expect(ids.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, id) => id))
  }
})

test('after the feed is lost all readers start over, and changes arrive again', async () => {
  const at = await openShape()
  const poll = get({ ...at, live: 'true' })
  await expect.poll(() => timers.size).toBe(1)
  loseFeed(new Error('cut'))
  const refused = await poll
  expect(refused.status).toBe(409)
  const handle = refused.headers.get('electric-handle') ?? ''
  expect(handle).not.toBe(at.handle)
  const again = get({ handle, offset: '0_0', live: 'true' })
  await expect.poll(() => timers.size).toBe(1)
  await insert(5)
  expect(keysOf(await (await again).json())).toEqual(['5'])
})

test('beyond maxShapes the least recently used shape is dropped, but never one with live readers', async () => {
  await service.close()
  await start({ maxShapes: 2 })
  const shapes = ['a', 'b', 'c'].map((doc) => ({ where: `doc = '${doc}'` }))
  const [a, b, c] = shapes
  if (a === undefined || b === undefined || c === undefined) throw new Error('three')
  const atA = await openShape(a)
  const poll = get({ ...a, ...atA, live: 'true' })
  await expect.poll(() => timers.size).toBe(1)
  const atB = await openShape(b)
  await openShape(c)
  // The shape is recreated when its reader returns, and the reader does not notice.
  await insert(2, 'b')
  const back = await get({ ...b, ...atB })
  expect(back.headers.get('electric-handle')).toBe(atB.handle)
  expect(keysOf(await back.json())).toEqual(['2'])
  await insert(1)
  expect((await poll).status).toBe(200)
})

test('a reader must start over if the changes that it missed have been forgotten', async () => {
  await service.close()
  await start({ maxShapes: 1, historyBytes: 1 })
  const other = { where: "doc = 'b'" }
  const at = await openShape()
  await insert(1)
  await openShape(other)
  const refused = await get(at)
  expect(refused.status).toBe(409)
  const handle = refused.headers.get('electric-handle') ?? ''
  expect(handle).not.toBe(at.handle)
  // No change was missed since: this is known even of a shape that was dropped.
  await insert(2, 'b')
  await openShape(other)
  expect((await get({ handle, offset: '0_0' })).status).toBe(200)
})

test('a shape dropped on request is dropped for all its readers', async () => {
  await service.close()
  await start({ allowShapeDeletion: true })
  const at = await openShape()
  const poll = get({ ...at, live: 'true' })
  await expect.poll(() => timers.size).toBe(1)
  expect((await get({}, { method: 'DELETE' })).status).toBe(202)
  expect((await poll).status).toBe(409)
  const refused = await get(at)
  expect(refused.status).toBe(409)
  expect(refused.headers.get('electric-handle')).not.toBe(at.handle)
})

test('an added column ends the shapes of the table', async () => {
  const at = await openShape()
  await real.pool.query('ALTER TABLE items ADD COLUMN extra text')
  await real.pool.query("INSERT INTO items VALUES (1, 'a', 0, 'x')")
  expect((await get(at)).status).toBe(409)
  const rows = await (await get({ offset: '-1' })).json()
  expect(rows[0].value).toEqual({ doc: 'a', extra: 'x', id: '1', n: '0' })
})

test('an update of the key is a delete and an insert that refer to each other', async () => {
  await insert(1)
  const at = await openShape()
  await real.pool.query('UPDATE items SET id = 2')
  const [gone, come] = await (await get(at)).json()
  expect(gone).toMatchObject({
    value: { id: '1' },
    headers: { operation: 'delete', op_position: 0 },
  })
  expect(come).toMatchObject({
    value: { id: '2', doc: 'a' },
    headers: { operation: 'insert', op_position: 1, key_change_from: gone.key },
  })
  expect(gone.headers.key_change_to).toBe(come.key)
})

test('a request without the right secret is refused', async () => {
  await service.close()
  await start({ secret: 'sesame' })
  for (const query of [{}, { secret: '' }, { secret: 'sesamE' }, { secret: 'sesame ' }]) {
    const refused = await get({ offset: '-1', ...query })
    expect(refused.status).toBe(401)
    expect(await refused.json()).toEqual({ message: 'Unauthorized - Invalid API secret' })
  }
  expect((await get({ offset: '-1', secret: 'sesame' })).status).toBe(200)
})

test.each([
  { table: 'items; DROP TABLE items' },
  { table: '"items" WHERE true; --' },
  { table: 'pg_catalog.pg_class', columns: 'oid,relname); --' },
  { where: "doc = 'a'; DROP TABLE items" },
  { where: "doc = 'a' OR (SELECT true)" },
  { where: "doc = 'a' OR pg_sleep(1) IS NULL" },
  { where: "doc = 'a' OR n = 'x'" },
  { where: 'n + 1' },
  { columns: 'id,"doc"" FROM items; DROP TABLE items; --"' },
  { subset__where: "TRUE) UNION SELECT 'x'" },
  { subset__order_by: 'id; DROP TABLE items', subset__limit: '1' },
  { subset__order_by: '(SELECT 1)', subset__limit: '1' },
  { subset__limit: '1; DROP TABLE items', subset__order_by: 'id' },
])('%j is refused with 400 and changes nothing', async (query) => {
  const response = await get({ offset: '-1', ...query })
  expect(response.status).toBe(400)
  expect((await real.pool.query("SELECT to_regclass('items') AS t")).rows[0].t).toBe('items')
})

test('the service answers /v1/health, and other paths with 404', async () => {
  const health = await service.fetch(new Request('http://localhost/v1/health'))
  expect(await health.json()).toEqual({ status: 'active' })
  expect((await service.fetch(new Request('http://localhost/other'))).status).toBe(404)
})

test('a web page of another origin may read a response only if cors allows its origin', async () => {
  const page = { origin: 'https://page.test' }
  const corsOf = ({ headers }: Response) =>
    [...headers].filter(([name]) => name.startsWith('access-control-'))
  for (const method of ['GET', 'OPTIONS', 'DELETE']) {
    expect(corsOf(await get({ offset: '-1' }, { method, headers: page }))).toEqual([])
  }
  await service.close()
  await start({ cors: ['https://page.test'] })
  const answer = await get({ offset: '-1' }, { headers: page })
  expect(answer.headers.get('access-control-allow-origin')).toBe('https://page.test')
  expect(answer.headers.get('access-control-expose-headers')).toContain('electric-handle')
  expect(answer.headers.get('vary')).toContain('origin')
  const other = await get({ offset: '-1' }, { headers: { origin: 'https://other.test' } })
  expect(corsOf(other)).toEqual([])
  await service.close()
  await start({ cors: '*' })
  const preflight = await get(
    { offset: '-1' },
    { method: 'OPTIONS', headers: { ...page, 'access-control-request-headers': 'x-mine' } },
  )
  expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
  expect(preflight.headers.get('access-control-allow-headers')).toBe('x-mine')
})

test('a body larger than maxBodyBytes is refused, with or without a content-length', async () => {
  await service.close()
  await start({ maxBodyBytes: 100 })
  const large = JSON.stringify({ where: 'x'.repeat(200) })
  const stream = new Blob([large]).stream()
  for (const body of [large, stream]) {
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit
    const response = await get({ offset: '-1' }, init)
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({ errors: { body: ['has more than 100 bytes'] } })
  }
  const small = await get({ offset: '-1' }, { method: 'POST', body: '{"where":"n > 1"}' })
  expect(small.status).toBe(200)
})

test('Postgres messages about rows, tables and hosts go to onError, and clients receive a code', async () => {
  await service.close()
  const errors: unknown[] = []
  await start({ onError: (error) => errors.push(error) })
  await real.pool.query("INSERT INTO items VALUES (1, 'the secret of another row', 1)")
  const where = 'doc::integer = 1'
  const refused = await get({ offset: '-1', where })
  const text = await refused.text()
  expect(refused.status).toBe(400)
  expect(text).not.toContain('secret')
  expect(text).toContain('22P02')

  const query = vi.spyOn(real.pool, 'connect').mockImplementation(() => {
    throw Object.assign(new Error('role "admin" of host db.internal failed'), { code: '28000' })
  })
  const away = await get({ offset: '-1', where: 'n = 4711' })
  query.mockRestore()
  expect(away.status).toBe(503)
  expect(await away.json()).toMatchObject({ code: 'database_unavailable' })
  expect(errors).toEqual([expect.objectContaining({ code: '28000' })])
})

test('an unsupported method gets 405 with the list of supported methods', async () => {
  const response = await get({ offset: '-1' }, { method: 'PUT' })
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toBe('GET, POST, HEAD, DELETE, OPTIONS')
})
