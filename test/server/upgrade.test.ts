// An operator with large tables brings an older schema up to date while others write.
import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { migrate } from '@y-electric/server'
import type pg from 'pg'
import { expect, test } from 'vitest'
import { serveApp } from '../e2e/server.ts'
import { openTestDatabase } from '../harness/database.ts'
import { postUpdate, someUpdate } from './api.ts'

const FOLDER = path.resolve(import.meta.dirname, '../../packages/server/migrations')

/** Migrates only up to a version, as an older server did. */
async function migrateThrough(pool: pg.Pool, version: number): Promise<void> {
  await pool.query(
    'CREATE TABLE ydoc_migration (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
  )
  for (const name of (await readdir(FOLDER)).sort()) {
    if (Number(name.slice(0, 4)) > version) continue
    await pool.query(await readFile(path.join(FOLDER, name), 'utf8'))
    await pool.query('INSERT INTO ydoc_migration VALUES ($1, $2)', [Number(name.slice(0, 4)), name])
  }
}

const appendTo = (pool: pg.Pool, docId: string) =>
  pool.query('SELECT ydoc_append($1, $2, $3)', [docId, randomUUID(), Buffer.from(someUpdate())])

const notedDocuments = async (pool: pg.Pool) => {
  const { rows } = await pool.query<{ doc_id: string; rows: string }>(
    'SELECT doc_id, rows FROM ydoc_usage ORDER BY doc_id',
  )
  return rows.map(({ doc_id, rows: count }) => `${doc_id}: ${count}`)
}

test('a migration reads no stored rows under its locks, and appends continue while they are counted', async () => {
  const database = await openTestDatabase('postgres')
  const { pool } = database
  try {
    await migrateThrough(pool, 4)
    for (const docId of ['a', 'b', 'c']) await appendTo(pool, docId)
    await migrate(pool)
    // No document is counted yet, so the migration has read no rows.
    expect(await notedDocuments(pool)).toEqual([])

    const server = await serveApp({
      backend: { pool, shapes: { url: 'http://shapes.invalid' } },
      quotaCheckMs: 50,
    })
    // The lock makes counting wait, as a large table would.
    const holder = await pool.connect()
    await holder.query('BEGIN; LOCK TABLE ydoc_usage IN SHARE MODE')
    const first = postUpdate(server, 'd')
    await expect.poll(() => waitingFor(pool, 'unnoted')).toBe(1)
    await appendTo(pool, 'a')
    expect((await first).status).toBe(201)
    await holder.query('COMMIT')
    holder.release()
    await expect.poll(() => notedDocuments(pool)).toEqual(['a: 2', 'b: 1', 'c: 1', 'd: 1'])
    await server.close()
  } finally {
    await database.close()
  }
})

/** How many statements with this text wait for a lock. */
async function waitingFor(pool: pg.Pool, text: string): Promise<number> {
  const { rows } = await pool.query(
    `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1`,
    [`%${text}%`],
  )
  return rows.length
}
