// Reading, folding, verifying, exporting and compacting work although bad rows are stored.
import { randomUUID } from 'node:crypto'
import {
  copyDocument,
  documentStats,
  FORMAT_NAMES,
  inspectDocument,
  openDocument,
  restoreSnapshot,
  verifyDocument,
} from '@y-electric/documents'
import { keepSnapshot } from '@y-electric/server'
import { beforeAll, describe, expect, test } from 'vitest'
import { encodeFold, isSoundRow } from 'y-electric/protocol'
import * as Y from 'yjs'
import { honestProposal } from '../compaction/api.ts'
import { BAD_ROWS, PROTO_ROW } from '../harness/badRows.ts'
import { backends } from '../harness/database.ts'
import { isDeep } from '../harness/deep.ts'
import { expectConverged, rebuild } from '../harness/oracle.ts'
import { pickBelow, seededRandom } from '../harness/random.ts'
import { useTestDatabase } from '../harness/sharedDatabase.ts'
import { historyAtRandom } from '../simulation/edits.ts'
import { apiOf, append, fold, migrated, recorded } from './stored.ts'

const SEEDS = isDeep ? 300 : 2

// Each read starts workers, so only deep runs use both databases.
describe.each(isDeep ? backends : (['postgres'] as const))('on %s', (backend) => {
  const shared = useTestDatabase(backend)
  const pool = () => shared.database.pool
  const query = async (sql: string, ...values: unknown[]) =>
    (await pool().query<Record<string, unknown>>(sql, values)).rows
  beforeAll(() => migrated(pool()))

  /** Reads the document as the server exports it. */
  async function exported(docId: string): Promise<Y.Doc> {
    const { body } = await inspectDocument(pool(), docId, { format: 'update' })
    const doc = new Y.Doc()
    Y.applyUpdate(doc, body as Uint8Array)
    return doc
  }

  const namedBy = async (docId: string, options = {}) =>
    (await verifyDocument(pool(), docId, options)).findings.map(
      ({ code, seq, repaired }) => `${code} ${seq}${repaired ? ' repaired' : ''}`,
    )

  /** Stores a text with a bad row in the middle. @returns the seq of the bad row */
  async function planted(bad: Uint8Array) {
    const docId = randomUUID()
    const { doc, updates } = recorded(77)
    for (const word of ['one ', 'two ', 'three'])
      doc.getText('t').insert(doc.getText('t').length, word)
    doc.getMap('map').set('key', 'value')
    const seqs = await append(pool(), docId, ...updates.slice(0, 2), bad, ...updates.slice(2))
    return { docId, doc, updates, badSeq: seqs[2] ?? 0 }
  }

  /** Stores a document with a bad row of every kind between valid ones, under the client ids of valid rows. */
  async function plantedWithAll() {
    const docId = randomUUID()
    const { doc, updates } = recorded(77)
    const bad = new Map<number, Uint8Array>()
    for (const [i, [, make]] of BAD_ROWS.entries()) {
      doc.getText('t').insert(0, `${i} `)
      doc.getMap('map').set('key', i)
      await append(pool(), docId, ...updates.splice(0))
      const [seq = 0] = await append(pool(), docId, make(i % 2 === 0 ? 77 : 78))
      bad.set(seq, make(i % 2 === 0 ? 77 : 78))
    }
    return { docId, doc, bad }
  }

  test('every read omits bad rows of every kind, and verify names each', async () => {
    const { docId, doc, bad } = await plantedWithAll()
    expectConverged([await exported(docId), doc])
    for (const format of FORMAT_NAMES) {
      const choice = { format, root: 't', type: 'text' } as const
      expect(await inspectDocument(pool(), docId, choice)).toBeDefined()
    }
    const stats = await documentStats(pool(), docId)
    expect(stats).toMatchObject({ pending: null, unreadableRows: bad.size })
    expect(await namedBy(docId)).toEqual([...bad.keys()].map((seq) => `row_unreadable ${seq}`))
    const opened = await openDocument(pool(), docId)
    expectConverged([opened.doc, doc])
    opened.close()
  })

  test('folds carry over bad rows of every kind, and repair sets them aside unchanged', async () => {
    const { docId, doc, bad } = await plantedWithAll()
    await fold(pool(), docId)
    expectConverged([await exported(docId), doc])
    const { findings } = await verifyDocument(pool(), docId, { repair: true })
    expect(findings.map(({ code, repaired }) => [code, repaired])).toEqual(
      [...bad].map(() => ['row_unreadable', true]),
    )
    const aside = await query('SELECT * FROM ydoc_set_aside WHERE doc_id = $1 ORDER BY seq', docId)
    expect(aside.map(({ data }) => new Uint8Array(data as Buffer))).toEqual([...bad.values()])
    expect(await namedBy(docId)).toEqual([])
    expectConverged([await exported(docId), doc])
  })

  test('keep, copy and restore work with a row that has the key __proto__', async () => {
    const { docId, doc } = await planted(PROTO_ROW)
    const kept = await keepSnapshot(pool(), docId, { label: 'kept' })
    const copyId = randomUUID()
    await copyDocument(pool(), docId, copyId)
    expectConverged([await exported(copyId), doc])
    const opened = await openDocument(pool(), docId)
    await opened.transact((same) => same.getText('t').insert(0, 'more '))
    opened.close()
    await restoreSnapshot(pool(), docId, kept.seq)
    expect((await exported(docId)).getText('t').toString()).toBe('one two three')
  })

  test('every format, verify, fold and repair agree with the valid rows of random histories with random bad rows', async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      await checkHistory(seed).catch((cause: unknown) => {
        throw new Error(`seed ${seed}`, { cause })
      })
    }
  })

  async function checkHistory(seed: number): Promise<void> {
    const random = seededRandom(seed)
    const below = (n: number) => pickBelow(random, n)
    const honest = historyAtRandom(random, 12)
    const docId = randomUUID()
    const api = apiOf(pool())
    const bad = new Set<number>()
    let segment = 0
    for (const [i, update] of honest.entries()) {
      if (i === 1 || below(5) === 0) {
        const make = BAD_ROWS[below(BAD_ROWS.length)]?.[1] ?? (() => PROTO_ROW)
        // A bad row may also use the id of a normal client.
        const [seq = 0] = await append(pool(), docId, make(1 + below(5)))
        bad.add(seq)
      }
      await append(pool(), docId, update)
      // The last fold needs a row in its segment.
      if (below(6) > 0 || i === honest.length - 1) continue
      if (below(2) === 0) await api.roll(docId, segment)
      else await fold(pool(), docId)
      segment++
    }
    const expected = rebuild({ updates: honest })
    const agree = async () => {
      const { body } = await inspectDocument(pool(), docId, { format: 'update-v2' })
      const doc = new Y.Doc()
      Y.applyUpdateV2(doc, body as Uint8Array)
      expectConverged([await exported(docId), doc, expected])
    }
    await agree()
    const { findings } = await verifyDocument(pool(), docId)
    expect(findings.map(({ code }) => code)).toEqual([...bad].map(() => 'row_unreadable'))
    await fold(pool(), docId)
    await agree()
    const state = await api.state(docId)
    expect(state.rows.filter(({ data }) => isSoundRow(data))).toEqual([])
    expect(state.rows).toHaveLength(bad.size)
    const report = await verifyDocument(pool(), docId, { repair: true })
    expect([report.sound, report.findings.length]).toEqual([true, bad.size])
    await agree()
  }

  describe('an edit that builds on a bad row', () => {
    async function buildingOn() {
      const docId = randomUUID()
      // An old client could store a value that it could not encode again.
      const doc = new Y.Doc()
      Y.applyUpdate(doc, PROTO_ROW)
      const updates: Uint8Array[] = []
      doc.on('update', (update: Uint8Array) => updates.push(update))
      doc.clientID = 5
      doc.getText('t').insert(0, 'typed after it')
      const [badSeq, waiting] = await append(pool(), docId, PROTO_ROW, ...updates)
      return { docId, badSeq, waiting }
    }

    test('waits and is reported by verify until repair restores it', async () => {
      const { docId, badSeq, waiting } = await buildingOn()
      expect(await namedBy(docId)).toEqual([`row_unreadable ${badSeq}`, `row_waits ${waiting}`])
      expect(await namedBy(docId, { repair: true })).toEqual([`row_unreadable ${badSeq} repaired`])
      const doc = await exported(docId)
      expect(doc.getText('t').toString()).toBe('typed after it')
      expect(doc.getMap('m').toJSON()).toEqual({})
      expect(await namedBy(docId)).toEqual([])
    })

    test('is carried over by folds until it is repaired', async () => {
      const { docId } = await buildingOn()
      await fold(pool(), docId)
      await verifyDocument(pool(), docId, { repair: true })
      await fold(pool(), docId)
      expect((await exported(docId)).getText('t').toString()).toBe('typed after it')
    })
  })

  describe('a snapshot row with a value that cannot be encoded', () => {
    /** Stores a snapshot row with such a value, which a fold of an earlier version may have made. */
    async function withBadSnapshot(through: number | null) {
      const { docId, doc } = await planted(PROTO_ROW)
      await fold(pool(), docId)
      await query("DELETE FROM ydoc_update WHERE doc_id = $1 AND data <> ''", docId)
      const bytes = Y.convertUpdateFormatV1ToV2(
        Y.mergeUpdates([Y.encodeStateAsUpdate(doc), salvagable()]),
      )
      const [snapshot] = await query(
        'UPDATE ydoc_snapshot SET data = $2, through_segment = coalesce($3, through_segment) WHERE doc_id = $1 RETURNING *',
        docId,
        Buffer.from(withProto(bytes)),
        through,
      )
      return { docId, doc, seq: Number(snapshot?.seq) }
    }
    /** A document with a key that has the length of `__proto__`, and that is replaced by it in the bytes. */
    const salvagable = () => {
      const doc = new Y.Doc()
      doc.clientID = 5
      doc.getMap('m').set('k', { notproto1: new Uint8Array([1, 2]) })
      return Y.encodeStateAsUpdate(doc)
    }
    const withProto = (bytes: Uint8Array) => {
      const text = Buffer.from(bytes).toString('latin1').replace('notproto1', '__proto__')
      return new Uint8Array(Buffer.from(text, 'latin1'))
    }

    test('is read without that value, verify names it, and repair rewrites the row', async () => {
      const { docId, doc, seq } = await withBadSnapshot(null)
      const check = async () => {
        const there = await exported(docId)
        expect(there.getText('t').toString()).toBe(doc.getText('t').toString())
        expect(there.getMap('map').toJSON()).toEqual({ key: 'value' })
        expect(there.getMap('m').toJSON()).toEqual({})
        return there
      }
      const before = await check()
      expect(await namedBy(docId)).toEqual([`snapshot_partly_bad ${seq}`])
      await append(pool(), docId, Y.encodeStateAsUpdate(doc))
      await fold(pool(), docId)
      expectConverged([before, await check()])
      await verifyDocument(pool(), docId, { repair: true })
      expect(await namedBy(docId)).toEqual([])
      expectConverged([before, await check()])
    })

    test('keeps its segment and its label in a repair, which also keeps the old bytes', async () => {
      const { docId, seq } = await withBadSnapshot(null)
      await query("UPDATE ydoc_snapshot SET label = 'mine' WHERE seq = $1", seq)
      const [old] = await query('SELECT * FROM ydoc_snapshot WHERE seq = $1', seq)
      expect(await namedBy(docId, { repair: true })).toEqual([
        `snapshot_partly_bad ${seq} repaired`,
      ])
      const [row] = await query('SELECT * FROM ydoc_snapshot WHERE doc_id = $1', docId)
      const { structs: _, ...kept } = old ?? {}
      expect(row).toMatchObject({ ...kept, seq: expect.anything(), data: expect.anything() })
      expect(row?.seq).not.toBe(old?.seq)
      const [aside] = await query('SELECT * FROM ydoc_set_aside WHERE doc_id = $1', docId)
      expect(aside).toMatchObject({ source: 'ydoc_snapshot', data: old?.data })
    })
  })

  test('a row that makes Yjs throw together with another row does not prevent folding the others', async () => {
    const docId = randomUUID()
    const { doc, updates } = recorded(1)
    doc.getText('t').insert(0, 'abcdef')
    doc.getText('t').insert(6, 'ghi')
    // A GC struct that contradicts the content of the first three ids.
    await append(pool(), docId, new Uint8Array([1, 1, 1, 0, 0, 3, 0]), ...updates)
    await fold(pool(), docId)
    await append(pool(), docId, ...updates)
    expect(Y.getState((await exported(docId)).store, 1)).toBe(9)
    await fold(pool(), docId)
    expect(await documentStats(pool(), docId)).toMatchObject({ rows: 0, pending: null })
  })

  test('a fold with a bad value in the proposal is refused', async () => {
    const { docId } = await planted(PROTO_ROW)
    const api = apiOf(pool())
    await api.roll(docId, 0)
    const good = await honestProposal(api, docId, 0)
    const { rows } = await api.state(docId)
    expect(encodeFold({ previous: null, rows }, true).snapshot).toEqual(good)
    const doc = new Y.Doc()
    Y.applyUpdateV2(doc, good)
    doc.getMap('m').set('k', { notproto1: 1 })
    const bytes = Buffer.from(Y.encodeStateAsUpdateV2(doc)).toString('latin1')
    const bad = Buffer.from(bytes.replace('notproto1', '__proto__'), 'latin1')
    expect(await api.fold(docId, 0, bad)).toMatchObject({ status: 422, code: 'snapshot_differs' })
    expect((await api.fold(docId, 0, good)).status).toBe(201)
  })
})
