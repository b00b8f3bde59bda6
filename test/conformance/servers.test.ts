// Several shape services on one native Postgres: cases that PGlite, which has one connection,
// cannot show.
import { createShapeService, type ShapeService } from '@y-electric/embedded'
import { afterEach, expect, test } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import { useTestDatabase } from '../harness/sharedDatabase.ts'

const shared = useTestDatabase('postgres')
const services: ShapeService[] = []
afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.close()))
  await shared.empty()
})

const sql = (text: string) => shared.database.pool.query(text)

async function start(): Promise<ShapeService> {
  const service = await createShapeService({ database: shared.database })
  services.push(service)
  return service
}

const get = (service: ShapeService, query: Record<string, string>) =>
  service.fetch(
    new Request(`http://localhost/v1/shape?${new URLSearchParams({ table: 'items', ...query })}`),
  )

async function idsOf(service: ShapeService, query: Record<string, string>): Promise<number[]> {
  const response = await get(service, query)
  const messages: { value?: { id: string } }[] = await response.json()
  return messages.flatMap(({ value }) => (value === undefined ? [] : [Number(value.id)]))
}

test('services that capture a new table at the same time each deliver every row once, during many writes', async () => {
  await sql('CREATE TABLE items (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n integer)')
  let writing = true
  const writers = Array.from({ length: 4 }, async () => {
    while (writing) await sql('INSERT INTO items (n) VALUES (1)')
  })
  const together = await Promise.all(Array.from({ length: 4 }, start))
  const firsts = await Promise.all(together.map((service) => get(service, { offset: '-1' })))
  await sql('SELECT pg_sleep(0.2)')
  writing = false
  await Promise.all(writers)
  const { rows } = await sql('SELECT id FROM items ORDER BY id')
  const expected = rows.map(({ id }) => id)
  for (const [i, service] of together.entries()) {
    const first = firsts[i]
    const messages: { value?: { id: string } }[] = (await first?.json()) ?? []
    const snapshot = messages.flatMap(({ value }) =>
      value === undefined ? [] : [Number(value.id)],
    )
    const at = {
      handle: first?.headers.get('electric-handle') ?? '',
      offset: first?.headers.get('electric-offset') ?? '',
    }
    await eventually(async () => {
      const log = await idsOf(service, at)
      expect([...snapshot, ...log].sort((a, b) => a - b)).toEqual(expected)
    })
  }
})

test('a transaction that wrote before the table was captured is not missed', async () => {
  await sql('CREATE TABLE items (id integer PRIMARY KEY)')
  const service = await start()
  const writer = await shared.database.pool.connect()
  await writer.query('BEGIN')
  await writer.query('INSERT INTO items VALUES (1)')
  const asked = idsOf(service, { offset: '-1' })
  await eventually(async () => {
    const waiting = await sql(
      "SELECT 1 FROM pg_locks WHERE NOT granted AND mode LIKE '%Exclusive%'",
    )
    expect(waiting.rowCount).toBeGreaterThan(0)
  })
  await writer.query('COMMIT')
  writer.release()
  expect(await asked).toEqual([1])
})

test('when the listening connection is cut, readers start over and miss nothing', async () => {
  await sql('CREATE TABLE items (id integer PRIMARY KEY)')
  const service = await start()
  const first = await get(service, { offset: '-1' })
  await first.text()
  const at = {
    handle: first.headers.get('electric-handle') ?? '',
    offset: first.headers.get('electric-offset') ?? '',
  }
  const poll = get(service, { ...at, live: 'true' })
  const cut = await sql(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND query ~ '^(LISTEN|SELECT$)'`,
  )
  expect(cut.rowCount).toBe(1)
  await sql('INSERT INTO items VALUES (7)')
  const refused = await poll
  expect(refused.status).toBe(409)
  expect(await idsOf(service, { offset: '-1' })).toEqual([7])
  const again = idsOf(service, {
    handle: refused.headers.get('electric-handle') ?? '',
    offset: '0_0',
    live: 'true',
  })
  await sql('INSERT INTO items VALUES (8)')
  expect(await again).toContain(8)
})
