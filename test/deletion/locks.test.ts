// A deletion waits for running writes. A write that starts meanwhile waits for the deletion and is refused.
// The tests use several connections to a native Postgres, step by step.
import { randomUUID } from 'node:crypto'
import { seedDocument } from '@y-electric/documents'
import { deleteDocument, verifyDeleted } from '@y-electric/server'
import pg from 'pg'
import { afterEach, describe, expect, inject, test } from 'vitest'
import { createWriter } from '../compaction/api.ts'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, useBackend } from '../e2e/server.ts'

const backend = useBackend('postgres')
const connections: pg.Client[] = []
afterEach(async () => {
  await Promise.all(connections.splice(0).map((client) => client.end()))
})

/** Opens another connection to the same database, and begins a transaction. */
async function begin(): Promise<pg.Client> {
  const { rows } = await backend.current.pool.query<{ name: string }>(
    'SELECT current_database() AS name',
  )
  const url = new URL(inject('databaseUrl'))
  url.pathname = `/${rows[0]?.name}`
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  connections.push(client)
  await client.query('BEGIN')
  return client
}

const untilWaiting = (count: number) =>
  eventually(async () => {
    const { rows } = await backend.current.pool.query<{ waiting: number }>(
      `SELECT count(*)::int AS waiting FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    return rows[0]?.waiting === count
  })

const bytes = Buffer.from(createWriter().type('from another connection'))

/** Every function that stores data of a document. */
const WRITES: readonly (readonly [name: string, sql: string, values: readonly unknown[]])[] = [
  ['ydoc_append', 'SELECT ydoc_append($1, $2, $3)', [randomUUID(), bytes]],
  ['ydoc_append_all', 'SELECT ydoc_append_all($1, $2, $3)', [[randomUUID()], [bytes]]],
  ['ydoc_put_awareness', 'SELECT ydoc_put_awareness($1, $2, $3)', [7, bytes]],
  ['ydoc_keep', 'SELECT ydoc_keep($1, $2, $3, $4, $5)', [bytes, 'label', 'ada', null]],
  ['ydoc_roll', 'SELECT ydoc_roll($1, $2)', [0]],
  ['ydoc_create', 'SELECT ydoc_create($1, $2, $3, $4)', [randomUUID(), bytes, null]],
]

describe.each(WRITES)('%s', (_name, sql, values) => {
  async function seeded(): Promise<string> {
    const docId = freshDocId('deleted')
    await seedDocument(backend.current.pool, docId, (doc) => doc.getText('text').insert(0, 'it'))
    return docId
  }

  test('delays the deletion while it runs, and its row is deleted too', async () => {
    const { pool } = backend.current
    const docId = await seeded()
    const writer = await begin()
    await writer.query(sql, [docId, ...values])
    const deletion = deleteDocument(pool, docId)
    await untilWaiting(1)
    await writer.query('COMMIT')
    await deletion
    expect(await verifyDeleted(pool, docId)).toMatchObject({ gone: true })
  })

  test('waits if it starts during the deletion, and is refused', async () => {
    const { pool } = backend.current
    const docId = await seeded()
    const deleter = await begin()
    await deleter.query('SELECT ydoc_delete($1, NULL)', [docId])
    const outcome = pool.query(sql, [docId, ...values]).then(
      () => 'stored',
      (error: { code: string }) => error.code,
    )
    await untilWaiting(1)
    await deleter.query('COMMIT')
    expect(await outcome).toBe('YD410')
    expect(await verifyDeleted(pool, docId)).toMatchObject({ gone: true })
  })
})

test('a deletion that is not committed has deleted nothing', async () => {
  const { pool } = backend.current
  const docId = freshDocId('deleted')
  await seedDocument(pool, docId, (doc) => doc.getText('text').insert(0, 'it'))
  const deleter = await begin()
  await deleter.query('SELECT ydoc_delete($1, NULL)', [docId])
  await deleter.query('ROLLBACK')
  expect(await verifyDeleted(pool, docId)).toMatchObject({
    deletedAt: null,
    remaining: { ydoc_update: 1 },
  })
})
