// Group commit: updates and presence that arrive while a transaction is in flight are stored by the next one.
import { randomUUID } from 'node:crypto'
import type { Authorize } from '@y-electric/server'
import { describe, expect, test } from 'vitest'
import { docPath } from 'y-electric/protocol'
import { presenceOf } from '../api/requests.ts'
import {
  DOCUMENT_BACKENDS,
  freshDocId,
  readUpdateRows,
  serveApp,
  useBackend,
} from '../e2e/server.ts'
import { postUpdate, someUpdate } from './api.ts'

describe.each(DOCUMENT_BACKENDS)('group commit on %s', (name) => {
  const backend = useBackend(name)
  const serve = () => serveApp({ backend: backend.current })

  test('each row of a group has its own outcome', async () => {
    const server = await serve()
    const { pool } = server
    const [fresh, deleted, known] = [freshDocId(), freshDocId(), freshDocId()]
    const [batchId, other] = [randomUUID(), randomUUID()]
    await postUpdate(server, deleted)
    await fetch(`${server.url}${docPath(deleted)}`, { method: 'DELETE' })
    const { seq } = (await (await postUpdate(server, known, { batchId })).json()) as { seq: number }
    const { rows } = await pool.query<{ outcome: string; row_seq: string }>(
      'SELECT outcome, row_seq FROM ydoc_append_group($1, $2, $3, $4, $5)',
      [
        [fresh, fresh, deleted, known, known],
        [other, other, randomUUID(), batchId, randomUUID()],
        Array.from({ length: 5 }, () => Buffer.from(someUpdate())),
        [1, 1, 1, 1, 1],
        [true, false, true, false, false],
      ],
    )
    expect(rows.map(({ outcome }) => outcome)).toEqual([
      'created',
      'stored',
      'deleted',
      'stored',
      'created',
    ])
    expect(Number(rows[3]?.row_seq)).toBe(seq)
    expect(await readUpdateRows(pool, fresh)).toHaveLength(1)
    expect(await readUpdateRows(pool, known)).toHaveLength(2)
    const kept = await pool.query<{ doc_id: string }>(
      'SELECT doc_id FROM ydoc_document WHERE keep_history AND doc_id = ANY($1)',
      [[fresh, deleted, known]],
    )
    expect(kept.rows).toEqual([{ doc_id: fresh }])
    await server.close()
  })

  test('a hundred updates of ten documents at once are each stored once', async () => {
    const server = await serve()
    const docIds = Array.from({ length: 10 }, () => freshDocId())
    const answers = await Promise.all(
      docIds.flatMap((docId) => Array.from({ length: 10 }, () => postUpdate(server, docId))),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(201))
    const seqs = await Promise.all(answers.map((answer) => answer.json()))
    expect(new Set(seqs.map(({ seq }) => seq)).size).toBe(100)
    for (const docId of docIds) expect(await readUpdateRows(server.pool, docId)).toHaveLength(10)
    await server.close()
  })

  test('each presence state of a group has its own outcome', async () => {
    const authorize: Authorize = ({ request }) => ({ user: request.headers.get('x-user') ?? 'ada' })
    const server = await serveApp({ backend: backend.current, authorize })
    const put = (docId: string, clientId: number, user: string) => {
      const { path, ...sending } = presenceOf(docId, clientId)
      const headers = { ...sending.headers, 'x-user': user }
      return fetch(server.url + path, { ...sending, headers } as RequestInit)
    }
    const [docId, deleted] = [freshDocId(), freshDocId()]
    for (const id of [docId, deleted]) await postUpdate(server, id)
    await fetch(`${server.url}${docPath(deleted)}`, { method: 'DELETE' })
    expect((await put(docId, 7, 'bob')).status).toBe(204)
    const answers = await Promise.all([
      ...Array.from({ length: 20 }, (_, i) => put(docId, 100 + i, 'ada')),
      put(docId, 7, 'ada'),
      put(deleted, 8, 'ada'),
      ...Array.from({ length: 5 }, () => put(docId, 100, 'ada')),
    ])
    const statuses = [...Array(20).fill(204), 403, 410, ...Array(5).fill(204)]
    expect(answers.map(({ status }) => status)).toEqual(statuses)
    const { rows } = await server.pool.query<{ user_name: string }>(
      'SELECT user_name FROM ydoc_awareness WHERE doc_id = $1 ORDER BY client_id',
      [docId],
    )
    expect(rows.map((row) => row.user_name)).toEqual(['bob', ...Array(20).fill('ada')])
    await server.close()
  })
})

describe('group commit on one native Postgres with other connections', () => {
  const backend = useBackend('postgres')

  test('updates of other documents are stored while the lock of one is held, and its own updates afterwards', async () => {
    const server = await serveApp({ backend: backend.current })
    const [locked, ...others] = Array.from({ length: 8 }, () => freshDocId())
    const holder = await backend.current.pool.connect()
    await holder.query('BEGIN')
    await holder.query('SELECT pg_advisory_xact_lock(ydoc_lock_key($1))', [locked])
    const held = Promise.all(Array.from({ length: 4 }, () => postUpdate(server, locked as string)))
    const answers = await Promise.all(
      others.flatMap((docId) => [postUpdate(server, docId), postUpdate(server, docId)]),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(14).fill(201))
    await holder.query('COMMIT')
    holder.release()
    expect((await held).map(({ status }) => status)).toEqual(Array(4).fill(201))
    expect(await readUpdateRows(server.pool, locked as string)).toHaveLength(4)
    await server.close()
  })

  test('updates are stored while another transaction, which stays open, creates a document', async () => {
    const server = await serveApp({ backend: backend.current })
    const [created, ...others] = Array.from({ length: 8 }, () => freshDocId())
    const batchId = randomUUID()
    const holder = await backend.current.pool.connect()
    await holder.query('BEGIN')
    await holder.query('SELECT ydoc_append($1, $2, $3)', [
      created,
      batchId,
      Buffer.from(someUpdate()),
    ])
    const held = postUpdate(server, created as string, { batchId })
    const answers = await Promise.all(
      others.flatMap((docId) => [postUpdate(server, docId), postUpdate(server, docId)]),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(14).fill(201))
    await holder.query('COMMIT')
    holder.release()
    expect((await held).status).toBe(200)
    expect(await readUpdateRows(server.pool, created as string)).toHaveLength(1)
    await server.close()
  })
})
