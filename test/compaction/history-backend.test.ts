// FOLD-3 for back ends and operators: documents keep their history when they are created, copied,
// restored, kept by name or compacted.
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import {
  copyDocument,
  documentStats,
  importDocument,
  openDocument,
  restoreSnapshot,
  seedDocument,
  verifyDocument,
} from '@y-electric/documents'
import { connectPostgres, createShapeService } from '@y-electric/embedded'
import { keepSnapshot, listDocuments, migrate } from '@y-electric/server'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { copyPath, docPath, seedPath, snapshotPath } from 'y-electric/protocol'
import * as Y from 'yjs'
import { DOCUMENT_BACKENDS, freshDocId, type TestBackend, useBackend } from '../e2e/server.ts'
import { createDatabase } from '../harness/postgres.ts'
import { createWriter, honestProposal } from './api.ts'
import { FIRST, useHistory, wordingAt } from './keptHistory.ts'

const script = path.resolve(import.meta.dirname, '../../packages/documents/dist/main.js')

describe.each(DOCUMENT_BACKENDS)('on %s', (name) => {
  const backend = useBackend(name)
  const stage = useHistory(backend)

  test('a document opened with keepHistory keeps its history, and is opened without garbage collection', async () => {
    const { pool } = backend.current
    const docId = freshDocId()
    const opened = await openDocument(pool, docId, { keepHistory: true })
    await opened.transact((doc) => doc.getText('body').insert(0, FIRST))
    const first = Y.snapshot(opened.doc)
    await opened.transact((doc) => doc.getText('body').delete(0, FIRST.length))
    await stage.fold(docId, true)
    opened.close()
    const again = await openDocument(pool, docId)
    expect(wordingAt(again.doc, first)).toBe(FIRST)
    await again.transact((doc) => doc.getText('body').insert(0, 'more'))
    expect(wordingAt(again.doc, first)).toBe(FIRST)
    again.close()
  })

  test('stats and list show that the history is kept', async () => {
    const { pool } = backend.current
    const { docId } = await stage.written()
    const other = freshDocId()
    await stage.api.append(other, createWriter().type('a'))
    expect((await documentStats(pool, docId)).keepHistory).toBe(true)
    expect((await documentStats(pool, other)).keepHistory).toBe(false)
    const { documents } = await listDocuments(pool, { prefix: docId })
    expect(documents).toMatchObject([{ docId, keepHistory: true }])
  })

  test.each([false, true])(
    'a copy keeps the history, even in later folds (folded before: %s)',
    async (isFolded) => {
      const { docId, first } = await stage.written()
      if (isFolded) await stage.fold(docId, true)
      const [byCall, byRoute] = [freshDocId('copy'), freshDocId('copy')]
      await copyDocument(backend.current.pool, docId, byCall)
      const answer = await stage.api.post(
        copyPath(docId),
        JSON.stringify({ to: byRoute }),
        'application/json',
      )
      expect(answer.status).toBe(201)
      for (const copy of [byCall, byRoute]) {
        expect(await stage.isKept(copy)).toBe(true)
        const another = stage.open(copy, true)
        await another.provider.whenSynced()
        another.type('.')
        await another.provider.whenSaved()
        await stage.fold(copy, true)
        expect(wordingAt(await stage.stored(copy), first)).toBe(FIRST)
        expect(await verifyDocument(backend.current.pool, copy)).toMatchObject({ sound: true })
      }
    },
  )

  test('a copy too large for a row is a snapshot row that keeps the history', async () => {
    const { docId, first } = await stage.written()
    const copy = freshDocId('copy')
    await copyDocument(backend.current.pool, docId, copy, { limits: { maxUpdateBytes: 16 } })
    expect((await stage.api.state(copy)).snapshot).not.toBeNull()
    expect(wordingAt(await stage.stored(copy), first)).toBe(FIRST)
  })

  test('a version and a restore keep the history', async () => {
    const { pool } = backend.current
    const { docId, author, first } = await stage.written()
    const version = await keepSnapshot(pool, docId, { label: 'second' })
    const response = await stage.api.request(snapshotPath(docId, version.seq))
    const doc = new Y.Doc({ gc: false })
    Y.applyUpdateV2(doc, new Uint8Array(await response.arrayBuffer()))
    expect(wordingAt(doc, first)).toBe(FIRST)

    author.text.delete(0, author.text.length)
    author.type('third')
    await author.provider.whenSaved()
    await stage.fold(docId, true)
    const { kept } = await restoreSnapshot(pool, docId, version.seq)
    await stage.fold(docId, true)
    const restored = await stage.stored(docId)
    expect(restored.getText('body').toString()).toBe('second')
    expect(wordingAt(restored, first)).toBe(FIRST)
    const before = await stage.api.request(snapshotPath(docId, kept ?? 0))
    const old = new Y.Doc({ gc: false })
    Y.applyUpdateV2(old, new Uint8Array(await before.arrayBuffer()))
    expect(old.getText('body').toString()).toBe('third')
    expect(wordingAt(old, first)).toBe(FIRST)
  })

  test('import and seed can create a document that keeps its history', async () => {
    const { pool } = backend.current
    const source = new Y.Doc({ gc: false })
    source.getText('body').insert(0, FIRST)
    const first = Y.snapshot(source)
    source.getText('body').delete(0, FIRST.length)
    const data = Y.encodeStateAsUpdate(source)
    const [imported, put, posted, seeded] = Array.from({ length: 4 }, () => freshDocId('made'))
    if (!imported || !put || !posted || !seeded) throw new Error('the test needs four ids')
    await importDocument(pool, imported, { format: 'update', data, keepHistory: true })
    await seedDocument(pool, seeded, (doc) => Y.applyUpdate(doc, data), { keepHistory: true })
    for (const [method, target] of [
      ['PUT', docPath(put)],
      ['POST', seedPath(posted)],
    ] as const) {
      const response = await stage.api.request(`${target}?format=update&history=keep`, {
        method,
        body: new Uint8Array(data),
        headers: { 'content-type': 'application/vnd.yjs.update-v1' },
      })
      expect(response.status).toBe(201)
    }
    for (const docId of [imported, put, posted, seeded]) {
      expect(await stage.isKept(docId)).toBe(true)
      await stage.fold(docId, true)
      expect(wordingAt(await stage.stored(docId), first)).toBe(FIRST)
    }
  })
})

describe('the command line', () => {
  let url = ''
  let opened: Pick<TestBackend, 'pool' | 'shapes'> | undefined
  const backend = {
    get current() {
      if (opened === undefined) throw new Error('the database is not open yet')
      return opened
    },
  }
  beforeAll(async () => {
    const created = await createDatabase(inject('databaseUrl'))
    url = created.url
    const database = await connectPostgres({ connectionString: url })
    await migrate(database.pool)
    const service = await createShapeService({ database })
    opened = {
      pool: database.pool,
      shapes: { url: 'http://shapes.test', fetch: (request: Request) => service.fetch(request) },
    }
    return async () => {
      await service.close()
      await database.close()
      await created.drop()
    }
  })
  const stage = useHistory(backend)

  async function runCommand(...argv: string[]): Promise<string> {
    const env = { ...process.env, DATABASE_URL: url }
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...argv], { env })
    return stdout
  }

  test('compacts a document with its history and prints that the history is kept', async () => {
    const { docId, first } = await stage.written()
    const text = await runCommand('compact', '--doc', docId, '--min-rows', '1')
    expect(text).toContain('1 document compacted')
    expect((await stage.api.state(docId)).rows).toEqual([])
    expect(wordingAt(await stage.stored(docId), first)).toBe(FIRST)
    expect(await runCommand('inspect', docId)).toMatch(/history +kept/)
    expect(await runCommand('list', '--prefix', docId)).toMatch(/kept$/m)
  })

  test('compacts while clients propose a fold at the same time', async () => {
    const { docId, author, first } = await stage.written()
    for (let round = 0; round < 2; round++) {
      const { activeSegment } = await stage.api.state(docId)
      await stage.api.roll(docId, activeSegment)
      const proposals = await Promise.all(
        [true, false].map((gc) => honestProposal(stage.api, docId, activeSegment, gc)),
      )
      const compact = runCommand('compact', '--doc', docId, '--min-rows', '1').catch(() => '')
      const folds = proposals.map((data) => stage.api.fold(docId, activeSegment, data))
      const [, ...answers] = await Promise.all([compact, ...folds])
      expect(answers.every(({ status }) => [201, 409].includes(status))).toBe(true)
      expect((await stage.api.state(docId)).snapshot?.throughSegment).toBe(activeSegment)
      expect(wordingAt(await stage.stored(docId), first)).toBe(FIRST)
      author.type('.')
      await author.provider.whenSaved()
    }
  })
})
