// Several shape services on one native Postgres behind a balancer without sticky sessions: each
// request of a reader goes to another service.
import { type Message, ShapeStream } from '@electric-sql/client'
import {
  createShapeService,
  type ShapeService,
  type ShapeServiceOptions,
} from '@y-electric/embedded'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import { useTestDatabase } from '../harness/sharedDatabase.ts'

const shared = useTestDatabase('postgres')
let services: ShapeService[]
let requestCount: number
let refused: number
let stop: AbortController

const sql = (text: string, values: unknown[] = []) => shared.database.pool.query(text, values)
const insert = (doc: string, note: string) =>
  sql('INSERT INTO items (doc, note) VALUES ($1, $2)', [doc, note])

const start = (options: Partial<ShapeServiceOptions> = {}) =>
  createShapeService({ database: shared.database, longPollMs: 500, sseMs: 1_100, ...options })

beforeEach(async () => {
  await sql(
    'CREATE TABLE items (id bigint GENERATED ALWAYS AS IDENTITY, doc text, note text, PRIMARY KEY (id))',
  )
  services = [await start(), await start()]
  requestCount = 0
  refused = 0
  stop = new AbortController()
})
afterEach(async () => {
  stop.abort()
  await Promise.all(services.map((service) => service.close()))
  await shared.empty()
})

const balanced: typeof fetch = async (input, init) => {
  const service = services[requestCount++ % services.length]
  if (service === undefined) throw new TypeError('fetch failed')
  const response = await service.fetch(new Request(input, init))
  if (response.status === 409) refused++
  return response
}

const open = (doc: string, liveSse: boolean, fetchClient: typeof fetch, where: string) =>
  new ShapeStream({
    url: 'http://shapes.test/v1/shape',
    params: { table: 'items', where, params: [doc] },
    liveSse,
    signal: stop.signal,
    fetchClient,
  })

/** Collects what a stream delivers, in order, since it last started over. */
function follow(
  doc: string,
  liveSse: boolean,
  fetchClient: typeof fetch = balanced,
  where = 'doc = $1',
): { notes: unknown[] } {
  const reader: { notes: unknown[] } = { notes: [] }
  open(doc, liveSse, fetchClient, where).subscribe((messages: Message[]) => {
    for (const message of messages) {
      if ('key' in message) reader.notes.push(message.value.note)
      else if (message.headers.control === 'must-refetch') reader.notes = []
    }
  })
  return reader
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i))

describe.each([false, true])('liveSse: %s', (liveSse) => {
  test('readers alternate between services without a duplicate, a gap or a refusal', async () => {
    const readers = Array.from({ length: 4 }, () => follow('a', liveSse))
    await eventually(() => expect(requestCount).toBeGreaterThanOrEqual(8))
    for (let i = 0; i < 60; i++) {
      await insert('a', String(i))
      // Meanwhile the services' long polls and streams end, each at a different offset.
      if (i % 20 === 0) await sql('SELECT pg_sleep(0.6)')
    }
    for (const reader of readers) {
      await eventually(() => expect(reader.notes).toEqual(numbers(60)))
    }
    expect(refused).toBe(0)
  })

  test('readers of a clause that only Postgres decides can also alternate between services', async () => {
    const reader = follow('a%', liveSse, balanced, 'lower(doc) LIKE $1')
    await eventually(() => expect(requestCount).toBeGreaterThanOrEqual(3))
    for (let i = 0; i < 20; i++) {
      await insert(i % 2 === 0 ? 'A' : 'b', String(i))
      if (i % 10 === 0) await sql('SELECT pg_sleep(0.6)')
    }
    const even = numbers(20).filter((number) => Number(number) % 2 === 0)
    await eventually(() => expect(reader.notes).toEqual(even))
    expect(refused).toBe(0)
  })

  test('a service that joins and a service that leaves do not disturb readers', async () => {
    await insert('a', '0')
    const readers = Array.from({ length: 4 }, () => follow('a', liveSse))
    for (const reader of readers) await eventually(() => expect(reader.notes).toEqual(['0']))
    // No change has happened since the new service started.
    const newcomer = await start()
    // A balancer checks that a new service is healthy before it sends requests to it.
    await sql('SELECT pg_sleep(0.2)')
    services.push(newcomer)
    const [gone] = services.splice(0, 1)
    await gone?.close()
    const before = requestCount
    await eventually(() => expect(requestCount).toBeGreaterThan(before + 8))
    await insert('a', '1')
    readers.push(follow('a', liveSse))
    for (const reader of readers) {
      await eventually(() => expect(reader.notes).toEqual(['0', '1']))
    }
    // A reader starts over once, and only if it is between two requests at that moment.
    expect(refused).toBeLessThanOrEqual(2)
  })
})

test('while many clients write in overlapping transactions, every reader gets every row once', async () => {
  let written = 0
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    const client = await shared.database.pool.connect()
    for (let i = 0; i < 60; i++) {
      await client.query('BEGIN')
      await client.query('INSERT INTO items (doc, note) VALUES ($1, $2)', ['a', `${writer}/${i}`])
      if (i % 3 === writer % 3) await client.query('SELECT pg_sleep(0.005)')
      await client.query(i % 7 === 0 ? 'ROLLBACK' : 'COMMIT')
      written++
    }
    client.release()
  })
  const readers = [true, false, true, false].map((liveSse) => follow('a', liveSse))
  await eventually(() => expect(written).toBeGreaterThan(40))
  // Started while rows are inserted: its numbers must equal those of the others.
  services.push(await start())
  readers.push(follow('a', true), follow('a', false))
  await Promise.all(writers)
  const { rows } = await sql("SELECT note FROM items WHERE doc = 'a'")
  const expected = rows.map(({ note }) => note).sort()
  for (const reader of readers) {
    await eventually(() => expect([...reader.notes].sort()).toEqual(expected))
  }
  expect(expected).toHaveLength(4 * (60 - 9))
})

test('a service that started later refuses a returning reader once, and not repeatedly', async () => {
  await insert('a', '0')
  const [first, second] = services
  await second?.close()
  if (first === undefined) throw new Error('no service')
  services = [first]
  const at = await first.fetch(
    new Request(`http://shapes.test/v1/shape?table=items&where=doc%20%3D%20'a'&offset=-1`),
  )
  const handle = at.headers.get('electric-handle') ?? ''
  await at.text()
  await insert('a', '1')
  // A reader of the first service that has not read the row cannot continue at the second one.
  const late = await start()
  services.push(late)
  const query = new URLSearchParams({ table: 'items', where: "doc = 'a'", handle, offset: '0_0' })
  const url = `http://shapes.test/v1/shape?${query}`
  expect((await late.fetch(new Request(url))).status).toBe(409)
  expect((await first.fetch(new Request(url))).status).toBe(200)
  const reader = follow('a', false)
  await eventually(() => expect(reader.notes).toEqual(['0', '1']))
  await insert('a', '2')
  await eventually(() => expect(reader.notes).toEqual(['0', '1', '2']))
  expect(refused).toBe(0)
})

describe.each([false, true])('two readers in one process, liveSse: %s', (liveSse) => {
  test('if one is refused and the other is not, neither gets a row twice or starts over silently', async () => {
    const warn = vi.spyOn(console, 'warn')
    const [first] = services
    if (first === undefined) throw new Error('no service')
    await insert('a', '0')

    // One reader is between two requests when another service starts, and sends its next request to
    // it.
    let target = first
    let isHeld = false
    let arrived = (): void => {}
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const one = follow('a', liveSse, async (input, init) => {
      if (isHeld) {
        arrived()
        await gate
      }
      const response = await target.fetch(new Request(input, init))
      if (response.status === 409) refused++
      return response
    })
    const asked: URLSearchParams[] = []
    const other = follow('a', liveSse, async (input, init) => {
      asked.push(new URL(String(input)).searchParams)
      const response = await first.fetch(new Request(input, init))
      if (response.status === 409) refused++
      return response
    })
    for (const reader of [one, other]) {
      await eventually(() => expect(reader.notes).toEqual(['0']))
    }
    isHeld = true
    await eventually(() => held)
    const newcomer = await start()
    services.push(newcomer)
    isHeld = false
    target = newcomer
    release()
    await eventually(() => expect(refused).toBe(1))

    // Electric's client keeps refused handles in one cache for all streams of a process.
    const isCached = () => asked.some((query) => query.get('expired_handle') !== null)
    await eventually(() => expect(isCached()).toBe(true))
    await insert('a', '1')
    for (const reader of [one, other]) {
      await eventually(() => expect(reader.notes).toEqual(['0', '1']))
    }
    await insert('a', '2')
    for (const reader of [one, other]) {
      await eventually(() => expect(reader.notes).toEqual(['0', '1', '2']))
    }
    expect(refused).toBe(1)
    const resets = warn.mock.calls.filter(([text]) =>
      /exhausted|fast retry loop/.test(String(text)),
    )
    expect(resets).toEqual([])
    warn.mockRestore()
  })
})

describe('a reader that starts over with the handle of another service', () => {
  const ask = async (service: ShapeService | undefined, query: Record<string, string>) => {
    if (service === undefined) throw new Error('no service')
    const search = new URLSearchParams({ table: 'items', where: "doc = 'a'", ...query })
    const response = await service.fetch(new Request(`http://shapes.test/v1/shape?${search}`))
    const messages = (await response.json()) as Message[]
    return {
      status: response.status,
      at: {
        handle: response.headers.get('electric-handle') ?? '',
        offset: response.headers.get('electric-offset') ?? '',
      },
      notes: messages.flatMap((message) => ('key' in message ? [message.value.note] : [])),
    }
  }

  /** The rows of a reader that begins at `service` with that handle and continues at `next`. */
  async function readFrom(
    service: ShapeService | undefined,
    handle: string,
    next: ShapeService | undefined,
  ): Promise<unknown[]> {
    const first = await ask(service, { offset: '-1', handle })
    const second = await ask(next, first.at)
    expect([first.status, second.status]).toEqual([200, 200])
    return [...first.notes, ...second.notes]
  }

  test('gets a newer snapshot and none of its rows twice', async () => {
    const [first, second] = services
    await insert('a', '0')
    const old = await ask(first, { offset: '-1' })
    await insert('a', '1')
    let fresh = await ask(second, { offset: '-1' })
    // The other service may learn of the row a moment after its commit.
    while (fresh.notes.length < 2) fresh = await ask(second, { offset: '-1' })
    expect([old.notes, fresh.notes]).toEqual([['0'], ['0', '1']])
    for (const next of services) {
      expect(await readFrom(second, old.at.handle, next)).toEqual(['0', '1'])
    }
  })

  test('gets an older snapshot and everything after it', async () => {
    const [first, second] = services
    await insert('a', '0')
    const old = await ask(first, { offset: '-1' })
    await insert('a', '1')
    let fresh = await ask(second, { offset: '-1' })
    // The other service may learn of the row a moment after its commit.
    while (fresh.notes.length < 2) fresh = await ask(second, { offset: '-1' })
    expect([old.notes, fresh.notes]).toEqual([['0'], ['0', '1']])
    for (const next of services) {
      expect(await readFrom(first, fresh.at.handle, next)).toEqual(['0', '1'])
    }
  })

  test('gets only new rows with offset now', async () => {
    const [first, second] = services
    const old = await ask(first, { offset: '-1' })
    await insert('a', '0')
    await ask(second, { offset: '-1' })
    const now = await ask(second, { offset: 'now', handle: old.at.handle })
    await insert('a', '1')
    await eventually(async () => expect((await ask(second, now.at)).notes).toEqual(['1']))
    await eventually(async () => expect((await ask(first, now.at)).notes).toEqual(['1']))
  })
})
