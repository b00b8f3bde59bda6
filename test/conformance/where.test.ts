// Compares the rows of a shape, which the service decides change by change, with the rows that Postgres
// selects by the same where clause at the end.
import { createShapeService, type ShapeService } from '@y-electric/embedded'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { documentBackends } from '../harness/database.ts'
import { isDeep } from '../harness/deep.ts'
import { useTestDatabase } from '../harness/sharedDatabase.ts'
import { ShapeReader } from './reader.ts'
import { type Change, PARAMS, TABLE, transactions, where } from './whereClauses.ts'

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

describe.each(documentBackends)('on %s', (backend) => {
  const shared = useTestDatabase(backend)
  let service: ShapeService
  const query = (text: string, params: unknown[] = []) => shared.database.pool.query(text, params)

  beforeEach(async () => {
    await query(TABLE)
    service = await createShapeService({ database: shared.database })
  })
  afterEach(async () => {
    await service.close()
    await shared.empty()
  })

  /** Writes in one transaction. */
  async function write(changes: readonly Change[]) {
    const client = await shared.database.pool.connect()
    try {
      await client.query('BEGIN')
      for (const { kind, id, values: row } of changes) {
        const names = Object.keys(row).map(quote)
        const list = Object.values(row)
        if (kind === 'remove') await client.query('DELETE FROM items WHERE id = $1', [id])
        else if (kind === 'move') {
          await client.query('DELETE FROM items WHERE id = $1 + 10', [id])
          await client.query('UPDATE items SET id = id + 10 WHERE id = $1', [id])
        } else if (kind === 'patch') {
          await client.query('UPDATE items SET n = $2, t = $3 WHERE id = $1', [id, row.n, row.t])
        } else {
          await client.query(
            `INSERT INTO items (id, ${names}) VALUES ($1, ${names.map((_, i) => `$${i + 2}`)})
             ON CONFLICT (id) DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`)}`,
            [id, ...list],
          )
        }
      }
      await client.query('COMMIT')
    } finally {
      client.release()
    }
  }

  /** The rows that Postgres selects by the clause; undefined if it refuses the clause. */
  async function selected(clause: string): Promise<unknown[] | undefined> {
    const client = await shared.database.pool.connect()
    try {
      await client.query("BEGIN; SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, DMY'")
      const names = ['id', 'n', 't', 'Odd "name"'].map(quote)
      const result = await client.query(
        `SELECT ${names.map((name) => `${name}::text AS ${name}`)} FROM items
         WHERE $1::date IS NOT NULL AND $2::boolean IS NOT NULL AND (${clause}) ORDER BY items.id`,
        PARAMS,
      )
      return result.rows
    } catch {
      return undefined
    } finally {
      await client.query('ROLLBACK')
      client.release()
    }
  }

  /** Waits until the reader has the rows that Postgres selects, since changes may still be in flight. */
  async function agreement(reader: ShapeReader, clause: string): Promise<void> {
    const expected = await selected(clause)
    await expect
      .poll(() => reader.catchUp().then((status) => [clause, status, reader.list]), {
        timeout: 10_000,
      })
      .toEqual([clause, 200, expected])
  }

  test('a shape contains the rows that Postgres selects, for any clause and any changes', {
    timeout: isDeep ? 1_800_000 : 120_000,
  }, async () => {
    let valid = 0
    let withRows = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(where, { minLength: 4, maxLength: 8 }),
        transactions,
        transactions,
        async (clauses, before, after) => {
          await query('DELETE FROM items')
          for (const changes of before) await write(changes)
          const readers: { clause: string; reader: ShapeReader }[] = []
          for (const clause of clauses) {
            const reader = new ShapeReader(service, {
              table: 'items',
              where: clause,
              columns: 'id,n,t,"Odd ""name"""',
              'params[1]': PARAMS[0] ?? '',
              'params[2]': PARAMS[1] ?? '',
            })
            const expected = await selected(clause)
            // Postgres and the service refuse the same clauses.
            const status = await reader.catchUp()
            expect([clause, status]).toEqual([clause, expected === undefined ? 400 : 200])
            if (expected === undefined) continue
            await agreement(reader, clause)
            readers.push({ clause, reader })
          }
          for (const changes of after) await write(changes)
          for (const { clause, reader } of readers) {
            await agreement(reader, clause)
            valid++
            if (reader.rows.size > 0) withRows++
          }
        },
      ),
      { numRuns: isDeep ? 200 : 8, endOnFailure: true },
    )
    // Enough clauses must be valid and match rows, so that the property is not vacuous.
    expect(valid).toBeGreaterThan(20)
    expect(withRows).toBeGreaterThan(10)
  })

  test('a clause that fails for a row is answered with 400 while the row exists, and disturbs no other shape', async () => {
    await query('INSERT INTO items (id, n) VALUES (1, 1)')
    const failing = new ShapeReader(service, { table: 'items', where: '6 / n > 2' })
    const other = new ShapeReader(service, { table: 'items', where: 'n + 1 > 0' })
    expect(await failing.catchUp()).toBe(200)
    expect(await other.catchUp()).toBe(200)
    await query('INSERT INTO items (id, n) VALUES (2, 0), (3, 2)')
    await expect.poll(() => other.catchUp().then(() => other.rows.size)).toBe(3)
    const refused = await failing.request()
    expect(refused.status).toBe(400)
    expect(await refused.json()).toEqual({
      message: 'Invalid request',
      errors: { where: ['division by zero'] },
    })
    await query('DELETE FROM items WHERE n = 0')
    const again = async () => {
      const reader = new ShapeReader(service, { table: 'items', where: '6 / n > 2' })
      return [await reader.catchUp(), ...reader.rows.keys()]
    }
    await expect.poll(again).toEqual([200, '"public"."items"/"1"', '"public"."items"/"3"'])
  })

  test.each([
    ["n = 'x'", 'invalid syntax for type int4: x'],
    ["n > 'x'", 'invalid input syntax for type integer: "x"'],
    ['t > 1', 'operator does not exist: text > integer'],
    ['n + 1', 'WHERE clause must return a boolean'],
    ['lower(n) = t', 'function pg_catalog.lower(integer) does not exist'],
    ["e = 'happy' OR b", 'invalid input value for enum mood: "happy"'],
    ["d > 'today'", 'invalid syntax for type date: today'],
    ["at < ' NOW '", 'invalid syntax for type timestamp with time zone:  NOW '],
    ["'tomorrow'::date > d", 'invalid syntax for type date: tomorrow'],
    ["d = ANY ('{yesterday}')", 'invalid syntax for type date[]: {yesterday}'],
  ])('%s is refused with 400 and the reason', async (clause, reason) => {
    const reader = new ShapeReader(service, { table: 'items', where: clause, log: 'changes_only' })
    const response = await reader.request()
    expect(response.status).toBe(400)
    const { message, errors } = await response.json()
    expect(message).toBe('Invalid request')
    expect(errors.where[0]).toContain(reason)
  })

  test('a cast of a text to a date fails for a word such as today', async () => {
    await query("INSERT INTO items (id, t, n) VALUES (1, '2024-02-03', 1), (2, ' Today ', 0)")
    const cast = { table: 'items', where: "n = 1 AND t::date > '2024-01-01'" }
    const reader = new ShapeReader(service, cast)
    expect(await reader.catchUp()).toBe(200)
    expect(reader.list).toMatchObject([{ id: '1' }])
    await query('UPDATE items SET n = 1')
    const status = () => new ShapeReader(service, cast).catchUp()
    await expect.poll(status).toBe(400)
  })

  test('a dropped shape continues at the offset of its reader, with the decisions of Postgres since then', async () => {
    await service.close()
    service = await createShapeService({ database: shared.database, maxShapes: 1 })
    const reader = new ShapeReader(service, { table: 'items', where: 'n > 2 OR b' })
    await reader.catchUp()
    await query('INSERT INTO items (id, n) VALUES (1, 1), (2, 3)')
    await expect.poll(() => reader.catchUp().then(() => reader.rows.size)).toBe(1)
    // The service keeps only one shape, so this drops the first one.
    await new ShapeReader(service, { table: 'items', where: 'n < 2' }).catchUp()
    await query('UPDATE items SET n = n + 1')
    await query('UPDATE items SET n = n - 2')
    await expect.poll(() => reader.catchUp().then(() => reader.rows.size)).toBe(0)
    expect(await reader.catchUp()).toBe(200)
  })
})
