// The parts of an answer that only a joining client gets: where to follow the active segment, and, if its document is empty, the
// content of many rows as one update.
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { decodeJoin, decodeState, JOIN_PARAM, JOIN_ROWS, JOIN_WHOLE } from 'y-electric/protocol'
import * as Y from 'yjs'
import { openClient } from '../e2e/client.ts'
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
    const answer = await postUpdate(server, docId)
    const { seq } = (await answer.json()) as { seq: number }
    const arrived: number[] = []
    // Electric may deliver once more what state has; a live request is answered when there is something.
    let place = follow ?? { handle: '', offset: '' }
    while (!arrived.includes(seq)) {
      const query = new URLSearchParams({ ...place, live: 'true' })
      const response = await fetch(`${server.url}/docs/${docId}/segments/0?${query}`)
      expect(response.status).toBe(200)
      const messages = (await response.json()) as { value?: { seq: string } }[]
      for (const { value } of messages) if (value !== undefined) arrived.push(Number(value.seq))
      place = { ...place, offset: response.headers.get('electric-offset') ?? '' }
    }
    expect(arrived.filter((other) => other !== seq && !known.has(other))).toEqual([])
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
