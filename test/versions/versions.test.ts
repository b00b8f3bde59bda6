// Versions of a document are kept by name and by age, listed, read and compared.
import { diffSnapshots, inspectDocument, openDocument, seedDocument } from '@y-electric/documents'
import { keepSnapshot, labelSnapshot, listSnapshots } from '@y-electric/server'
import { afterEach, describe, expect, test } from 'vitest'
import { SNAPSHOT_PARAM, statePath } from 'y-electric/protocol'
import type * as Y from 'yjs'
import { createApi, honestProposal } from '../compaction/api.ts'
import { DOCUMENT_BACKENDS, freshDocId, readStored, roll, useBackend } from '../e2e/server.ts'
import { isDeep } from '../harness/deep.ts'
import { rebuild } from '../harness/oracle.ts'

const writing = (text: string) => (doc: Y.Doc) => doc.getText('body').insert(0, text)

describe.each(DOCUMENT_BACKENDS)('on %s', (name) => {
  const backend = useBackend(name)
  /** Large documents take seconds, so only deep runs use them on all databases. */
  const testLarge = name === 'postgres' || isDeep ? test : null
  const open: { close(): void }[] = []
  afterEach(() => {
    for (const one of open.splice(0)) one.close()
  })
  async function opened(docId = freshDocId('version')) {
    const document = await openDocument(backend.current.pool, docId)
    open.push(document)
    return document
  }
  /** Seals and folds all rows, like a client. */
  async function fold(docId: string, options = {}): Promise<number> {
    const api = createApi(backend.current, options)
    const { activeSegment } = await api.state(docId)
    await roll(api.pool, docId)
    const proposal = await honestProposal(api, docId, activeSegment)
    const { status, body } = await api.fold(docId, activeSegment, proposal)
    expect(status).toBe(201)
    return (body as { seq: number }).seq
  }
  const textAt = async (docId: string, at?: number) => {
    const { body } = await inspectDocument(backend.current.pool, docId, {
      format: 'text',
      root: 'body',
      ...(at === undefined ? {} : { at }),
    })
    return String(body).trim()
  }

  test('versions are kept by name, listed with user and time, and read', async () => {
    const { pool } = backend.current
    const document = await opened()
    const { docId } = document
    await document.transact(writing('first'))
    const first = await keepSnapshot(pool, docId, { label: 'First draft', createdBy: 'ada' })
    expect(first).toMatchObject({
      kind: 'kept',
      throughSegment: null,
      label: 'First draft',
      createdBy: 'ada',
      foldedRows: 0,
    })
    await document.transact(writing('second '))
    const folded = await fold(docId, { authorize: () => ({ user: 'bob' }) })
    await document.transact(writing('third '))
    const third = await keepSnapshot(pool, docId, { label: 'Third' })
    expect(await listSnapshots(pool, docId)).toMatchObject([
      { seq: third.seq, kind: 'kept', label: 'Third', createdBy: null },
      { seq: folded, kind: 'fold', label: null, createdBy: 'bob', throughSegment: 0 },
      { seq: first.seq, kind: 'kept', label: 'First draft', createdBy: 'ada' },
    ])
    expect(await textAt(docId, first.seq)).toBe('first')
    expect(await textAt(docId, folded)).toBe('second first')
    expect(await textAt(docId)).toBe('third second first')
  })

  test('a kept version is not part of the document', async () => {
    const api = createApi(backend.current)
    const document = await opened()
    const { docId } = document
    await document.transact(writing('one'))
    await keepSnapshot(api.pool, docId, { label: 'kept' })
    expect(await api.state(docId)).toMatchObject({ activeSegment: 0, snapshot: null })
    expect(await api.segment(docId, 0)).toBe(200)
    const folded = await fold(docId)
    await keepSnapshot(api.pool, docId, { label: 'kept again' })
    expect((await api.state(docId)).snapshot).toMatchObject({ seq: folded, throughSegment: 0 })
    const known = await api.request(`${statePath(docId)}?${SNAPSHOT_PARAM}=${folded}`)
    expect(known.status).toBe(200)
    expect((await known.arrayBuffer()).byteLength).toBeLessThan(100)
    await document.transact(writing('two '))
    await fold(docId)
    expect(await textAt(docId)).toBe('two one')
  })

  test('unnamed versions are deleted by age, named ones are kept, and a name can be added and removed', async () => {
    const { pool } = backend.current
    // The hour may change while this runs, so the unit test of the rule covers hours and days.
    const rule = { keepHourlySnapshots: 0, keepDailySnapshots: 0 }
    const document = await opened()
    const { docId } = document
    const seqs: number[] = []
    for (let i = 0; i < 6; i++) {
      await document.transact(writing(`${i} `))
      seqs.push(await fold(docId, rule))
      if (i === 1) await labelSnapshot(pool, docId, seqs[1] ?? 0, 'named')
    }
    const left = async () => (await listSnapshots(pool, docId)).map(({ seq }) => seq)
    expect(await left()).toEqual([seqs[5], seqs[4], seqs[3], seqs[1]])
    expect(await labelSnapshot(pool, docId, seqs[1] ?? 0, null)).toMatchObject({ label: null })
    await keepSnapshot(pool, docId, { label: 'prunes as well', limits: rule })
    expect(await left()).not.toContain(seqs[1])

    // The snapshot row of the newest fold is kept however old it is.
    await pool.query(
      `UPDATE ydoc_snapshot SET created_at = now() - interval '2 months'
       WHERE doc_id = $1 AND seq = ANY($2)`,
      [docId, [seqs[3], seqs[4]]],
    )
    for (let i = 0; i < 3; i++) {
      await document.transact(writing('more '))
      seqs.push(await fold(docId, rule))
    }
    expect((await left()).filter((seq) => seqs.includes(seq))).toEqual(seqs.slice(6).reverse())
    expect(await textAt(docId)).toContain('more more more 5 4 3')
  })

  test('an older version is kept by giving it a name, or a copy of it another name', async () => {
    const { pool } = backend.current
    const document = await opened()
    const { docId } = document
    await document.transact(writing('old'))
    const folded = await fold(docId)
    await document.transact(writing('new '))
    const named = await keepSnapshot(pool, docId, { label: 'one', at: folded })
    expect(named).toMatchObject({ seq: folded, kind: 'fold', label: 'one' })
    const copy = await keepSnapshot(pool, docId, { label: 'two', at: folded, createdBy: 'ada' })
    expect(copy).toMatchObject({ kind: 'kept', label: 'two', createdBy: 'ada' })
    expect(copy.createdAt).toBe(named.createdAt)
    expect(await textAt(docId, copy.seq)).toBe('old')
  })

  test('keeping a version while others fold and keep loses no named version', async () => {
    const { pool } = backend.current
    const document = await opened()
    const { docId } = document
    for (let i = 0; i < 4; i++) {
      await document.transact(writing(`${i}`))
      await Promise.all([
        fold(docId),
        ...[1, 2, 3].map((n) => keepSnapshot(pool, docId, { label: `${i}.${n}` })),
      ])
    }
    const snapshots = await listSnapshots(pool, docId)
    expect(snapshots.filter(({ label }) => label !== null)).toHaveLength(12)
    expect(snapshots.filter(({ kind }) => kind === 'fold')).toHaveLength(3)
    for (const { seq } of snapshots) expect(await textAt(docId, seq)).toMatch(/^[0-3]+$/)
    expect(
      rebuild(await readStored(pool, docId))
        .getText('body')
        .toString(),
    ).toBe('3210')
  })

  test('versions are compared with each other and with now', async () => {
    const { pool } = backend.current
    const document = await opened()
    const { docId } = document
    await document.transact((doc) => {
      writing('The quick fox.')(doc)
      doc.getMap('meta').set('state', 'draft')
    })
    const { seq: from } = await keepSnapshot(pool, docId, { label: 'draft' })
    await document.transact((doc) => {
      doc.getText('body').insert(10, 'brown ')
      doc.getMap('meta').set('state', 'final')
    })
    const { seq: to } = await keepSnapshot(pool, docId, { label: 'final' })
    const expected = {
      docId,
      from,
      isCut: false,
      changes: [
        {
          type: 'text',
          path: ['body'],
          parts: [
            { type: 'same', text: 'The quick ' },
            { type: 'added', text: 'brown ' },
            { type: 'same', text: 'fox.' },
          ],
        },
        { type: 'changed', path: ['meta', 'state'], before: 'draft', after: 'final' },
      ],
    }
    expect(await diffSnapshots(pool, docId, { from, to })).toMatchObject({ ...expected, to })
    expect(await diffSnapshots(pool, docId, { from, to: 'now' })).toMatchObject({
      ...expected,
      to: 'now',
    })
    expect(await diffSnapshots(pool, docId, { from: to, to: 'now' })).toMatchObject({ changes: [] })
  })

  testLarge?.('versions of five megabytes are compared within the limits', async () => {
    const { pool } = backend.current
    const docId = freshDocId('large')
    const lines = Array.from(
      { length: 100_000 },
      (_, i) => `Line ${i} of a long document, with words.`,
    )
    await seedDocument(pool, docId, writing(lines.join('\n')))
    const { seq } = await keepSnapshot(pool, docId, { label: 'long' })
    const document = await opened(docId)
    await document.transact((doc) => {
      for (let i = 0; i < 50; i++) doc.getText('body').insert(i * 80_000, ' changed ')
    })
    const began = performance.now()
    const { changes, isCut } = await diffSnapshots(pool, docId, { from: seq, to: 'now' })
    expect(performance.now() - began).toBeLessThan(30_000)
    expect(isCut).toBe(false)
    const parts = changes[0]?.type === 'text' ? changes[0].parts : []
    expect(JSON.stringify(changes).length).toBeLessThan(50_000)
    expect(parts.filter(({ type }) => type === 'added').length).toBeGreaterThanOrEqual(50)
  })

  test('missing versions and invalid names are refused', async () => {
    const { pool } = backend.current
    const document = await opened()
    await document.transact(writing('x'))
    const { docId } = document
    const missing = { code: 'not_found' }
    await expect(keepSnapshot(pool, freshDocId(), { label: 'x' })).rejects.toMatchObject(missing)
    await expect(labelSnapshot(pool, docId, 10 ** 9, 'x')).rejects.toMatchObject(missing)
    await expect(keepSnapshot(pool, docId, { label: 'x', at: 10 ** 9 })).rejects.toMatchObject(
      missing,
    )
    const other = await opened()
    await other.transact(writing('y'))
    const { seq } = await keepSnapshot(pool, other.docId, { label: 'of another document' })
    await expect(diffSnapshots(pool, docId, { from: seq, to: 'now' })).rejects.toMatchObject(
      missing,
    )
    for (const label of ['', '  ', 'x'.repeat(201), 'a\0b']) {
      await expect(keepSnapshot(pool, docId, { label })).rejects.toMatchObject({
        code: 'invalid_request',
      })
    }
  })
})
