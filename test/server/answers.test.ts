// The memory of large answers to readers that do not read: one budget for all routes.
import { beforeAll, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { createApi } from '../compaction/api.ts'
import { freshDocId, useBackend } from '../e2e/server.ts'
import { append, recorded } from '../inspect/stored.ts'

/** Answers up to this size are not counted. */
const UNCOUNTED_BYTES = 64 * 1024

/** Routes whose answers have some hundred bytes, whatever is stored. */
const SMALL = ['health']

/** The id of a file, which is not compared with its bytes when it is read. */
const FILE_ID = 'f'.repeat(64)

/** A request of each route that reads, whose answer is large. */
const LARGE: Readonly<Record<string, (docId: string, seq: number) => string>> = {
  listUpdates: (docId) => `/docs/${docId}/updates`,
  readState: (docId) => `/docs/${docId}/state`,
  followSegment: (docId) => `/docs/${docId}/segments/0?offset=-1`,
  listWriters: (docId) => `/docs/${docId}/writers`,
  readFile: (docId) => `/docs/${docId}/files/${FILE_ID}`,
  listSnapshots: (docId) => `/docs/${docId}/snapshots`,
  readSnapshot: (docId, seq) => `/docs/${docId}/snapshots/${seq}`,
  diffSnapshots: (docId, seq) => `/docs/${docId}/diff?from=${seq}`,
  followAwareness: (docId) => `/docs/${docId}/awareness?offset=-1`,
  readAwareness: (docId) => `/docs/${docId}/awareness/rows`,
  listDocuments: () => '/docs?limit=1000',
  followDocuments: () => '/documents?offset=-1',
  followVersions: (docId) => `/docs/${docId}/versions?offset=-1`,
  inspectDocument: (docId) => `/docs/${docId}?format=json`,
  verifyDocument: (docId) => `/docs/${docId}/verify`,
  openApi: () => '/openapi.json',
}

describe('readers that do not read', () => {
  const backend = useBackend()
  const docId = freshDocId('large')
  const slow = freshDocId('slow')
  let seq = 0

  beforeAll(async () => {
    const { pool } = backend.current
    const { doc, updates } = recorded()
    doc.getText('text').insert(0, 'words '.repeat(50_000))
    await append(pool, docId, ...updates)
    await append(pool, slow, ...updates)
    const version = Buffer.from(Y.encodeStateAsUpdateV2(doc))
    const { rows } = await pool.query<{ seq: string }>(
      `INSERT INTO ydoc_snapshot (doc_id, data, label) VALUES ($1, $2, 'large') RETURNING seq`,
      [docId, version],
    )
    seq = Number(rows[0]?.seq)
    doc.getText('text').delete(0, 150_000)
    await append(pool, docId, ...updates.slice(1))
    // Bad rows are read as the others are, and `verify` has a finding for each of them.
    await pool.query(
      `INSERT INTO ydoc_awareness (doc_id, client_id, data)
       SELECT $1, i, decode(repeat('ab', 1000), 'hex') FROM generate_series(1, 300) i`,
      [docId],
    )
    await pool.query(
      `INSERT INTO ydoc_snapshot (doc_id, data, label)
       SELECT $1, '\\x0000', repeat('l', 200) FROM generate_series(1, 500) i`,
      [docId],
    )
    await pool.query(
      `INSERT INTO ydoc_writer (doc_id, client_id, name, is_trusted)
       SELECT $1, i, repeat('n', 200), false FROM generate_series(1, 500) i`,
      [docId],
    )
    await pool.query(
      `INSERT INTO ydoc_update (doc_id, segment, data)
       SELECT $1, 0, '\\x0000' FROM generate_series(1, 1000) i`,
      [docId],
    )
    await pool.query(
      `INSERT INTO ydoc_file (doc_id, file_id, content_type, data)
       VALUES ($1, $2, 'image/png', decode(repeat('ab', 100000), 'hex'))`,
      [docId, FILE_ID],
    )
    await pool.query(
      `INSERT INTO ydoc_document (doc_id)
       SELECT $1 || i || repeat('d', 150) FROM generate_series(1, 1000) i`,
      [freshDocId('many')],
    )
  })

  test('every route that reads has its request here, or always has small answers', async () => {
    const response = await createApi(backend.current).request('/openapi.json')
    const { paths } = (await response.json()) as {
      paths: Record<string, { get?: { operationId: string } }>
    }
    const reading = Object.values(paths).flatMap(({ get }) => get?.operationId ?? [])
    expect(reading.sort()).toEqual([...SMALL, ...Object.keys(LARGE)].sort())
  })

  test.each(Object.keys(LARGE))(
    '%s is refused while their answers fill the budget, and answered afterwards',
    async (name) => {
      const api = createApi(backend.current, { maxAnswersBytes: 310_000, onError: () => {} })
      const path = LARGE[name]?.(docId, seq) ?? ''
      const unread = await api.request(`/docs/${slow}/state`)
      const refused = await api.request(path)
      expect(refused.status).toBe(503)
      expect(refused.headers.get('retry-after')).not.toBeNull()
      expect(await refused.json()).toMatchObject({ error: { code: 'server_busy' } })
      await unread.body?.cancel()

      const answered = await api.request(path)
      expect(answered.status).toBe(200)
      const held = await api.request(`/docs/${slow}/state`)
      expect(held.status, 'while the answer is not read').toBe(503)
      expect((await answered.arrayBuffer()).byteLength).toBeGreaterThan(UNCOUNTED_BYTES)
      expect((await api.request(`/docs/${slow}/state`)).status, 'once it is read').toBe(200)
    },
  )
})
