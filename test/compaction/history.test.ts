// FOLD-3: no fold of a document that keeps its history collects garbage, whichever client makes it.
import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { docPath, statePath, updatesPath } from 'y-electric/protocol'
import * as Y from 'yjs'
import { eventually } from '../e2e/eventually.ts'
import { DOCUMENT_BACKENDS, freshDocId, useBackend } from '../e2e/server.ts'
import { createApi, createWriter, honestProposal } from './api.ts'
import { FIRST, useHistory, wordingAt } from './keptHistory.ts'

/** Rolls and folds as often as possible. */
const EAGER = { everyMs: 100, minRows: 2, minBytes: 1, minShare: 0, slotMs: 1, graceMs: 10 }

describe.each(DOCUMENT_BACKENDS)('on %s', (name) => {
  const backend = useBackend(name)
  const stage = useHistory(backend)

  test('repeated folds by a client that collects garbage keep the history', async () => {
    const { docId, author, first } = await stage.written()
    const proposals: Uint8Array[] = []
    const agent = stage.open(docId, true, {
      compaction: EAGER,
      fetch: (input, init) => {
        const { pathname } = new URL(input instanceof Request ? input.url : input)
        const isFold = pathname.endsWith('/folds') && init?.body instanceof Uint8Array
        if (isFold) proposals.push(init.body as Uint8Array)
        return fetch(input, init)
      },
    })
    let folds = 0
    agent.provider.on('compaction', () => {
      folds += 1
    })
    const fresh = stage.open(docId, false)
    await Promise.all([agent.provider.whenSynced(), fresh.provider.whenSynced()])
    await eventually(async () => {
      author.type('.')
      await author.provider.whenSaved()
      return folds >= 3
    })
    expect(wordingAt(await stage.stored(docId), first)).toBe(FIRST)
    const late = stage.open(docId, false)
    await late.provider.whenSynced()
    expect(wordingAt(late.doc, first)).toBe(FIRST)
    // The client made the same bytes as the server, so the server needs no worker to compare them.
    expect(proposals.length).toBeGreaterThanOrEqual(3)
    for (const proposal of proposals) expect(Buffer.from(proposal).includes(FIRST)).toBe(true)
    expect(stage.server.errors).toEqual([])
  })

  test('a proposal of a client that does not know about the history is stored with the history', async () => {
    const { docId, author, first } = await stage.written()
    for (let round = 0; round < 3; round++) {
      await stage.fold(docId, true)
      expect(wordingAt(await stage.stored(docId), first)).toBe(FIRST)
      author.type('.')
      await author.provider.whenSaved()
    }
  })

  test('the client and the server make the same bytes', async () => {
    const { docId } = await stage.written()
    await stage.fold(docId, false)
    const [newest] = await stage.api.state(docId).then(({ snapshot }) => [snapshot])
    const doc = await stage.stored(docId)
    expect(newest?.data).toEqual(new Uint8Array(Y.encodeStateAsUpdateV2(doc)))
  })

  test('rows of clients that collect garbage do not change the kept history', async () => {
    const { docId, first } = await stage.written()
    const collecting = stage.open(docId, true)
    await collecting.provider.whenSynced()
    collecting.text.delete(0, collecting.text.length)
    collecting.type('third')
    await collecting.provider.whenSaved()
    await stage.fold(docId, true)
    const doc = await stage.stored(docId)
    expect(doc.getText('body').toString()).toBe('third')
    expect(wordingAt(doc, first)).toBe(FIRST)
  })

  test('a client with gc: false that only reads changes nothing', async () => {
    const docId = freshDocId()
    const writer = stage.open(docId, true)
    writer.type(FIRST)
    await writer.provider.whenSaved()
    const reader = stage.open(docId, false)
    await reader.provider.whenSynced()
    await reader.close()
    expect(await stage.isKept(docId)).toBe(false)
    const first = stage.open(docId, false)
    await first.provider.whenSynced()
    first.type('.')
    await first.provider.whenSaved()
    expect(await stage.isKept(docId)).toBe(true)
  })

  test('a fold of a document that keeps no history collects garbage', async () => {
    const docId = freshDocId()
    const writer = createWriter()
    await stage.api.append(docId, writer.type(FIRST))
    await stage.api.append(docId, writer.erase(0, FIRST.length))
    await stage.fold(docId, true)
    const { snapshot } = await stage.api.state(docId)
    if (!snapshot?.data) throw new Error('no snapshot row')
    expect(Buffer.from(snapshot.data).includes(FIRST)).toBe(false)
    expect(snapshot.data).toEqual(new Uint8Array(Y.encodeStateAsUpdateV2(writer.doc)))
  })

  test('a retry of a batch also makes the document keep its history, which begins only once', async () => {
    const docId = freshDocId()
    const writer = createWriter()
    const update = writer.type('a')
    const batchId = randomUUID()
    await stage.api.append(docId, update, batchId)
    const again = await stage.api.request(updatesPath(docId, true), {
      method: 'POST',
      body: new Uint8Array(update),
      headers: { 'content-type': 'application/octet-stream', 'idempotency-key': batchId },
    })
    expect(again.status).toBe(200)
    expect(await stage.isKept(docId)).toBe(true)
  })

  const append = (path: string, update = createWriter().type('a')) =>
    stage.api.request(path, {
      method: 'POST',
      body: new Uint8Array(update),
      headers: { 'content-type': 'application/octet-stream', 'idempotency-key': randomUUID() },
    })

  test('twenty writers that begin a document at once make one document that keeps its history', async () => {
    const docId = freshDocId()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => append(updatesPath(docId, i % 2 === 0))),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201))
    expect((await stage.api.state(docId)).rows).toHaveLength(20)
    expect(await stage.isKept(docId)).toBe(true)
  })

  test('a deleted document stays deleted, whether or not it kept its history', async () => {
    for (const kept of [true, false]) {
      const docId = freshDocId()
      await append(updatesPath(docId, kept))
      expect((await stage.api.request(docPath(docId), { method: 'DELETE' })).status).toBe(200)
      const answer = await append(updatesPath(docId, true))
      expect([answer.status, await answer.json()]).toMatchObject([
        410,
        { error: { code: 'deleted' } },
      ])
    }
  })

  test('a row too large for a live stream also makes the document keep its history, and so does its retry', async () => {
    const small = createApi(backend.current, { maxTransactionBytes: 1 })
    for (const isRetry of [false, true]) {
      const docId = freshDocId()
      const [update, batchId] = [createWriter().type('a'), randomUUID()]
      if (isRetry) await small.append(docId, update, batchId)
      const answer = await small.request(updatesPath(docId, true), {
        method: 'POST',
        body: new Uint8Array(update),
        headers: { 'content-type': 'application/octet-stream', 'idempotency-key': batchId },
      })
      expect(answer.status).toBe(isRetry ? 200 : 201)
      expect(await stage.isKept(docId)).toBe(true)
    }
  })

  test('an unknown value of the history parameter is refused', async () => {
    const response = await append(`${updatesPath(freshDocId())}?history=lose`)
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { code: 'invalid_request' } },
    ])
  })

  test('the ETag of state changes when the history begins to be kept', async () => {
    const docId = freshDocId()
    await stage.api.append(docId, createWriter().type('a'))
    const before = (await stage.api.request(statePath(docId))).headers.get('etag') ?? ''
    await backend.current.pool.query('SELECT ydoc_keep_history($1)', [docId])
    const after = await stage.api.request(statePath(docId), {
      headers: { 'if-none-match': before },
    })
    expect(after.status).toBe(200)
  })

  test('a fold that began before the history was kept is refused, and the next fold succeeds', async () => {
    const docId = freshDocId()
    const writer = createWriter()
    await stage.api.append(docId, writer.type(FIRST))
    await stage.api.append(docId, writer.erase(0, FIRST.length))
    await stage.api.roll(docId, 0)
    const data = await honestProposal(stage.api, docId, 0)
    const { pool } = backend.current
    // The trigger acts between the first statement of the fold and the last, like another connection.
    await pool.query(`
      CREATE FUNCTION test_keep_now() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN UPDATE ydoc_document SET keep_history = true WHERE doc_id = OLD.doc_id; RETURN OLD; END $$`)
    await pool.query(`
      CREATE TRIGGER test_keep_now BEFORE DELETE ON ydoc_update
      FOR EACH ROW WHEN (OLD.doc_id = '${docId}') EXECUTE FUNCTION test_keep_now()`)
    expect(await stage.api.fold(docId, 0, data)).toMatchObject({
      status: 409,
      code: 'compaction_busy',
    })
    await pool.query('DROP TRIGGER test_keep_now ON ydoc_update; DROP FUNCTION test_keep_now()')
    await pool.query('SELECT ydoc_keep_history($1)', [docId])
    expect(await stage.api.fold(docId, 0, data)).toMatchObject({ status: 201 })
    const { snapshot } = await stage.api.state(docId)
    expect(Buffer.from(snapshot?.data ?? []).includes(FIRST)).toBe(true)
  })

  test('a server of an earlier version cannot fold the document, but all its other statements work', async () => {
    const { docId } = await stage.written()
    const { pool } = backend.current
    const update = Buffer.from(createWriter().type('a'))
    await pool.query('SELECT ydoc_append($1, $2, $3)', [docId, randomUUID(), update])
    const other = freshDocId()
    await pool.query('SELECT ydoc_create($1, $2, $3, NULL)', [other, randomUUID(), update])
    await pool.query('SELECT ydoc_create($1, NULL, NULL, $2)', [freshDocId(), update])
    await pool.query(
      `INSERT INTO ydoc_snapshot (doc_id, through_segment, data) VALUES ($1, 0, '\\x00')`,
      [other],
    )
    const insert = () =>
      backend.current.pool.query(
        `INSERT INTO ydoc_snapshot (doc_id, through_segment, data) VALUES ($1, 0, '\\x00')`,
        [docId],
      )
    await expect(insert()).rejects.toMatchObject({ code: 'YD409' })
  })
})
