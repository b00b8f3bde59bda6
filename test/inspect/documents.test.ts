// Lists and inspects documents, and reads their stats, on both databases.
import { randomUUID } from 'node:crypto'
import {
  documentStats,
  type Format,
  inspectDocument,
  readContent,
  verifyDocument,
} from '@y-electric/documents'
import { listDocuments } from '@y-electric/server'
import { beforeAll, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { documentBackends } from '../harness/database.ts'
import { loadHistory } from '../harness/history.ts'
import { replayInMemory } from '../harness/historyReplay.ts'
import { expectConverged } from '../harness/oracle.ts'
import { useTestDatabase } from '../harness/sharedDatabase.ts'
import { EVERYTHING, tiptapDoc } from './schema.ts'
import { append, fold, migrated, recorded, wholeOf } from './stored.ts'

describe.each(documentBackends)('on %s', (backend) => {
  const shared = useTestDatabase(backend)
  const pool = () => shared.database.pool
  beforeAll(() => migrated(pool()))

  const inspect = async (docId: string, format: Format, more = {}) =>
    (await inspectDocument(pool(), docId, { format, ...more })).body

  test('lists documents by prefix, page by page, with size and last change', async () => {
    const prefix = `list-${randomUUID()}-`
    const { doc, updates } = recorded()
    doc.getText('t').insert(0, 'hello')
    const ids = ['a', 'b', 'c', 'd', 'e'].map((letter) => prefix + letter)
    for (const id of ids) await append(pool(), id, ...updates)
    await fold(pool(), `${prefix}b`)

    const first = await listDocuments(pool(), { prefix, limit: 3 })
    expect(first.documents.map(({ docId }) => docId)).toEqual(ids.slice(0, 3))
    expect(first.next).toBe(`${prefix}c`)
    const second = await listDocuments(pool(), { prefix, limit: 3, after: first.next ?? '' })
    expect(second.documents.map(({ docId }) => docId)).toEqual(ids.slice(3))
    expect(second.next).toBeNull()
    expect(await listDocuments(pool(), { prefix, limit: 5 })).toMatchObject({ next: null })
    expect(await listDocuments(pool(), { prefix: `${prefix}zz` })).toEqual({
      documents: [],
      next: null,
    })

    const [plain, folded] = first.documents
    expect(plain).toMatchObject({ rows: 1, snapshotRows: 0, deletedAt: null })
    expect(plain?.bytes).toBe(updates[0]?.byteLength)
    expect(folded).toMatchObject({ rows: 0, snapshotRows: 1 })
    for (const { createdAt, changedAt } of first.documents) {
      expect(Date.parse(changedAt)).toBeGreaterThanOrEqual(Date.parse(createdAt))
    }
    // A prefix is text, not a pattern.
    expect((await listDocuments(pool(), { prefix: '%' })).documents).toEqual([])
    await expect(listDocuments(pool(), { limit: 1001 })).rejects.toMatchObject({
      code: 'invalid_request',
    })
  })

  test('reads a document and its older versions in every format, folded or not', async () => {
    const docId = randomUUID()
    const doc = tiptapDoc(EVERYTHING)
    const updates = [wholeOf(doc)]
    doc.on('update', (update: Uint8Array) => updates.push(update))
    await append(pool(), docId, ...updates)
    const before = await Promise.all([inspect(docId, 'html'), inspect(docId, 'prosemirror')])
    const at = await fold(pool(), docId)
    expect(await inspect(docId, 'html')).toBe(before[0])

    doc.getXmlFragment('default').delete(0, 20)
    await append(pool(), docId, updates.at(-1) as Uint8Array)
    expect(await inspect(docId, 'html')).not.toBe(before[0])
    expect(await inspect(docId, 'html', { at })).toBe(before[0])
    expect(await inspect(docId, 'prosemirror', { at })).toBe(before[1])
    for (const format of ['json', 'text', 'markdown'] as const) {
      expect(await inspect(docId, format)).not.toBe(await inspect(docId, format, { at }))
    }
    await expect(inspect(docId, 'html', { at: at + 1_000 })).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(inspect(randomUUID(), 'html')).rejects.toMatchObject({ code: 'not_found' })
  })

  test.each(['update', 'update-v2'] as const)(
    'the format %s contains the document with all its edits',
    async (format) => {
      const docId = randomUUID()
      const { doc, updates } = recorded()
      doc.getText('text').insert(0, 'one two three')
      doc.getText('text').format(0, 3, { bold: true })
      doc.getText('text').delete(3, 4)
      doc.getMap('map').set('sub', new Y.Doc({ guid: 'inner' }))
      doc.getArray('array').push([1, new Uint8Array([1, 2]), new Y.Map([['k', 1]])])
      await append(pool(), docId, ...updates.slice(0, 3))
      await fold(pool(), docId)
      await append(pool(), docId, ...updates.slice(3))
      const exported = (await inspect(docId, format)) as Uint8Array
      expectConverged([doc, readContent(format, exported)])
    },
  )

  test('plays back recorded histories', async () => {
    for (const name of ['editor-session.json.gz', 'one-writer.json', 'two-writers.json']) {
      const docId = `${name}-${randomUUID()}`
      const history = await loadHistory(`test/data/histories/${name}`)
      const all = new Y.Doc()
      let count = 0
      const last: Uint8Array[] = []
      for (const { update } of replayInMemory(history)) {
        Y.applyUpdate(all, update)
        last.push(update)
        count++
      }
      await append(pool(), docId, ...last.slice(0, 40))
      if (count > 40) {
        await fold(pool(), docId)
        await append(pool(), docId, Y.mergeUpdates(last.slice(40)))
      }
      expect(await inspect(docId, 'text')).toBe(all.getText('body').toString())
      expect(all.getText('body').toString()).toBe(history.endContent)
      expect(await documentStats(pool(), docId)).toMatchObject({ pending: null, unreadableRows: 0 })
    }
  })

  test('a bad row hides no other row, and is counted', async () => {
    const docId = randomUUID()
    const { doc, updates } = recorded(7)
    for (const word of ['one ', 'two ', 'three'])
      doc.getText('t').insert(doc.getText('t').length, word)
    await append(
      pool(),
      docId,
      updates[0] as Uint8Array,
      Uint8Array.of(9, 9, 9),
      ...updates.slice(1),
    )
    expect(await inspect(docId, 'text')).toBe('one two three')
    expect(await documentStats(pool(), docId)).toMatchObject({ rows: 4, unreadableRows: 1 })
    expect(await verifyDocument(pool(), docId)).toMatchObject({ sound: false, rows: 4 })
    expect(await verifyDocument(pool(), docId, { repair: true })).toMatchObject({ sound: true })
    expect(await verifyDocument(pool(), docId)).toMatchObject({ rows: 3, findings: [] })
  })

  test('an unreadable newest snapshot row is reported as corrupt, and an older one can still be read', async () => {
    const docId = randomUUID()
    const { doc, updates } = recorded()
    doc.getText('t').insert(0, 'first')
    await append(pool(), docId, ...updates)
    const at = await fold(pool(), docId)
    doc.getText('t').insert(0, 'second ')
    await append(pool(), docId, ...updates.slice(1))
    const newest = await fold(pool(), docId)
    await pool().query(
      'UPDATE ydoc_snapshot SET data = substring(data FROM 1 FOR length(data) - 3) WHERE seq = $1',
      [newest],
    )
    for (const format of ['text', 'update', 'stats'] as const) {
      await expect(inspect(docId, format)).rejects.toMatchObject({
        code: 'corrupt',
        message: expect.stringContaining('verify') as string,
      })
    }
    expect(await inspect(docId, 'text', { at })).toBe('first')
  })

  test('stats list the share of each writer, the pending content and the missing edits', async () => {
    const docId = randomUUID()
    const { doc, updates } = recorded(1)
    doc.getText('text').insert(0, 'hello world')
    doc.getText('text').delete(0, 6)
    doc.getMap('map').set('a', 1)
    doc.getArray('array').push(['x', 'y'])
    const other = recorded(2)
    Y.applyUpdate(other.doc, wholeOf(doc))
    other.updates.length = 0
    other.doc.getText('text').insert(5, '!!')
    await append(pool(), docId, ...updates, ...other.updates)
    const at = await fold(pool(), docId)
    other.doc.getText('text').insert(0, 'lost ')
    other.doc.getText('text').insert(5, 'waits')
    await append(pool(), docId, other.updates.at(-1) as Uint8Array)

    const stats = await documentStats(pool(), docId)
    expect(stats).toMatchObject({
      docId,
      at: null,
      rows: 1,
      bytes: other.updates.at(-1)?.byteLength,
      segments: { active: 1, folded: 0, sealed: 0 },
      deleted: 6,
      unreadableRows: 0,
      pending: { structs: 1, waitsFor: [{ client: 2, clock: 2, length: 5 }] },
      roots: [
        { name: 'array', type: 'array', size: 2, characters: 0 },
        { name: 'map', type: 'map', size: 1, characters: 0 },
        { name: 'text', type: 'text', size: 7, characters: 7 },
      ],
    })
    expect(stats.writers).toEqual([
      { client: 1, structs: expect.any(Number) as number, characters: 5, ids: 14, share: 14 / 16 },
      { client: 2, structs: 1, characters: 2, ids: 2, share: 2 / 16 },
    ])
    const [snapshot] = stats.snapshotRows
    expect(snapshot).toMatchObject({ seq: at, foldedRows: 5 })
    expect(snapshot?.ratio).toBeCloseTo((snapshot?.bytes ?? 0) / (snapshot?.foldedBytes ?? 1))
    expect(Date.parse(stats.changedAt)).toBeGreaterThanOrEqual(Date.parse(stats.createdAt))
    expect(await documentStats(pool(), docId, { at })).toMatchObject({ at, pending: null })
    expect(JSON.parse((await inspect(docId, 'stats')) as string)).toEqual(stats)
  })
})
