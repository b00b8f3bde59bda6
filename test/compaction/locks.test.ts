// Locks between statements of several connections to a native Postgres.
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, useBackend } from '../e2e/server.ts'
import { type Api, createApi, createWriter, honestProposal, textOf } from './api.ts'

const backend = useBackend('postgres')
let api: Api
const connections: pg.Client[] = []

beforeAll(() => {
  api = createApi(backend.current)
})
afterEach(async () => {
  await Promise.all(connections.splice(0).map((client) => client.end()))
})

/** Opens another connection to the same database, and begins a transaction. */
async function begin(): Promise<pg.Client> {
  const { rows } = await api.pool.query<{ name: string }>('SELECT current_database() AS name')
  const url = new URL(inject('databaseUrl'))
  url.pathname = `/${rows[0]?.name}`
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  connections.push(client)
  await client.query('BEGIN')
  return client
}

/** Waits until this many of the database's statements wait for a lock. */
const untilWaiting = (count: number) =>
  eventually(async () => {
    const { rows } = await api.pool.query<{ waiting: number }>(
      `SELECT count(*)::int AS waiting FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    return rows[0]?.waiting === count
  })

async function sealedDocument() {
  const docId = freshDocId()
  const writer = createWriter()
  const batchId = randomUUID()
  const update = writer.type('hello ')
  await api.append(docId, update, batchId)
  await api.append(docId, writer.type('world'))
  await api.roll(docId, 0)
  return { docId, writer, batchId, update, proposal: await honestProposal(api, docId, 0) }
}

describe('while another client compacts', () => {
  test('a fold is refused at once, writes continue, and nothing has changed', async () => {
    const { docId, writer, proposal } = await sealedDocument()
    const other = await begin()
    await other.query('SELECT pg_advisory_xact_lock(ydoc_compaction_key($1))', [docId])
    const before = await api.tables()
    const answer = await api.fold(docId, 0, proposal)
    expect([answer.status, answer.code]).toEqual([409, 'compaction_busy'])
    expect(await api.tables()).toEqual(before)
    expect((await api.append(docId, writer.type('!'))).status).toBe(201)
    expect((await api.roll(docId, 1)).status).toBe(201)
    await other.query('ROLLBACK')
    expect((await api.fold(docId, 0, proposal)).status).toBe(201)
  })

  test('another document can still be folded', async () => {
    const [one, two] = [await sealedDocument(), await sealedDocument()]
    const other = await begin()
    await other.query('SELECT pg_advisory_xact_lock(ydoc_compaction_key($1))', [one.docId])
    expect((await api.fold(two.docId, 0, two.proposal)).status).toBe(201)
  })
})

test('a connection that dies while a fold is verified fails only that fold', async () => {
  const { docId, proposal } = await sealedDocument()
  const { pool, shapes } = backend.current
  const dying = { query: pool.query.bind(pool), connect: () => connectDying(pool) }
  const unlucky = createApi({ pool: dying as unknown as pg.Pool, shapes }, { onError: () => {} })
  const before = await api.tables()
  // A connection that breaks while no statement runs emits an event; without a listener, it ends
  // Node.
  expect((await unlucky.fold(docId, 0, proposal)).status).toBe(503)
  expect(await api.tables()).toEqual(before)
  expect((await api.fold(docId, 0, proposal)).status).toBe(201)
})

/** Opens a connection that is lost as soon as it has deleted rows, before its next statement. */
async function connectDying(pool: pg.Pool): Promise<pg.PoolClient> {
  const client = await pool.connect()
  const query = client.query.bind(client)
  const dying = async (text: string, values: unknown[]) => {
    const result = await query(text, values)
    if (text.includes('DELETE FROM ydoc_update')) {
      const ended = new Promise((resolve) => client.once('end', resolve))
      const { rows } = await query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      await pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid])
      await ended
    }
    return result
  }
  return Object.assign(client, { query: dying }) as unknown as pg.PoolClient
}

describe('a roll', () => {
  test('waits for an open append, whose row is before the seal', async () => {
    const docId = freshDocId()
    const writer = createWriter()
    await api.append(docId, writer.type('a'))
    const slow = await begin()
    await slow.query('SELECT ydoc_append($1, $2, $3)', [
      docId,
      randomUUID(),
      Buffer.from(writer.type('b')),
    ])
    const rolled = api.roll(docId, 0)
    await untilWaiting(1)
    const later = api.append(docId, writer.type('c'))
    await untilWaiting(2)
    await slow.query('COMMIT')
    expect((await rolled).status).toBe(201)
    expect((await later).status).toBe(201)
    const { rows } = await api.pool.query<{ segment: number; length: number }>(
      'SELECT segment, length(data) FROM ydoc_update WHERE doc_id = $1 ORDER BY segment, seq',
      [docId],
    )
    expect(rows.map(({ segment, length }) => [segment, length > 0])).toEqual([
      [0, true],
      [0, true],
      [0, false],
      [1, true],
    ])
  })

  test('succeeds once if there are two at the same time, and the other gets an error', async () => {
    const docId = freshDocId()
    await api.append(docId, createWriter().type('a'))
    const statuses = await Promise.all([api.roll(docId, 0), api.roll(docId, 0)])
    expect(statuses.map(({ status }) => status).sort()).toEqual([201, 409])
  })
})

describe('a retry of a batch that is being folded', () => {
  test('is answered at once, and blocks neither a roll nor the fold', async () => {
    const { docId, batchId, update } = await sealedDocument()
    const folding = await begin()
    await folding.query('DELETE FROM ydoc_update WHERE doc_id = $1 AND segment = 0', [docId])
    expect((await api.append(docId, update, batchId)).status).toBe(200)
    const rolling = await begin()
    await rolling.query('SELECT ydoc_roll($1, 1)', [docId])
    await rolling.query('COMMIT')
    await folding.query('SELECT ydoc_append($1, $2, $3)', [docId, batchId, Buffer.from(update)])
    await folding.query('ROLLBACK')
  })

  test('is stored again after the fold, and the document contains it once', async () => {
    const { docId, batchId, update, proposal } = await sealedDocument()
    expect((await api.fold(docId, 0, proposal)).status).toBe(201)
    expect((await api.append(docId, update, batchId)).status).toBe(201)
    expect(textOf(await api.state(docId))).toBe('hello world')
  })

  test('is answered even if the fold ends during the lookup', async () => {
    const { docId, batchId, update, proposal } = await sealedDocument()
    const first = await begin()
    const other = crypto.randomUUID()
    await first.query('SELECT ydoc_append($1, $2, $3)', [docId, other, Buffer.from(update)])
    // The second append finds no row, because the first is not committed yet.
    const second = api.append(docId, update, other)
    await untilWaiting(1)
    expect((await api.fold(docId, 0, proposal)).status).toBe(201)
    await first.query('COMMIT')
    expect((await second).status).toBe(200)
    expect((await api.append(docId, update, batchId)).status).toBe(201)
    expect(textOf(await api.state(docId))).toBe('hello world')
  })
})
