// Documents that begin with content: they are seeded, imported or copied.
import {
  copyDocument,
  importDocument,
  inspectDocument,
  openDocument,
  seedDocument,
  verifyDocument,
} from '@y-electric/documents'
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
  useBackend,
} from '../e2e/server.ts'
import { isDeep } from '../harness/deep.ts'
import { expectConverged, rebuild } from '../harness/oracle.ts'

const textOf = (doc: Y.Doc) => doc.getText('body').toString()
const writing = (text: string) => (doc: Y.Doc) => doc.getText('body').insert(0, text)
/** Limits so small that a sentence does not fit into a row. */
const TINY_ROWS = { limits: { maxUpdateBytes: 64 } }
const LONG = 'A sentence that is longer than any row may be here. '.repeat(4)

describe.each(DOCUMENT_BACKENDS)('on %s', (name) => {
  const backend = useBackend(name)
  /** Large documents take seconds, so only deep runs use them on all databases. */
  const testLarge = name === 'postgres' || isDeep ? test : null
  const open: { close(): unknown }[] = []
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close()
  })
  async function serve() {
    const server = await serveApp({ backend: backend.current })
    open.push(server)
    return (docId: string): TestClient => {
      const client = openClient({ url: server.url, docId })
      open.push(client)
      return client
    }
  }
  const stored = async (docId: string) => rebuild(await readStored(backend.current.pool, docId))

  describe('seeding', () => {
    test('stores exactly one of twenty concurrent seeds completely', async () => {
      const { pool } = backend.current
      const docId = freshDocId('seed')
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, i) => seedDocument(pool, docId, writing(`seed ${i}`))),
      )
      const seeded = outcomes.filter(({ seeded }) => seeded)
      expect(seeded).toHaveLength(1)
      const rows = await readUpdateRows(pool, docId)
      expect(rows.map(({ seq }) => seq)).toEqual([seeded[0]?.seq])
      expect(textOf(await stored(docId))).toBe(`seed ${outcomes.findIndex((one) => one.seeded)}`)
      expect(await seedDocument(pool, docId, writing('later'))).toEqual({
        seeded: false,
        seq: null,
        losses: [],
      })
    })

    test('clients that type at the same moment get at most one seed and keep everything they typed', async () => {
      const { pool } = backend.current
      const client = await serve()
      const docId = freshDocId('seed')
      const people = Array.from({ length: 3 }, () => client(docId))
      await Promise.all(people.map(({ provider }) => provider.whenSynced()))
      people[0]?.type('①')
      const seeds = Array.from({ length: 6 }, () => seedDocument(pool, docId, writing('seed ')))
      people[1]?.type('②')
      people[2]?.type('③')
      const seeded = (await Promise.all(seeds)).filter((one) => one.seeded).length
      expect(seeded).toBeLessThanOrEqual(1)
      await Promise.all(people.map(({ provider }) => provider.whenSaved()))
      await eventually(async () =>
        expectConverged(
          people.map(({ doc }) => doc),
          await readStored(pool, docId),
        ),
      )
      const text = people[0]?.text.toString() ?? ''
      expect(text.split('seed ')).toHaveLength(seeded + 1)
      for (const sign of '①②③') expect(text).toContain(sign)
    })

    test('deleted content counts as stored', async () => {
      const { pool } = backend.current
      const docId = freshDocId('seed')
      const document = await openDocument(pool, docId)
      await document.transact(writing('gone'))
      await document.transact((doc) => doc.getText('body').delete(0, 4))
      document.close()
      expect((await seedDocument(pool, docId, writing('seed'))).seeded).toBe(false)
    })

    test.each([
      ['as an update row', {}],
      ['as a snapshot row', TINY_ROWS],
    ])('appears at once in clients of the empty document, %s', async (_, options) => {
      const { pool } = backend.current
      const client = await serve()
      const docId = freshDocId('seed')
      const [ada, bob] = [client(docId), client(docId)]
      await Promise.all([ada.provider.whenSynced(), bob.provider.whenSynced()])
      expect((await seedDocument(pool, docId, writing(LONG), options)).seeded).toBe(true)
      await eventually(() => expect(ada.text.toString()).toBe(LONG))
      ada.type('And more.')
      await ada.provider.whenSaved()
      await eventually(() => expect(bob.text.toString()).toBe(`${LONG}And more.`))
      expectConverged([ada.doc, bob.doc], await readStored(pool, docId))
      expect(await verifyDocument(pool, docId)).toMatchObject({ sound: true, findings: [] })

      await roll(pool, docId)
      await foldBySql(pool, docId)
      expect(textOf(await stored(docId))).toBe(`${LONG}And more.`)
    })

    test('content in a format is seeded like any other', async () => {
      const { pool } = backend.current
      const docId = freshDocId('seed')
      await seedDocument(pool, docId, { format: 'markdown', data: '# Title\n\nSome *text*.' })
      const { body } = await inspectDocument(pool, docId, { format: 'markdown' })
      expect(String(body).trim()).toBe('# Title\n\nSome *text*.')
    })

    test('empty content is refused, and so is an asynchronous function', async () => {
      const { pool } = backend.current
      const docId = freshDocId('seed')
      const refused = { code: 'invalid_content' }
      await expect(seedDocument(pool, docId, () => {})).rejects.toMatchObject(refused)
      const late = (async (doc: Y.Doc) => writing('late')(doc)) as (doc: Y.Doc) => void
      await expect(seedDocument(pool, docId, late)).rejects.toMatchObject(refused)
      expect((await seedDocument(pool, docId, writing('good'))).seeded).toBe(true)
    })
  })

  describe('importing and copying', () => {
    test('an update is exported unchanged', async () => {
      const { pool } = backend.current
      const original = new Y.Doc()
      writing('one two three')(original)
      original.getText('body').delete(4, 4)
      original.getText('body').format(0, 3, { bold: true })
      original.getMap('map').set('nested', new Y.Map([['k', new Y.Array()]]))
      const data = Y.encodeStateAsUpdate(original)
      for (const options of [{}, TINY_ROWS]) {
        const docId = freshDocId('import')
        const made = await importDocument(pool, docId, { format: 'update', data, ...options })
        expect(made).toMatchObject({ docId, seq: expect.any(Number), bytes: expect.any(Number) })
        const { body } = await inspectDocument(pool, docId, { format: 'update' })
        const copy = new Y.Doc()
        Y.applyUpdate(copy, body as Uint8Array)
        expectConverged([original, copy], await readStored(pool, docId))
      }
    })

    test('an existing document is never changed, even by many concurrent calls', async () => {
      const { pool } = backend.current
      const docId = freshDocId('import')
      const contents = Array.from({ length: 8 }, (_, i) => ({
        format: 'text' as const,
        data: `import ${i}`,
      }))
      const outcomes = await Promise.allSettled(
        contents.map((content) => importDocument(pool, docId, content)),
      )
      const failed = outcomes.filter(({ status }) => status === 'rejected')
      expect(failed).toHaveLength(7)
      for (const one of failed) {
        expect(one).toMatchObject({ reason: { code: 'document_exists' } })
      }
      const before = await readUpdateRows(pool, docId)
      await expect(copyDocument(pool, docId, docId)).rejects.toMatchObject({
        code: 'document_exists',
      })
      expect(await readUpdateRows(pool, docId)).toEqual(before)
    })

    test('invalid content is refused', async () => {
      const { pool } = backend.current
      const importing = (data: Uint8Array) =>
        importDocument(pool, freshDocId('import'), { format: 'update', data })
      await expect(importing(new Uint8Array([1, 2, 3]))).rejects.toMatchObject({
        code: 'invalid_content',
      })
      await expect(importing(Y.encodeStateAsUpdate(new Y.Doc()))).rejects.toMatchObject({
        code: 'invalid_content',
      })
    })

    test('a copy of a document that is being edited is consistent and independent', async () => {
      const { pool } = backend.current
      const docId = freshDocId('copy')
      const writer = await openDocument(pool, docId)
      await writer.transact((doc) => doc.getArray('log').push([0]))
      let isWriting = true
      const writes = (async () => {
        // The two lists always agree, except in a copy that mixes two moments.
        for (let i = 1; isWriting; i++) {
          await writer.transact((doc) => {
            doc.getArray('log').push([i])
            doc.getArray('mirror').push([i])
          })
        }
      })()
      const copies: string[] = []
      for (let i = 0; i < 5; i++) {
        const to = freshDocId('copied')
        expect(await copyDocument(pool, docId, to)).toMatchObject({ docId: to })
        copies.push(to)
        if (i === 2) {
          await roll(pool, docId)
          await foldBySql(pool, docId)
        }
      }
      isWriting = false
      await writes
      writer.close()
      for (const copied of copies) {
        const doc = await stored(copied)
        const log = doc.getArray<number>('log').toJSON()
        expect(doc.getArray('mirror').toJSON()).toEqual(log.slice(1))
        expect(log).toEqual(log.map((_: number, i: number) => i))
      }
      const copy = await openDocument(pool, copies[0] ?? '')
      await copy.transact((doc) => doc.getArray('log').push(['only here']))
      copy.close()
      expect((await stored(docId)).getArray('log').toJSON()).not.toContain('only here')
    })

    test('a document that does not exist cannot be copied', async () => {
      await expect(
        copyDocument(backend.current.pool, freshDocId('none'), freshDocId('copied')),
      ).rejects.toMatchObject({ code: 'not_found' })
    })

    testLarge?.('five megabytes are copied as one snapshot row', async () => {
      const { pool } = backend.current
      const docId = freshDocId('large')
      const content = 'All work and no play. '.repeat((5 * 1024 * 1024) / 22)
      await seedDocument(pool, docId, writing(content))
      const to = freshDocId('copied')
      await copyDocument(pool, docId, to)
      const rows = await readStored(pool, to)
      expect(rows.updates.filter(({ length }) => length > 0)).toEqual([])
      expect(textOf(rebuild(rows)) === content).toBe(true)
    })
  })
})
