// The state route reads everything that is stored in one consistent read, which includes all rows that
// were committed before.
import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { describe, expect, test } from 'vitest'
import { decodeState, STATE_MEDIA_TYPE, type State } from 'y-electric/protocol'
import {
  DOCUMENT_BACKENDS,
  freshDocId,
  readUpdateRows,
  roll,
  serveApp,
  type TestServer,
  useBackend,
} from '../e2e/server.ts'
import { getState, postUpdate } from './api.ts'

const read = async (server: TestServer, docId: string, query = ''): Promise<State> => {
  const response = await getState(server, docId, query)
  expect(response.status).toBe(200)
  return decodeState(new Uint8Array(await response.arrayBuffer()))
}

describe.each(DOCUMENT_BACKENDS)('on %s', (name) => {
  const backend = useBackend(name)
  const serve = (options = {}) => serveApp({ backend: backend.current, ...options })

  test('a document that was never written is empty, and reading it creates nothing', async () => {
    const server = await serve()
    const docId = freshDocId()
    expect(await read(server, docId)).toEqual({ activeSegment: 0, snapshot: null, rows: [] })
    const { rows } = await server.pool.query('SELECT 1 FROM ydoc_document WHERE doc_id = $1', [
      docId,
    ])
    expect(rows).toEqual([])
    await server.close()
  })

  test('the state contains the rows without seals, ordered by segment and seq, and the snapshot row', async () => {
    const server = await serve()
    const docId = freshDocId()
    for (let segment = 0; segment < 3; segment++) {
      await postUpdate(server, docId)
      await postUpdate(server, docId)
      await roll(server.pool, docId)
    }
    await postUpdate(server, docId)
    const all = (await readUpdateRows(server.pool, docId))
      .filter(({ data }) => data.byteLength > 0)
      .map(({ seq, segment, data }) => ({ seq, segment, data }))
    expect(await read(server, docId)).toEqual({ activeSegment: 3, snapshot: null, rows: all })

    const bytes = new Uint8Array([1, 2, 3])
    const { rows } = await server.pool.query<{ seq: string }>(
      `INSERT INTO ydoc_snapshot (doc_id, through_segment, data) VALUES ($1, 0, '\\x00'), ($1, 1, $2)
       RETURNING seq`,
      [docId, Buffer.from(bytes)],
    )
    const seq = Number(rows[1]?.seq)
    const left = all.filter(({ segment }) => segment > 1)
    expect(await read(server, docId)).toEqual({
      activeSegment: 3,
      snapshot: { seq, throughSegment: 1, data: bytes },
      rows: left,
    })
    expect(await read(server, docId, `?snapshot=${seq}`)).toEqual({
      activeSegment: 3,
      snapshot: { seq, throughSegment: 1, data: null },
      rows: left,
    })
    // Only the newest snapshot row may be omitted because the client has it.
    expect((await read(server, docId, `?snapshot=${rows[0]?.seq}`)).snapshot?.data).toEqual(bytes)
    await server.close()
  })

  test('the state is answered with 304 while nothing has changed, and has another ETag afterwards', async () => {
    const server = await serve()
    const docId = freshDocId()
    await postUpdate(server, docId)
    const first = await getState(server, docId)
    await first.arrayBuffer()
    const etag = first.headers.get('etag') ?? ''
    expect(first.headers.get('content-type')).toBe(STATE_MEDIA_TYPE)
    const ask = (value: string) => getState(server, docId, '', { 'if-none-match': value })
    for (const [value, tag] of [
      [etag, etag],
      [`W/${etag}`, `W/${etag}`],
      [`"other", ${etag}`, etag],
    ] as const) {
      const again = await ask(value)
      expect([again.status, await again.text()]).toEqual([304, ''])
      expect(again.headers.get('etag')).toBe(tag)
    }
    expect((await ask('"other"')).status).toBe(200)
    await postUpdate(server, docId)
    expect((await ask(etag)).status).toBe(200)
    await server.close()
  })

  test('the state is private, unless a CDN may cache it', async () => {
    const [server, open] = [await serve(), await serve({ publicCache: true })]
    const closed = await getState(server, freshDocId())
    expect(closed.headers.get('cache-control')).toBe('private, no-cache')
    expect(closed.headers.get('vary')).toBe('authorization, cookie')
    const shared = await getState(open, freshDocId())
    expect(shared.headers.get('cache-control')).toBe('public, no-cache')
    expect(shared.headers.get('vary')).toBeNull()
    await Promise.all([server.close(), open.close()])
  })
})

describe('concurrent readers', () => {
  const backend = useBackend()

  /** A pool that delays the results of state reads until the test releases them. */
  function gatedPool(pool: pg.Pool) {
    const reads: (() => void)[] = []
    const query = async (...parameters: Parameters<pg.Pool['query']>) => {
      const result = await pool.query(...parameters)
      const [statement] = parameters as unknown as [{ name?: string }]
      if (statement.name === 'ydoc_state') await new Promise<void>((resolve) => reads.push(resolve))
      return result
    }
    return { pool: { query } as unknown as pg.Pool, reads }
  }
  const until = async (check: () => boolean) => {
    while (!check()) await new Promise((resolve) => setImmediate(resolve))
  }
  /** Waits until a request has reached the point where it waits. */
  const settle = async () => {
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 2))
  }

  test('share reads, but no read that started before their own request', async () => {
    const gated = gatedPool(backend.current.pool)
    const server = await serveApp({ backend: { pool: gated.pool, shapes: backend.current.shapes } })
    const docId = freshDocId()
    const writer = await serveApp({ backend: backend.current })

    const early = read(server, docId)
    await until(() => gated.reads.length === 1)
    await postUpdate(writer, docId)
    const late = [read(server, docId), read(server, docId), read(server, docId)]
    await settle()
    expect(gated.reads).toHaveLength(1)
    gated.reads[0]?.()
    expect((await early).rows).toHaveLength(0)
    await until(() => gated.reads.length === 2)
    gated.reads[1]?.()
    for (const state of await Promise.all(late)) expect(state.rows).toHaveLength(1)
    expect(gated.reads).toHaveLength(2)
    await Promise.all([server.close(), writer.close()])
  })

  test('do not share reads of different documents, or with another snapshot row', async () => {
    const gated = gatedPool(backend.current.pool)
    const server = await serveApp({ backend: { pool: gated.pool, shapes: backend.current.shapes } })
    const docId = freshDocId()
    const reads = [
      read(server, docId),
      read(server, docId, '?snapshot=5'),
      read(server, `5/${docId}`),
      read(server, freshDocId()),
    ]
    // PGlite has one connection, so the reads run one after the other.
    for (let i = 0; i < reads.length; i++) {
      await until(() => gated.reads.length > i)
      gated.reads[i]?.()
    }
    await Promise.all(reads)
    expect(gated.reads).toHaveLength(reads.length)
    await server.close()
  })

  test('see everything that was acked before their request, however many clients write', async () => {
    const server = await serveApp({ backend: backend.current })
    const docId = freshDocId()
    let acked = 0
    let writing = true
    const writers = Array.from({ length: 4 }, async () => {
      while (writing) {
        await postUpdate(server, docId, { batchId: randomUUID() })
        acked += 1
      }
    })
    const readers = Array.from({ length: 8 }, async () => {
      for (let i = 0; i < 8; i++) {
        const before = acked
        expect((await read(server, docId)).rows.length).toBeGreaterThanOrEqual(before)
      }
    })
    await Promise.all(readers).finally(() => {
      writing = false
    })
    await Promise.all(writers)
    await server.close()
  })
})
