// After a table is altered, the readers of its shapes must start over, whether or not anything is written
// afterwards, and no row is ever shown under wrong column names.
import {
  connectPostgres,
  createShapeService,
  type Database,
  type ShapeService,
} from '@y-electric/embedded'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { documentBackends } from '../harness/database.ts'
import { useTestDatabase } from '../harness/sharedDatabase.ts'
import { first, KINDS, second, TABLE, third, write } from './alterations.ts'
import { ShapeReader } from './reader.ts'

/** A real Electric takes up to nine seconds. */
const SOON_MS = 9_000

describe.each(documentBackends)('on %s', (backend) => {
  const shared = useTestDatabase(backend)
  let service: ShapeService
  const query = (text: string) => shared.database.pool.query(text)

  beforeEach(async () => {
    await query(TABLE)
    service = await createShapeService({ database: shared.database })
  })
  afterEach(async () => {
    await service.close()
    await shared.empty()
  })
  const read = async (): Promise<ShapeReader> => {
    const reader = new ShapeReader(service, { table: 'items' })
    expect(await reader.catchUp()).toBe(200)
    return reader
  }

  test.for(KINDS)(
    'readers start over after a table is altered, even without a later write: $what',
    async (kind) => {
      const [polling, streaming, sleeping] = [await read(), await read(), await read()]
      const begun = Date.now()
      const poll = polling.request({ live: 'true' })
      const stream = await streaming.request({ live: 'true', live_sse: 'true' })
      await query(kind.sql)

      const refused = await poll
      expect(refused.status).toBe(409)
      expect(await refused.json()).toEqual([{ headers: { control: 'must-refetch' } }])
      // The stream ends without having delivered an outdated row.
      expect(await stream.text()).toBe('')
      expect(Date.now() - begun).toBeLessThan(SOON_MS)
      expect((await streaming.request({ live: 'true', live_sse: 'true' })).status).toBe(409)
      const late = await sleeping.request()
      expect(late.status).toBe(409)

      const anew = await read()
      expect(anew.list).toEqual(kind.rows)
      // All readers continue with the same shape, which receives the next change.
      const live = anew.request({ live: 'true' })
      await query(kind.write ?? '')
      await anew.take(await live)
      expect(anew.list).toEqual(kind.after)
    },
  )

  test.for(KINDS.filter(({ what }) => !/capture/.test(what)))(
    'no reader gets a row under wrong column names if a table is written at once after it was altered: $what',
    async (kind) => {
      const reader = await read()
      const poll = reader.request({ live: 'true' })
      await query(`${kind.sql}; ${kind.write}`)
      expect((await poll).status).toBe(409)
      expect((await reader.request()).status).toBe(409)
      expect((await read()).list).toEqual(kind.after)
    },
  )

  test.each([
    'DROP TABLE items',
    'ALTER TABLE items RENAME TO elsewhere',
    'CREATE SCHEMA other; ALTER TABLE items SET SCHEMA other',
  ])(
    '%s: waiting readers must refetch, and a new request gets the error that the table does not exist',
    async (sql) => {
      const reader = await read()
      const poll = reader.request({ live: 'true' })
      await query(sql)
      expect((await poll).status).toBe(409)
      const refused = await reader.request()
      expect(refused.status).toBe(400)
      expect(await refused.json()).toEqual({
        message: 'Invalid request',
        errors: {
          table: [
            'Table "public"."items" does not exist. If the table name contains capitals or special characters you must quote it.',
          ],
        },
      })
    },
  )

  test.each([
    ['a label of an enum is renamed', "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'"],
    [
      'a composite type inside another gets an attribute',
      'ALTER TYPE street ADD ATTRIBUTE nr text',
    ],
  ])('readers start over when %s, since the text of rows changes', async (_what, sql) => {
    await query(`CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE street AS (name text);
      CREATE TYPE place AS (street street, city text);
      CREATE TABLE typed (id integer PRIMARY KEY, m mood, p place[]);
      INSERT INTO typed VALUES (1, 'sad', ARRAY[ROW(ROW('s'), 'c')::place])`)
    const reader = new ShapeReader(service, { table: 'typed' })
    expect(await reader.catchUp()).toBe(200)
    const poll = reader.request({ live: 'true' })
    await query(sql)
    expect((await poll).status).toBe(409)
    const anew = new ShapeReader(service, { table: 'typed' })
    expect(await anew.catchUp()).toBe(200)
    const { rows } = await shared.database.pool.query<Record<string, string>>(
      'SELECT id::text, m::text, p::text FROM typed',
    )
    expect(anew.list).toEqual(rows)
  })

  test('commands that alter no table of a shape do not disturb any reader', async () => {
    const reader = await read()
    const poll = reader.request({ live: 'true' })
    await query('CREATE TABLE others (id integer PRIMARY KEY)')
    await query('ALTER TABLE others ADD COLUMN a text; DROP TABLE others')
    await query('CREATE TEMPORARY TABLE passing (id integer); DROP TABLE passing')
    await query('CREATE INDEX ON items (a)')
    await query("COMMENT ON TABLE items IS 'x'; ALTER TABLE items ALTER COLUMN a SET DEFAULT 'y'")
    await query(write)
    await reader.take(await poll)
    expect(reader.list).toEqual([first, second, third])
  })
})

describe('for a user who may not create event triggers', () => {
  const shared = useTestDatabase('postgres')
  const role = `plain_${process.pid}`
  let plain: Database
  let service: ShapeService
  const query = (text: string) => plain.pool.query(text)

  beforeEach(async () => {
    const { pool } = shared.database
    const { rows } = await pool.query<{ name: string }>('SELECT current_database() AS name')
    await pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'plain'`)
    await pool.query(`GRANT CREATE ON DATABASE "${rows[0]?.name}" TO ${role}`)
    await pool.query(`GRANT ALL ON SCHEMA public TO ${role}`)
    const url = new URL(String(pool.options.connectionString))
    url.username = role
    url.password = 'plain'
    plain = await connectPostgres({ connectionString: url.href })
    await query(TABLE)
    service = await createShapeService({ database: plain, catalogMs: 300 })
  })
  afterEach(async () => {
    await service.close()
    await plain.close()
    await shared.database.pool.query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`)
    await shared.empty()
  })

  test.for(KINDS.filter(({ what }) => !/schema/.test(what)))(
    'readers start over after a table is altered: $what',
    async (kind) => {
      const silent = new ShapeReader(service, { table: 'items' })
      await silent.catchUp()
      const begun = Date.now()
      const poll = silent.request({ live: 'true' })
      await query(kind.sql)
      expect((await poll).status).toBe(409)
      expect(Date.now() - begun).toBeLessThan(SOON_MS)
      const reader = new ShapeReader(service, { table: 'items' })
      await reader.catchUp()
      expect(reader.list).toEqual(kind.rows)
      const live = reader.request({ live: 'true' })
      await query(kind.write ?? '')
      await reader.take(await live)
      expect(reader.list).toEqual(kind.after)
    },
  )

  test('no reader gets a row under wrong column names if a column is renamed and written at once', async () => {
    const reader = new ShapeReader(service, { table: 'items' })
    await reader.catchUp()
    const poll = reader.request({ live: 'true' })
    await query("ALTER TABLE items RENAME COLUMN b TO c; UPDATE items SET c = 'x' WHERE id = 1")
    expect((await poll).status).toBe(409)
  })
})
