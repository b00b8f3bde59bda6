// A back end reads and writes documents through the library while clients type.
import { openDocument } from '@y-electric/documents'
import { afterEach, describe, expect, test } from 'vitest'
import type * as Y from 'yjs'
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

const MEGABYTE = 1024 * 1024
/** The milliseconds that the edit after a large one may take. With stalled streams it took a minute. */
const NEXT_EDIT_MS = 15_000
const textOf = (doc: Y.Doc) => doc.getText('body').toString()

describe.each(DOCUMENT_BACKENDS)('a document opened on %s', (name) => {
  const backend = useBackend(name)
  const open: { close(): unknown }[] = []
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close()
  })
  const closing = <T extends { close(): unknown }>(one: T): T => {
    open.push(one)
    return one
  }
  const opened = async (docId: string) => closing(await openDocument(backend.current.pool, docId))
  const serve = async (): Promise<TestServer> =>
    closing(await serveApp({ backend: backend.current }))
  const client = ({ url }: TestServer, docId: string): TestClient =>
    closing(openClient({ url, docId }))

  test('a transact is committed as one row, and live readers show it', async () => {
    const { pool } = backend.current
    const docId = freshDocId('open')
    const server = await serve()
    const ada = client(server, docId)
    await ada.provider.whenSynced()
    ada.type('Hello ')
    await ada.provider.whenSaved()

    const document = await opened(docId)
    expect(textOf(document.doc)).toBe('Hello ')
    const written = await document.transact((doc) => {
      const text = doc.getText('body')
      for (const letter of 'world') text.insert(text.length, letter)
      doc.getMap('meta').set('by', 'the back end')
    })
    const rows = await readUpdateRows(pool, docId)
    expect(rows).toHaveLength(2)
    expect(written).toEqual({ seq: rows.at(-1)?.seq })
    await eventually(() => expect(ada.text.toString()).toBe('Hello world'))

    ada.type('!')
    await ada.provider.whenSaved()
    await document.transact((doc) => {
      expect(textOf(doc)).toBe('Hello world!')
      doc.getText('body').insert(0, '> ')
    })
    await eventually(() => expect(ada.text.toString()).toBe('> Hello world!'))
    expectConverged([ada.doc, document.doc], await readStored(pool, docId))
  })

  test('a transact that changes nothing writes nothing', async () => {
    const document = await opened(freshDocId('open'))
    expect(await document.transact((doc) => void doc.getText('body').length)).toBeNull()
    expect(await readUpdateRows(backend.current.pool, document.docId)).toEqual([])
  })

  test('a transact that throws writes nothing, and the next one works', async () => {
    const { pool } = backend.current
    const document = await opened(freshDocId('open'))
    await document.transact((doc) => doc.getText('body').insert(0, 'kept'))
    const failing = document.transact((doc) => {
      doc.getText('body').insert(0, 'half ')
      throw new Error('the other half is missing')
    })
    await expect(failing).rejects.toThrow('the other half is missing')
    expect(textOf(document.doc)).toBe('kept')
    const late = document.transact((async (doc: Y.Doc) => {
      doc.getText('body').insert(0, 'async ')
    }) as (doc: Y.Doc) => void)
    await expect(late).rejects.toThrow(TypeError)
    await document.transact((doc) => doc.getText('body').insert(4, ', too'))
    expect(textOf(document.doc)).toBe('kept, too')
    expect(await readUpdateRows(pool, document.docId)).toHaveLength(2)
    expectConverged([document.doc], await readStored(pool, document.docId))
  })

  test('transacts of one document run one after another', async () => {
    const document = await opened(freshDocId('open'))
    const seqs = await Promise.all(
      Array.from({ length: 5 }, (_, i) =>
        document.transact((doc) => doc.getArray<number>('list').push([i])),
      ),
    )
    expect(document.doc.getArray('list').toJSON()).toEqual([0, 1, 2, 3, 4])
    expect(seqs.map((one) => one?.seq)).toEqual(
      (await readUpdateRows(backend.current.pool, document.docId)).map(({ seq }) => seq),
    )
  })

  test('two open documents converge, even across a fold', async () => {
    const { pool } = backend.current
    const docId = freshDocId('open')
    const [one, other] = [await opened(docId), await opened(docId)]
    await Promise.all(
      [one, other].flatMap((document, i) =>
        Array.from({ length: 4 }, (_, n) =>
          document.transact((doc) => doc.getText('body').insert(0, `${i}${n} `)),
        ),
      ),
    )
    await roll(pool, docId)
    await foldBySql(pool, docId)
    await one.transact((doc) => doc.getText('body').insert(0, 'after '))
    await other.transact(() => {})
    expect(textOf(one.doc)).toBe(textOf(other.doc))
    expect(textOf(one.doc)).toHaveLength('after '.length + 8 * 3)
    expectConverged([one.doc, other.doc], await readStored(pool, docId))
  })

  test('a closed document accepts and keeps nothing', async () => {
    const document = await opened(freshDocId('open'))
    let destroyed = false
    document.doc.on('destroy', () => {
      destroyed = true
    })
    document.close()
    document.close()
    expect(destroyed).toBe(true)
    await expect(document.transact(() => {})).rejects.toMatchObject({ code: 'invalid_request' })
  })

  test('an unreadable row hides no other row', async () => {
    const { pool } = backend.current
    const document = await opened(freshDocId('open'))
    await document.transact((doc) => doc.getText('body').insert(0, 'before '))
    await pool.query('SELECT ydoc_append($1, gen_random_uuid(), $2)', [
      document.docId,
      Buffer.from([1, 255, 255, 3]),
    ])
    await document.transact((doc) => doc.getText('body').insert(7, 'after'))
    const again = await opened(document.docId)
    expect(textOf(again.doc)).toBe('before after')
  })

  test('five megabytes in one transact become several rows, which readers apply together, and stall no live reader', async () => {
    const { pool } = backend.current
    const docId = freshDocId('large')
    const server = await serve()
    const ada = client(server, docId)
    await eventually(() => ada.provider.status === 'connected')
    const document = await opened(docId)
    const content = 'All work and no play. '.repeat((5 * MEGABYTE) / 22)
    await document.transact((doc) => doc.getText('body').insert(0, content))
    const rows = await readUpdateRows(pool, docId)
    expect(rows.length).toBeGreaterThan(1)
    for (const { data } of rows) expect(data.byteLength).toBeLessThanOrEqual(MEGABYTE)
    await eventually(() => expect(ada.text.length).toBe(content.length))
    expect(ada.text.toString() === content).toBe(true)
    await document.transact((doc) => doc.getText('body').insert(content.length, 'The end.'))
    await eventually(() => ada.text.length === content.length + 8, NEXT_EDIT_MS)
  })

  test('invalid document ids are refused', async () => {
    await expect(opened('..')).rejects.toMatchObject({ code: 'invalid_doc_id' })
  })
})

test('a failed write is rolled back in memory, whether or not it was committed', async () => {
  const docId = freshDocId('open')
  const { openTestDatabase } = await import('../harness/database.ts')
  const { migrate } = await import('@y-electric/server')
  const { pool, close } = await openTestDatabase('postgres')
  await migrate(pool)
  let answers: 'all' | 'lost' | 'refused' = 'all'
  const unreliable = new Proxy(pool, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key)
      if (key !== 'query') return typeof value === 'function' ? value.bind(target) : value
      return async (...args: Parameters<typeof target.query>) => {
        const isWrite = JSON.stringify(args[0]).includes('ydoc_append_all')
        if (isWrite && answers === 'refused') throw new Error('Connection terminated')
        const result = await target.query(...args)
        if (isWrite && answers === 'lost') throw new Error('Connection terminated')
        return result
      }
    },
  })
  const document = await openDocument(unreliable, docId)
  const append = (text: string) =>
    document.transact((doc) => doc.getText('body').insert(doc.getText('body').length, text))
  await append('one ')
  answers = 'refused'
  await expect(append('two ')).rejects.toThrow('terminated')
  expect(textOf(document.doc)).toBe('one ')
  answers = 'lost'
  await expect(append('three ')).rejects.toThrow('terminated')
  expect(textOf(document.doc)).toBe('one three ')
  answers = 'all'
  await append('four')
  expect(textOf(document.doc)).toBe('one three four')
  expectConverged([document.doc], await readStored(pool, docId))
  document.close()
  await close()
})
