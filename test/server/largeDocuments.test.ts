// Documents that are larger than one answer of the database may be, and some that are larger than the server allows.

import { copyDocument, documentStats, verifyDocument } from '@y-electric/documents'
import { createPool } from '@y-electric/embedded'
import { keepSnapshot } from '@y-electric/server'
import type pg from 'pg'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { decodePresence, decodeState } from 'y-electric/protocol'
import * as Y from 'yjs'
import { createApi, honestProposal } from '../compaction/api.ts'
import { freshDocId, readUpdateRows, roll, useBackend } from '../e2e/server.ts'
import { documentBackends } from '../harness/database.ts'
import { isDeep } from '../harness/deep.ts'
import { watchPool } from '../harness/watchedPool.ts'
import { append, recorded } from '../inspect/stored.ts'

const MIB = 1024 * 1024
/** The most of a value that the server reads in one statement. */
const READ_BYTES = 60 * 1024

/** Rows of 1 MiB that together exceed what one statement reads, and one row that exceeds it alone. */
function largeUpdates(rows: number): { doc: Y.Doc; updates: Uint8Array[] } {
  const { doc, updates } = recorded()
  const text = doc.getText('text')
  const letters = (i: number, length: number) => String.fromCharCode(97 + (i % 26)).repeat(length)
  for (let i = 0; i < rows; i++) text.insert(text.length, letters(i, MIB - 100))
  text.insert(text.length, letters(rows, 5 * MIB))
  return { doc, updates }
}

describe.each(documentBackends)('a large document on %s', (name) => {
  const backend = useBackend(name)
  const docId = freshDocId('large')
  let pool: pg.Pool
  let text: string
  let updates: Uint8Array[]

  beforeAll(async () => {
    ;({ pool } = backend.current)
    const large = largeUpdates(3)
    updates = large.updates
    text = large.doc.getText('text').toString()
    await append(pool, docId, ...updates)
  })

  const api = (options = {}) => createApi(backend.current, options)

  test('is read as it is stored', async () => {
    const stored = await readUpdateRows(pool, docId)
    const response = await api().request(`/docs/${docId}/state`)
    expect(response.headers.get('content-length')).toBe(
      response.headers.get('content-encoding') === null
        ? String((await response.clone().arrayBuffer()).byteLength)
        : null,
    )
    const { rows } = decodeState(new Uint8Array(await response.arrayBuffer()))
    expect(rows.map(({ seq }) => seq)).toEqual(stored.map(({ seq }) => seq))
    for (const [i, { data }] of rows.entries()) {
      expect(Buffer.from(stored[i]?.data ?? []).equals(data)).toBe(true)
    }
  })

  test('has a snapshot row that the server reads only as fast as the client receives it', async () => {
    const { seq } = await keepSnapshot(pool, docId, { label: 'large' })
    const { rows } = await pool.query<{ data: Buffer }>(
      'SELECT data FROM ydoc_snapshot WHERE seq = $1',
      [seq],
    )
    const stored = rows[0]?.data ?? Buffer.alloc(0)
    expect(stored.byteLength).toBeGreaterThan(2 * MIB)
    let pieces = 0
    const counting = watchPool(pool, (text) => {
      if (/ data FROM ydoc_snapshot/.test(text)) pieces++
    })
    const response = await createApi({ ...backend.current, pool: counting }).request(
      `/docs/${docId}/snapshots/${seq}`,
    )
    expect(response.headers.get('content-length')).toBe(String(stored.byteLength))
    // The first piece is fetched ahead, and no other until the reader reads.
    await expect.poll(() => pieces).toBe(1)
    expect(Buffer.from(await response.arrayBuffer()).equals(stored)).toBe(true)
    expect(pieces).toBe(Math.ceil(stored.byteLength / READ_BYTES))
  })

  test('is not sent again while it has not changed', async () => {
    const etag = (await api().request(`/docs/${docId}/state`)).headers.get('etag') ?? ''
    const headers = { 'if-none-match': etag }
    expect((await api().request(`/docs/${docId}/state`, { headers })).status).toBe(304)
  })

  test('is inspected, verified, kept and copied', async () => {
    const exported = await api().request(`/docs/${docId}?format=text`)
    expect((await exported.text()) === text).toBe(true)
    expect(await verifyDocument(pool, docId)).toMatchObject({ sound: true, rows: updates.length })
    expect(await documentStats(pool, docId)).toMatchObject({ rows: updates.length })
    const { seq } = await keepSnapshot(pool, docId, { label: 'large' })
    const kept = await api().request(`/docs/${docId}/snapshots/${seq}`)
    const doc = new Y.Doc()
    Y.applyUpdateV2(doc, new Uint8Array(await kept.arrayBuffer()))
    expect(doc.getText('text').toString() === text).toBe(true)
    expect(await copyDocument(pool, docId, freshDocId('copy'))).toHaveProperty('seq')
  })

  test('is folded, and read again from a snapshot row that is larger than a piece', async () => {
    await roll(pool, docId)
    const proposal = await honestProposal(api(), docId, 0)
    const answer = await api().fold(docId, 0, proposal)
    expect(answer).toMatchObject({ status: 201, body: { rows: updates.length } })
    const { snapshot, rows } = await api().state(docId)
    expect(rows).toEqual([])
    expect(Buffer.from(snapshot?.data ?? []).equals(proposal)).toBe(true)
  })

  test('is refused with a clear code beyond maxReadBytes, and other documents are not', async () => {
    const small = api({ maxReadBytes: 2 * MIB })
    for (const path of ['/state', '?format=text', '?format=stats', '/verify']) {
      const response = await small.request(`/docs/${docId}${path}`)
      expect([path, response.status]).toEqual([path, 413])
      expect(await response.json()).toMatchObject({ error: { code: 'document_too_large' } })
    }
    const other = freshDocId()
    await append(pool, other, ...recordedText('small'))
    expect((await small.request(`/docs/${other}/state`)).status).toBe(200)
  })

  test('may have many presence rows, which are read and verified', async () => {
    const rows = 400
    const many = freshDocId('presence')
    await append(pool, many, ...recordedText('x'))
    await pool.query(
      `INSERT INTO ydoc_awareness (doc_id, client_id, data)
       SELECT $1, i, decode(repeat('00', 16000), 'hex') FROM generate_series(1, $2) i`,
      [many, rows],
    )
    const response = await api().request(`/docs/${many}/awareness/rows`)
    const present = decodePresence(new Uint8Array(await response.arrayBuffer()))
    expect(present.map(({ clientId }) => clientId)).toEqual(
      Array.from({ length: rows }, (_, i) => i + 1),
    )
    const { findings } = await verifyDocument(pool, many)
    expect(findings.map(({ seq }) => seq)).toEqual(present.map(({ clientId }) => clientId))
  })
})

const recordedText = (text: string): Uint8Array[] => {
  const { doc, updates } = recorded()
  doc.getText('text').insert(0, text)
  return updates
}

describe('while a large document is read', () => {
  const backend = useBackend('postgres')

  /** Calls `then` once, after the keys of the rows are read and before any of their data. */
  function beforeData(pool: pg.Pool, then: () => Promise<void>): pg.Pool {
    let isOver = false
    const query = async (...parameters: Parameters<pg.Pool['query']>) => {
      const [statement] = parameters as unknown as [string | { readonly name?: string }]
      if (!isOver && typeof statement === 'object' && /_piece$/.test(statement.name ?? '')) {
        isOver = true
        await then()
      }
      return pool.query(...parameters)
    }
    return { query, connect: () => pool.connect() } as unknown as pg.Pool
  }

  test('a fold may delete its rows: the server reads the document again', async () => {
    const { pool, shapes } = backend.current
    const docId = freshDocId('folding')
    const { doc, updates } = largeUpdates(2)
    await append(pool, docId, ...updates)
    await roll(pool, docId)
    const api = createApi(backend.current)
    const proposal = await honestProposal(api, docId, 0)
    let folded = 0
    const gated = beforeData(pool, async () => {
      folded = (await api.fold(docId, 0, proposal)).status
    })
    const state = await createApi({ pool: gated, shapes }).state(docId)
    expect(folded).toBe(201)
    expect(state.rows).toEqual([])
    const read = new Y.Doc()
    if (state.snapshot?.data) Y.applyUpdateV2(read, state.snapshot.data)
    expect(read.getText('text').toString() === doc.getText('text').toString()).toBe(true)
  })

  test('more rows than one statement reads are all returned, in order', async () => {
    const { pool } = backend.current
    const docId = freshDocId('rows')
    await append(pool, docId, new Uint8Array([0, 0]))
    await pool.query(
      `INSERT INTO ydoc_update (doc_id, segment, data)
       SELECT $1, 0, decode(repeat(lpad(to_hex(i), 6, '0'), 40), 'hex') FROM generate_series(1, 12000) i`,
      [docId],
    )
    const { rows } = await createApi(backend.current).state(docId)
    const stored = await readUpdateRows(pool, docId)
    expect(rows.length).toBe(12_001)
    expect(rows.map(({ seq }) => seq)).toEqual(stored.map(({ seq }) => seq))
    expect(rows.every(({ data }, i) => Buffer.from(stored[i]?.data ?? []).equals(data))).toBe(true)
  })
})

describe('a pool of connections', () => {
  test('fails a query whose answer its parser cannot parse, and continues to work', async () => {
    const pool = createPool({ connectionString: inject('databaseUrl'), maxConnections: 1 })
    try {
      const client = await pool.connect()
      const { stream } = (client as unknown as { connection: { stream: NodeJS.EventEmitter } })
        .connection
      const broken = client.query('SELECT pg_sleep(60)')
      // A row that declares more fields than it has bytes.
      stream.emit('data', Buffer.from([0x44, 0, 0, 0, 6, 0, 9]))
      await expect(broken).rejects.toThrow()
      client.release(new Error('the connection cannot be used any more'))
      expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    } finally {
      await pool.end()
    }
  })
})

// A server that read these 272 rows of 1 MiB in one statement crashed.
describe.runIf(isDeep).each(documentBackends)(
  'documents of the size that crashed a server on %s',
  (name) => {
    const backend = useBackend(name)

    test('a document of 272 rows of 1 MiB is read, and refused or folded', async () => {
      const { pool } = backend.current
      const docId = freshDocId('deep')
      const { doc, updates } = recorded()
      const text = doc.getText('text')
      for (let i = 0; i < 272; i++) text.insert(text.length, 'x'.repeat(MIB - 100))
      await append(pool, docId, ...updates)
      const api = createApi(backend.current)
      expect((await api.state(docId)).rows.length).toBe(272)
      await roll(pool, docId)
      const proposal = Y.encodeStateAsUpdateV2(doc)
      expect(await api.fold(docId, 0, proposal)).toMatchObject({
        status: 413,
        code: 'snapshot_too_large',
      })
      const large = createApi(backend.current, { maxSnapshotBytes: 300 * MIB })
      const folded = await large.fold(docId, 0, proposal)
      expect([201, 422]).toContain(folded.status)
      expect((await verifyDocument(pool, docId)).sound).toBe(true)
    })

    test('17,000 presence rows are read and verified', async () => {
      const { pool } = backend.current
      const docId = freshDocId('presence')
      await append(pool, docId, ...recordedText('x'))
      for (let i = 0; i < 17; i++) {
        await pool.query(
          `INSERT INTO ydoc_awareness (doc_id, client_id, data)
         SELECT $1, i, decode(repeat('00', 16000), 'hex') FROM generate_series($2::int, $2 + 999) i`,
          [docId, i * 1_000],
        )
      }
      const response = await createApi(backend.current).request(`/docs/${docId}/awareness/rows`)
      expect(response.status).toBe(200)
      expect((await verifyDocument(pool, docId)).findings).toHaveLength(17_000)
    })
  },
)
