// Shapes of a partitioned table, of one of its partitions, and of a table that others inherit from.
import { createShapeService, type ShapeService } from '@y-electric/embedded'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { documentBackends } from '../harness/database.ts'
import { useTestDatabase } from '../harness/sharedDatabase.ts'
import { ShapeReader } from './reader.ts'

describe.each(documentBackends)('on %s', (backend) => {
  const shared = useTestDatabase(backend)
  let service: ShapeService
  const query = (text: string) => shared.database.pool.query(text)

  beforeEach(async () => {
    await query(`
      CREATE TABLE items (id integer, region text, note text, PRIMARY KEY (id, region))
        PARTITION BY LIST (region);
      CREATE TABLE items_eu PARTITION OF items FOR VALUES IN ('eu');
      CREATE SCHEMA far;
      CREATE TABLE far.items_us PARTITION OF items FOR VALUES IN ('us') PARTITION BY RANGE (id);
      CREATE TABLE far.items_us_low PARTITION OF far.items_us FOR VALUES FROM (0) TO (100);
      INSERT INTO items VALUES (1, 'eu', 'a'), (2, 'us', 'b')`)
    service = await createShapeService({ database: shared.database })
  })
  afterEach(async () => {
    await service.close()
    await shared.empty()
  })

  const open = async (table: string, where?: string): Promise<ShapeReader> => {
    const reader = new ShapeReader(service, { table, ...(where !== undefined && { where }) })
    expect(await reader.catchUp()).toBe(200)
    return reader
  }
  const row = (id: number, region: string, note: string) => ({ id: String(id), region, note })
  /** Expects that the reader has these rows and has not started over. */
  const holds = (reader: ShapeReader, rows: unknown[]) =>
    expect.poll(async () => [await reader.catchUp(), reader.list]).toEqual([200, rows])
  const isRefused = (reader: ShapeReader) =>
    expect.poll(async () => (await reader.request()).status).toBe(409)

  test('changes of partitions are reported as changes of the partitioned table, under its own name', async () => {
    const all = await open('items')
    const some = await open('items', "note > 'a'")
    const eu = await open('items_eu')
    const us = await open('far.items_us')
    const low = await open('far.items_us_low')
    expect(all.list).toEqual([row(1, 'eu', 'a'), row(2, 'us', 'b')])
    expect(eu.list).toEqual([row(1, 'eu', 'a')])
    expect(us.list).toEqual([row(2, 'us', 'b')])

    await query("INSERT INTO items VALUES (3, 'eu', 'c'), (4, 'us', 'A')")
    await query("UPDATE far.items_us_low SET note = 'z' WHERE id = 2")
    await query("DELETE FROM items WHERE note = 'a'")
    await holds(all, [row(2, 'us', 'z'), row(3, 'eu', 'c'), row(4, 'us', 'A')])
    await holds(some, [row(2, 'us', 'z'), row(3, 'eu', 'c')])
    await holds(eu, [row(3, 'eu', 'c')])
    await holds(us, [row(2, 'us', 'z'), row(4, 'us', 'A')])
    await holds(low, [row(2, 'us', 'z'), row(4, 'us', 'A')])
    expect([...all.rows.keys()]).toContain('"public"."items"/"2"/"us"')
    expect([...eu.rows.keys()]).toEqual(['"public"."items_eu"/"3"/"eu"'])
  })

  test('a row that moves to another partition leaves one shape and enters the other', async () => {
    const all = await open('items')
    const eu = await open('items_eu')
    await query("UPDATE items SET region = 'us' WHERE id = 1")
    await holds(all, [row(1, 'us', 'a'), row(2, 'us', 'b')])
    await holds(eu, [])
  })

  test('creating, attaching or detaching a partition restarts the shapes of the table, which then include its rows', async () => {
    const eu = await open('items_eu')
    for (const [sql, write, rows] of [
      [
        "CREATE TABLE items_de PARTITION OF items FOR VALUES IN ('de')",
        "INSERT INTO items VALUES (5, 'de', 'd')",
        [row(1, 'eu', 'a'), row(2, 'us', 'b'), row(5, 'de', 'd')],
      ],
      [
        // A partition with another column order and a dropped column.
        `CREATE TABLE items_fr (gone integer, note text, region text NOT NULL, id integer NOT NULL);
         ALTER TABLE items_fr DROP COLUMN gone;
         INSERT INTO items_fr VALUES ('f', 'fr', 6);
         ALTER TABLE items ATTACH PARTITION items_fr FOR VALUES IN ('fr')`,
        "UPDATE items SET note = 'F' WHERE id = 6",
        [row(1, 'eu', 'a'), row(2, 'us', 'b'), row(5, 'de', 'd'), row(6, 'fr', 'F')],
      ],
      [
        'ALTER TABLE items DETACH PARTITION items_de',
        "UPDATE items_de SET note = 'x'; UPDATE items SET note = 'G' WHERE id = 6",
        [row(1, 'eu', 'a'), row(2, 'us', 'b'), row(6, 'fr', 'G')],
      ],
      [
        'DROP TABLE far.items_us_low',
        "INSERT INTO items VALUES (7, 'eu', 'e')",
        [row(1, 'eu', 'a'), row(6, 'fr', 'G'), row(7, 'eu', 'e')],
      ],
    ] as const) {
      const before = await open('items')
      await query(sql)
      await isRefused(before)
      const anew = await open('items')
      await query(write)
      await holds(anew, [...rows])
    }
    // This reader has not started over.
    await holds(eu, [row(1, 'eu', 'a'), row(7, 'eu', 'e')])
  })

  test('a table with its own shape can be attached and detached', async () => {
    await open('items')
    await query('CREATE TABLE items_it (id integer NOT NULL, region text NOT NULL, note text)')
    await query("INSERT INTO items_it VALUES (8, 'it', 'i')")
    await open('items_it')
    await query("ALTER TABLE items ATTACH PARTITION items_it FOR VALUES IN ('it')")
    await expect.poll(async () => (await open('items')).rows.size).toBe(3)
    const all = await open('items')
    const own = await open('items_it')
    await query("UPDATE items SET note = 'I' WHERE id = 8")
    await holds(all, [row(1, 'eu', 'a'), row(2, 'us', 'b'), row(8, 'it', 'I')])
    await holds(own, [row(8, 'it', 'I')])
  })

  test('truncating a partition ends its shapes and those of the table; truncating the table ends all', async () => {
    const [all, eu, low] = [
      await open('items'),
      await open('items_eu'),
      await open('far.items_us_low'),
    ]
    await query('TRUNCATE items_eu')
    await isRefused(all)
    await isRefused(eu)
    await holds(low, [row(2, 'us', 'b')])
    const again = await open('items')
    await query('TRUNCATE items')
    await isRefused(again)
    await isRefused(low)
    expect((await open('items')).list).toEqual([])
  })

  test('rows of inheriting tables are rows of the parent table', async () => {
    await query(`CREATE TABLE bases (id integer PRIMARY KEY, note text);
      CREATE TABLE derived (extra text, PRIMARY KEY (id)) INHERITS (bases);
      INSERT INTO bases VALUES (1, 'a'); INSERT INTO derived VALUES (2, 'b', 'x')`)
    const bases = await open('bases')
    const derived = await open('derived')
    await query("UPDATE bases SET note = note || '!'; INSERT INTO derived VALUES (3, 'c', 'y')")
    await holds(bases, [
      { id: '1', note: 'a!' },
      { id: '2', note: 'b!' },
      { id: '3', note: 'c' },
    ])
    await holds(derived, [
      { id: '2', note: 'b!', extra: 'x' },
      { id: '3', note: 'c', extra: 'y' },
    ])
  })
})
