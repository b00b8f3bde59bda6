// The parts of an answer that only a joining client gets: where to follow the active segment, and, if its document is empty, the
// content of many rows as one update.
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { decodeJoin, decodeState, JOIN_PARAM, JOIN_ROWS, JOIN_WHOLE } from 'y-electric/protocol'
import * as Y from 'yjs'
import { openClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { createGate } from '../e2e/gate.ts'
import {
  DOCUMENT_BACKENDS,
  freshDocId,
  readUpdateRows,
  roll,
  serveApp,
  type TestServer,
  useBackend,
} from '../e2e/server.ts'
import { BAD_ROWS } from '../harness/badRows.ts'
import { getState, postUpdate } from './api.ts'

const join = async (server: TestServer, docId: string, kind: string) => {
  const response = await getState(server, docId, `?${JOIN_PARAM}=${kind}`)
  expect(response.status).toBe(200)
  const bytes = new Uint8Array(await response.arrayBuffer())
  return { bytes, ...decodeJoin(bytes) }
}

const plain = async (server: TestServer, docId: string) =>
  decodeState(new Uint8Array(await (await getState(server, docId)).arrayBuffer()))

/** A document whose author writes and deletes words, a row each. */
function history(words: number): { readonly doc: Y.Doc; readonly updates: readonly Uint8Array[] } {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  const text = doc.getText('body')
  for (let word = 0; word < words; word++) {
    text.insert(text.length, `word${word} `)
    if (word % 3 === 0) text.delete(text.length - 4, 4)
  }
  return { doc, updates }
}

async function write(server: TestServer, docId: string, updates: readonly Uint8Array[]) {
  for (const update of updates) {
    expect((await postUpdate(server, docId, { body: new Uint8Array(update) })).status).toBe(201)
  }
}

function built(updates: readonly Uint8Array[], gc = true): Y.Doc {
  const doc = new Y.Doc({ gc })
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, update)
  })
  return doc
}

/** Writes a row, and follows segment 0 from a place until the row arrives. @returns every seq that arrived */
async function writeAndFollow(
  server: TestServer,
  docId: string,
  from: ReturnType<typeof decodeJoin>['follow'],
) {
  const answer = await postUpdate(server, docId)
  const { seq } = (await answer.json()) as { seq: number }
  const arrived: number[] = []
  // Electric may deliver once more what state has; a live request is answered when there is something.
  let place = from ?? { handle: '', offset: '' }
  while (!arrived.includes(seq)) {
    const query = new URLSearchParams({ ...place, live: 'true' })
    const response = await fetch(`${server.url}/docs/${docId}/segments/0?${query}`)
    expect(response.status).toBe(200)
    const messages = (await response.json()) as { value?: { seq: string } }[]
    for (const { value } of messages) if (value !== undefined) arrived.push(Number(value.seq))
    place = { ...place, offset: response.headers.get('electric-offset') ?? '' }
  }
  return { seq, arrived }
}

describe.each(DOCUMENT_BACKENDS)('on %s', (name) => {
  const backend = useBackend(name)
  const serve = (options = {}) =>
    serveApp({ backend: backend.current, minMergedBytes: 1, ...options })

  test('a history that is not compacted takes at most 1.3 times the bytes of the document, and names every row', async () => {
    const server = await serve()
    const docId = freshDocId()
    const { doc, updates } = history(120)
    await write(server, docId, updates.slice(0, 60))
    await roll(server.pool, docId)
    await write(server, docId, updates.slice(60))
    const { rows } = await plain(server, docId)

    const { bytes, merged, state } = await join(server, docId, JOIN_WHOLE)
    const v2 = Y.encodeStateAsUpdateV2(doc).byteLength
    expect(gzipSync(bytes).byteLength).toBeLessThan(1.3 * v2)
    expect(state).toEqual({ activeSegment: 1, snapshot: null, rows: [] })
    expect(merged?.rows).toEqual(rows.map(({ seq, segment }) => ({ seq, segment })))
    const active = rows.filter(({ segment }) => segment === 1)
    expect(merged?.activeBytes).toBe(active.reduce((sum, { data }) => sum + data.byteLength, 0))
    const read = built([merged?.data ?? new Uint8Array()])
    expect(Y.encodeStateAsUpdateV2(read)).toEqual(Y.encodeStateAsUpdateV2(built(updates)))
    await server.close()
  })

  test('rows that cannot be used or wait for others stay rows (READ-1)', async () => {
    const server = await serve()
    const docId = freshDocId()
    const { updates } = history(60)
    const [missing, ...sent] = updates as [Uint8Array, ...Uint8Array[]]
    const other = history(40)
    await write(server, docId, other.updates)
    await write(server, docId, sent.slice(0, 2))
    const [[, makeBad] = []] = BAD_ROWS
    const bad = makeBad?.(7) ?? new Uint8Array()
    await server.pool.query('INSERT INTO ydoc_update (doc_id, segment, data) VALUES ($1, 0, $2)', [
      docId,
      Buffer.from(bad),
    ])
    const stored = await readUpdateRows(server.pool, docId)
    const { merged, state } = await join(server, docId, JOIN_WHOLE)
    expect(state.rows.map(({ seq }) => seq)).toEqual(stored.slice(-3).map(({ seq }) => seq))
    expect(merged?.rows.map(({ seq }) => seq)).toEqual(stored.slice(0, -3).map(({ seq }) => seq))
    const rows = state.rows.slice(0, 2).map(({ data }) => data)
    const read = built([merged?.data ?? new Uint8Array(), ...rows, missing])
    expect(Y.encodeStateVector(read)).toEqual(
      Y.encodeStateVector(built([...other.updates, missing, ...sent.slice(0, 2)])),
    )
    await server.close()
  })

  test('a document that keeps its history keeps deleted content in the merged update', async () => {
    const server = await serve()
    const docId = freshDocId()
    const { updates } = history(90)
    await write(server, docId, updates)
    await server.pool.query('UPDATE ydoc_document SET keep_history = true WHERE doc_id = $1', [
      docId,
    ])
    const { merged } = await join(server, docId, JOIN_WHOLE)
    const kept = built([merged?.data ?? new Uint8Array()], false)
    expect(Y.encodeStateAsUpdate(kept)).toEqual(Y.encodeStateAsUpdate(built(updates, false)))
    await server.close()
  })

  test('nothing is merged for a client that compares rows, in a small document, or after a snapshot row', async () => {
    const [server, careful] = [await serve(), await serve({ minMergedBytes: 1_000_000 })]
    const docId = freshDocId()
    const { updates } = history(60)
    await write(server, docId, updates)
    const { rows } = await plain(server, docId)
    for (const [answering, kind] of [
      [server, JOIN_ROWS],
      [careful, JOIN_WHOLE],
    ] as const) {
      const { merged, state } = await join(answering, docId, kind)
      expect(merged).toBeNull()
      expect(state.rows).toEqual(rows)
    }
    await server.pool.query(
      'INSERT INTO ydoc_snapshot (doc_id, through_segment, data) VALUES ($1, -1, $2)',
      [docId, Buffer.from(Y.encodeStateAsUpdateV2(new Y.Doc()))],
    )
    const after = await join(server, docId, JOIN_WHOLE)
    expect(after.merged).toBeNull()
    expect(after.state.rows).toEqual(rows)
    await Promise.all([server.close(), careful.close()])
  })

  test('a joiner follows the active segment from an offset after which only later rows arrive', async () => {
    const server = await serve()
    const docId = freshDocId()
    const { updates } = history(20)
    await write(server, docId, updates)
    const { follow, state } = await join(server, docId, JOIN_ROWS)
    expect(follow).not.toBeNull()
    const known = new Set(state.rows.map(({ seq }) => seq))
    expect(known.size).toBe(updates.length)
    const { seq, arrived } = await writeAndFollow(server, docId, follow)
    expect(arrived.filter((other) => other !== seq && !known.has(other))).toEqual([])
    await server.close()
  })

  test('while a client follows a document, joiners cost no request to the shape service', async () => {
    const { pool, shapes } = backend.current
    let requests = 0
    const counted = (request: Request) => {
      requests++
      return (shapes.fetch ?? fetch)(request)
    }
    const server = await serve({ backend: { pool, shapes: { ...shapes, fetch: counted } } })
    const docId = freshDocId()
    const client = openClient({ url: server.url, docId, live: 'sse' })
    await client.provider.whenSynced()
    client.type('first')
    await client.provider.whenSaved()
    const { updates } = history(20)
    await write(server, docId, updates)
    await eventually(() => {
      expect(client.doc.getText('body').toString()).toContain('word19')
    })

    // A stream of Electric that brought a backlog ends, and its follower requests the next one at any time.
    const { follow, state } = await eventually(async () => {
      const before = requests
      const joined = await join(server, docId, JOIN_ROWS)
      expect(requests).toBe(before)
      return joined
    })
    const known = new Set(state.rows.map(({ seq }) => seq))
    expect(known.size).toBe(updates.length + 1)
    const { seq, arrived } = await writeAndFollow(server, docId, follow)
    expect(arrived.filter((other) => other !== seq && !known.has(other))).toEqual([])

    // Without a client that follows, the shape service is asked.
    await client.close()
    await eventually(async () => {
      const last = requests
      expect((await join(server, docId, JOIN_ROWS)).follow).not.toBeNull()
      expect(requests).toBeGreaterThan(last)
    })
    await server.close()
  })

  test('a joiner is not sent to a shape that was refused, even while a stalled stream of it is open', async () => {
    const { pool, shapes } = backend.current
    /** Streams whose connection has died without a word: neither events nor an end arrive. */
    const stalled = async (request: Request) => {
      const answer = await (shapes.fetch ?? fetch)(request)
      const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream')
      return isStream ? new Response(new ReadableStream(), answer) : answer
    }
    const server = await serve({ backend: { pool, shapes: { ...shapes, fetch: stalled } } })
    const docId = freshDocId()
    await write(server, docId, history(20).updates)
    const client = openClient({ url: server.url, docId, live: 'sse' })
    await client.provider.whenSynced()
    const { follow } = await join(server, docId, JOIN_ROWS)
    await backend.current.dropShape(docId, 0)
    const refused = await fetch(
      `${server.url}/docs/${docId}/segments/0?${new URLSearchParams({ ...follow })}`,
    )
    expect(refused.status).toBe(409)
    const next = await join(server, docId, JOIN_ROWS)
    expect(next.follow).not.toBeNull()
    expect(next.follow?.handle).not.toBe(follow?.handle)
    await writeAndFollow(server, docId, next.follow)
    await client.close()
    await server.close()
  })

  test('a client whose document gets an edit while its state is read reads it again, row by row', async () => {
    const server = await serve()
    const docId = freshDocId()
    const { doc, updates } = history(60)
    await write(server, docId, updates)
    const gate = createGate()
    const held = gate.hold('state', 'answers')
    const client = openClient({ url: server.url, docId, fetch: gate.fetch })
    const calm = openClient({ url: server.url, docId })
    await held.arrived
    client.type('mine')
    held.release()
    await Promise.all([client, calm].map(({ provider }) => provider.whenSynced()))
    const reads = gate.calls.filter(({ route }) => route === 'state')
    expect(reads.map(({ url }) => url.searchParams.get(JOIN_PARAM))).toEqual([
      JOIN_WHOLE,
      JOIN_ROWS,
    ])
    expect(calm.text.toString()).toContain(doc.getText('body').toString())
    await client.provider.whenSaved()
    expect(client.text.toString().replace('mine', '')).toBe(doc.getText('body').toString())
    await Promise.all([client.close(), calm.close()])
    await server.close()
  })
})
