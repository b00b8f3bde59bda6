// Appends, rolls and migrations that run at the same time, on both databases.
import { randomUUID } from 'node:crypto'
import { migrate } from '@y-electric/server'
import pg from 'pg'
import { describe, expect, inject, test } from 'vitest'
import { BACKENDS, freshDocId, readUpdateRows, roll, serveApp, useBackend } from '../e2e/server.ts'
import { backends } from '../harness/database.ts'
import { createDatabase } from '../harness/postgres.ts'
import { useTestDatabase } from '../harness/sharedDatabase.ts'
import { expectError, getState, postUpdate, someUpdate } from './api.ts'

describe.each(backends)('migrations on %s', (name) => {
  const shared = useTestDatabase(name)

  test('twenty servers that start at once migrate once', async () => {
    const { pool } = shared.database
    const applied = (await Promise.all(Array.from({ length: 20 }, () => migrate(pool)))).flat()
    const { rows } = await pool.query<{ name: string }>(
      'SELECT name FROM ydoc_migration ORDER BY version',
    )
    expect(applied.length).toBeGreaterThan(0)
    expect(applied.sort()).toEqual(rows.map((row) => row.name))
    expect(await migrate(pool)).toEqual([])
    await shared.empty()
  })

  test('a database that a newer server migrated is refused', async () => {
    const { pool } = shared.database
    await migrate(pool)
    await pool.query(`INSERT INTO ydoc_migration (version, name) VALUES (9999, '9999_future.sql')`)
    await expect(migrate(pool)).rejects.toThrow(/newer server/)
    await shared.empty()
  })

  test('a migration that fails changes nothing', async () => {
    const { pool } = shared.database
    await pool.query('CREATE TABLE ydoc_snapshot (somebody_elses int)')
    await expect(migrate(pool)).rejects.toThrow(/ydoc_snapshot/)
    const { rows } = await pool.query(
      `SELECT to_regclass('ydoc_document') AS document, to_regclass('ydoc_migration') AS migration`,
    )
    expect(rows).toEqual([{ document: null, migration: null }])
    await pool.query('DROP TABLE ydoc_snapshot')
    expect((await migrate(pool)).length).toBeGreaterThan(0)
    await shared.empty()
  })
})

describe.each(BACKENDS)('appending on %s', (name) => {
  const backend = useBackend(name)
  const serve = () => serveApp({ backend: backend.current })

  test('a new batch is answered with 201, and the same batch again with 200 and the same seq', async () => {
    const server = await serve()
    const docId = freshDocId()
    const [batchId, update] = [randomUUID(), someUpdate()]
    const first = await postUpdate(server, docId, { batchId, body: update as BodyInit })
    const again = await postUpdate(server, docId, {
      batchId: batchId.toUpperCase(),
      body: someUpdate('other bytes') as BodyInit,
    })
    expect([first.status, again.status]).toEqual([201, 200])
    expect(first.headers.get('cache-control')).toBe('no-store')
    const { seq } = (await first.json()) as { seq: number }
    expect(await again.json()).toEqual({ seq })
    expect(await readUpdateRows(server.pool, docId)).toEqual([
      { seq, segment: 0, batchId, data: update },
    ])
    await server.close()
  })

  test('the same batch twenty times at once is one row, on a document that is new', async () => {
    const server = await serve()
    const docId = freshDocId()
    const batchId = randomUUID()
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => postUpdate(server, docId, { batchId })),
    )
    const seqs = await Promise.all(answers.map((answer) => answer.json()))
    expect(new Set(seqs.map((body) => JSON.stringify(body))).size).toBe(1)
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201])
    expect(await readUpdateRows(server.pool, docId)).toHaveLength(1)
    await server.close()
  })

  test('the same batch id in two documents is two batches', async () => {
    const server = await serve()
    const batchId = randomUUID()
    const [one, other] = [freshDocId(), freshDocId()]
    const answers = await Promise.all([
      postUpdate(server, one, { batchId }),
      postUpdate(server, other, { batchId }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([201, 201])
    await server.close()
  })

  test('a retry after its segment was sealed gets the same answer and adds no row', async () => {
    const server = await serve()
    const docId = freshDocId()
    const batchId = randomUUID()
    const first = await (await postUpdate(server, docId, { batchId })).json()
    await roll(server.pool, docId)
    const again = await postUpdate(server, docId, { batchId })
    expect(again.status).toBe(200)
    expect(await again.json()).toEqual(first)
    expect((await readUpdateRows(server.pool, docId)).map(({ segment }) => segment)).toEqual([0, 0])
    await server.close()
  })

  test('rolling a segment that is not active changes nothing', async () => {
    const server = await serve()
    const docId = freshDocId()
    const rollAt = async (active: number) => {
      const { rows } = await server.pool.query('SELECT ydoc_roll($1, $2) AS next', [docId, active])
      return rows[0]?.next
    }
    expect(await rollAt(0)).toBeNull()
    await postUpdate(server, docId)
    expect(await rollAt(1)).toBeNull()
    expect(await Promise.all([rollAt(0), rollAt(0), rollAt(0)])).toEqual(
      expect.arrayContaining([1, null, null]),
    )
    const seals = (await readUpdateRows(server.pool, docId)).filter(
      ({ data }) => data.byteLength === 0,
    )
    expect(seals).toHaveLength(1)
    await server.close()
  })
})

describe('many connections to one native Postgres', () => {
  const backend = useBackend('postgres')

  test('no row of a segment commits after its seal, and every batch is in exactly one', async () => {
    const { pool } = backend.current
    const docId = freshDocId()
    const url = (pool.options as pg.PoolConfig).connectionString
    const writers = new pg.Pool({ connectionString: url, max: 12 })
    const counted = new Map<number, number>()
    const batches = Array.from({ length: 3_000 }, () => randomUUID())
    const update = Buffer.from(someUpdate())
    const left = [...batches]

    const write = async () => {
      for (let batchId = left.pop(); batchId !== undefined; batchId = left.pop()) {
        await writers.query('SELECT ydoc_append($1, $2, $3)', [docId, batchId, update])
        // Some clients lose the answer and retry, perhaps when the next segment is active.
        if (left.length % 7 === 0) {
          await writers.query('SELECT ydoc_append($1, $2, $3)', [docId, batchId, update])
        }
      }
    }
    const seal = async () => {
      while (left.length > 0) {
        const { rows } = await writers.query<{ next: number | null }>(
          'SELECT ydoc_roll(doc_id, segment) AS next FROM ydoc_document WHERE doc_id = $1',
          [docId],
        )
        const next = rows[0]?.next
        if (next === null || next === undefined) continue
        counted.set(next - 1, await countSegment(writers, docId, next - 1))
      }
    }
    await Promise.all([...Array.from({ length: 8 }, write), seal(), seal()])
    await writers.end()

    expect(counted.size).toBeGreaterThan(20)
    for (const [segment, rows] of counted) {
      expect([segment, await countSegment(pool, docId, segment)]).toEqual([segment, rows])
    }
    const rows = await readUpdateRows(pool, docId)
    const written = rows.filter(({ batchId }) => batchId !== null)
    expect(written.map(({ batchId }) => batchId).sort()).toEqual([...batches].sort())
    const seals = rows.filter(({ data }) => data.byteLength === 0).map(({ segment }) => segment)
    expect(seals.sort((a, b) => a - b)).toEqual(seals.map((_, i) => i))
    expect(Math.max(...written.map(({ segment }) => segment))).toBeLessThanOrEqual(seals.length)
    // The seal has the highest seq of its segment; the state route relies on that.
    for (const segment of seals) {
      const last = rows.filter((row) => row.segment === segment).at(-1)
      expect(last?.data.byteLength).toBe(0)
    }
  })

  test('a database that defaults to SERIALIZABLE is refused with a message, and nothing is stored', async () => {
    const created = await createDatabase(inject('databaseUrl'))
    const pool = new pg.Pool({ connectionString: created.url, max: 2 })
    try {
      await migrate(pool)
      const strict = new pg.Pool({
        connectionString: created.url,
        max: 2,
        options: '-c default_transaction_isolation=serializable',
      })
      const server = await serveApp({ backend: { pool: strict, shapes: backend.current.shapes } })
      const docId = freshDocId()
      await expectError(await postUpdate(server, docId), 500, 'internal')
      expect(String(server.errors[0])).toMatch(/READ COMMITTED/)
      expect(await readUpdateRows(pool, docId)).toEqual([])
      expect((await getState(server, docId)).status).toBe(200)
      await server.close()
      await strict.end()
    } finally {
      await pool.end()
      await created.drop()
    }
  })

  async function countSegment(on: pg.Pool, docId: string, segment: number): Promise<number> {
    const { rows } = await on.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM ydoc_update WHERE doc_id = $1 AND segment = $2',
      [docId, segment],
    )
    return rows[0]?.count ?? 0
  }
})
