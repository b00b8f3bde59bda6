import { describe, expect, test } from 'vitest'
import { backends, openTestDatabase } from './database.ts'
import { useTestDatabase } from './sharedDatabase.ts'

describe.each(backends)('on %s', (backend) => {
  const shared = useTestDatabase(backend)

  test('a shared database can be emptied', async () => {
    const { pool } = shared.database
    await pool.query(
      'CREATE SCHEMA other; CREATE TABLE other.thing (id int); CREATE TABLE t (id int)',
    )
    await shared.empty()
    const { rows } = await pool.query(
      `SELECT to_regclass('public.t') AS t, to_regclass('other.thing') AS thing`,
    )
    expect(rows).toEqual([{ t: null, thing: null }])
    await pool.query('CREATE TABLE t (id int)')
  })

  test('a fresh database contains no table of another one', async () => {
    const fresh = await openTestDatabase(backend)
    try {
      const { rows } = await fresh.pool.query(`SELECT to_regclass('t') AS t`)
      expect(rows).toEqual([{ t: null }])
      expect(fresh.kind).toBe(backend)
    } finally {
      await fresh.close()
    }
  })
})
