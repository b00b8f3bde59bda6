// Transactions that are too large for a live stream get their own segment. The limit is low here;
// test/documents/open.test.ts uses the real sizes.

import { randomUUID } from 'node:crypto'
import { openDocument, restoreSnapshot } from '@y-electric/documents'
import { keepSnapshot } from '@y-electric/server'
import { afterEach, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { openClient, type TestClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { foldBySql } from '../e2e/fold.ts'
import {
  DOCUMENT_BACKENDS,
  freshDocId,
  readStored,
  readUpdateRows,
  roll,
  serveApp,
  type TestServer,
  useBackend,
} from '../e2e/server.ts'
import { expectConverged } from '../harness/oracle.ts'
import { postUpdate } from '../server/api.ts'

/** Three rows of this size fit into one transaction, and four are too many. */
const limits = { maxUpdateBytes: 1_000, maxTransactionBytes: 3_000 }
const LARGE = 'x'.repeat(5_000)

describe.each(DOCUMENT_BACKENDS)(
  'a transaction that is too large for a live stream, on %s',
  (name) => {
    const backend = useBackend(name)
    const open: { close(): unknown }[] = []
    afterEach(async () => {
      for (const one of open.splice(0).reverse()) await one.close()
    })
    const closing = <T extends { close(): unknown }>(one: T): T => {
      open.push(one)
      return one
    }
    const serve = async (options = {}): Promise<TestServer> =>
      closing(await serveApp({ backend: backend.current, ...limits, ...options }))
    async function join({ url }: TestServer, docId: string): Promise<TestClient> {
      const client = closing(openClient({ url, docId, maxUpdateBytes: limits.maxUpdateBytes }))
      await eventually(() => client.provider.status === 'connected')
      return client
    }
    const opened = async (docId: string) =>
      closing(await openDocument(backend.current.pool, docId, { limits }))
    const append = (text: string) => (doc: Y.Doc) =>
      doc.getText('body').insert(doc.getText('body').length, text)
    const converged = async (docId: string, ...docs: Y.Doc[]) =>
      eventually(async () => expectConverged(docs, await readStored(backend.current.pool, docId)))
    const segments = async (docId: string) =>
      (await readUpdateRows(backend.current.pool, docId)).map(({ segment, data }) =>
        data.byteLength === 0 ? `seal ${segment}` : `row ${segment}`,
      )

    test.each([0, 1])(
      'begins a new segment after %i rows, and live readers continue there',
      async (rows) => {
        const docId = freshDocId('large')
        const ada = await join(await serve(), docId)
        const document = await opened(docId)
        if (rows === 1) await document.transact(append('before '))
        await document.transact(append(LARGE))
        const written = await segments(docId)
        expect(written.slice(0, rows + 1)).toEqual(rows === 1 ? ['row 0', 'seal 0'] : ['seal 0'])
        expect(new Set(written.slice(rows + 1))).toEqual(new Set(['row 1']))
        expect(written.length).toBeGreaterThan(5)
        await document.transact(append(' after'))
        expect((await segments(docId)).at(-1)).toBe('row 1')
        await converged(docId, ada.doc, document.doc)
        ada.type('!')
        await ada.provider.whenSaved()
        expect(ada.statuses).toEqual(['connecting', 'connected'])
        expect(ada.errors).toEqual([])
        await converged(docId, ada.doc)
      },
    )

    test('is the only kind that begins a segment: a smaller transaction stays in the active one', async () => {
      const docId = freshDocId('large')
      const document = await opened(docId)
      await document.transact(append('x'.repeat(2_500)))
      expect(new Set(await segments(docId))).toEqual(new Set(['row 0']))
    })

    test('seals the active segment, which is folded like any other even if it is empty', async () => {
      const { pool } = backend.current
      const docId = freshDocId('large')
      const server = await serve()
      const document = await opened(docId)
      await document.transact(append(LARGE))
      const ada = await join(server, docId)
      expect(await roll(pool, docId)).toBe(2)
      expect(await foldBySql(pool, docId)).toBe(true)
      expect(await segments(docId)).toEqual([])
      await document.transact(append('!'))
      await converged(docId, ada.doc, document.doc, (await join(server, docId)).doc)
    })

    test('is stored completely or not at all', async () => {
      const { pool } = backend.current
      const docId = freshDocId('large')
      const document = await opened(docId)
      await document.transact(append('before'))
      const before = await segments(docId)
      await pool.query(
        `ALTER TABLE ydoc_update ADD CONSTRAINT refuse CHECK (doc_id <> '${docId}') NOT VALID`,
      )
      try {
        await expect(document.transact(append(LARGE))).rejects.toThrow(/refuse/)
      } finally {
        await pool.query('ALTER TABLE ydoc_update DROP CONSTRAINT refuse')
      }
      expect(await segments(docId)).toEqual(before)
      await document.transact(append(' after'))
      expect(document.doc.getText('body').toString()).toBe('before after')
    })

    test('many large transactions do not block typing clients, and all converge', async () => {
      const docId = freshDocId('large')
      const server = await serve()
      const ada = await join(server, docId)
      const documents = [await opened(docId), await opened(docId), await opened(docId)]
      await Promise.all([
        ...documents.map((document) => document.transact(append(LARGE))),
        ...documents.map((document) => document.transact(append('small'))),
        ...Array.from({ length: 10 }, async () => {
          ada.type('a')
          await ada.provider.whenSaved()
        }),
      ])
      for (const document of documents) await document.transact(() => {})
      await converged(docId, ada.doc, ...documents.map(({ doc }) => doc))
      expect(ada.text.toString().replaceAll(/[^x]/g, '').length).toBe(3 * LARGE.length)
    })

    test('contains the version that a restore keeps, too', async () => {
      const { pool } = backend.current
      const docId = freshDocId('large')
      const ada = await join(await serve(), docId)
      const document = await opened(docId)
      await document.transact(append(LARGE))
      const { seq } = await keepSnapshot(pool, docId, { label: 'large', limits })
      await document.transact((doc) => doc.getText('body').delete(0, LARGE.length))
      // Two concurrent restores do not deadlock. One that begins when the other has ended restores nothing.
      const restored = await Promise.all(
        [1, 2].map(() => restoreSnapshot(pool, docId, seq, { limits })),
      )
      expect(restored.some(({ kept }) => kept !== null)).toBe(true)
      await document.transact(() => {})
      expect(document.doc.getText('body').length).toBeGreaterThanOrEqual(LARGE.length)
      await converged(docId, ada.doc, document.doc)
    })

    test('is stored once if it has one row, however often it is sent', async () => {
      const docId = freshDocId('large')
      const server = await serve({ maxUpdateBytes: 10_000 })
      const doc = new Y.Doc()
      doc.getText('body').insert(0, LARGE)
      const request = { batchId: randomUUID(), body: Y.encodeStateAsUpdate(doc) as BodyInit }
      const answers = await Promise.all(
        [1, 2, 3].map(async () => {
          const response = await postUpdate(server, docId, request)
          return { status: response.status, ...((await response.json()) as { seq: number }) }
        }),
      )
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201])
      expect(new Set(answers.map(({ seq }) => seq)).size).toBe(1)
      expect(await segments(docId)).toEqual(['seal 0', 'row 1'])
    })
  },
)
