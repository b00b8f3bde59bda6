// The script of the page that `npm run bench -- stores` opens, which uses it as `page`. The address names the store.
import { ElectricProvider, indexeddb, type Persistence } from 'y-electric'
import * as Y from 'yjs'

const URL_OF_API = 'https://example.test/api'
/** A busy machine needs longer for the files of PGlite than a page would wait. */
const OPEN_WITHIN_MS = 300_000
const dataDir = new URLSearchParams(location.search).get('dataDir')

/** An app that uses IndexedDB does not load PGlite. */
async function openPglite(folder: string): Promise<Persistence> {
  const [{ PGliteWorker }, { pglite }] = await Promise.all([
    import('@electric-sql/pglite/worker'),
    import('y-electric/pglite'),
  ])
  const worker = new Worker('/worker.js', { type: 'module' })
  return pglite(PGliteWorker.create(worker, { dataDir: folder }), { openWithinMs: OPEN_WITHIN_MS })
}

const persistence: Promise<Persistence> =
  dataDir === null ? Promise.resolve(indexeddb()) : openPglite(dataDir)

interface OpenDocument {
  readonly text: Y.Text
  /** Resolves when everything in the document is stored. @throws the error of the store, if it fails */
  stored(): Promise<void>
  close(): Promise<void>
}

/** A document that is never connected, so that only the device takes time. */
async function openDocument(docId: string): Promise<OpenDocument> {
  const doc = new Y.Doc()
  const provider = new ElectricProvider({
    url: URL_OF_API,
    docId,
    doc,
    persistence: await persistence,
    connect: false,
    tabs: false,
    warnOnClose: false,
  })
  return {
    text: doc.getText('body'),
    stored: () =>
      new Promise((resolve, reject) => {
        const end = (): void => {
          provider.off('change', look)
          provider.off('error', fail)
        }
        const fail = (error: Error): void => {
          end()
          reject(error)
        }
        const look = (): void => {
          if (!provider.stored) return
          end()
          resolve()
        }
        provider.on('change', look)
        provider.on('error', fail)
        look()
      }),
    close: () => provider.destroy(),
  }
}

const lineOf = (row: number): string => `Line ${row}, of some sixty characters like many others.\n`

async function start(): Promise<number> {
  const { stored, close } = await openDocument('first')
  await stored()
  const ms = performance.now()
  await close()
  return ms
}

const page = {
  /** Resolves with the time from the load of the page until the store of a new document is open, in milliseconds. */
  started: start(),
  /** Stores a document as many rows: one for each line, as a page has them that received the lines one by one. */
  async fill(docId: string, rows: number): Promise<void> {
    const doc = new Y.Doc()
    const updates: Uint8Array[] = []
    doc.on('update', (update: Uint8Array) => updates.push(update))
    for (let row = 0; row < rows; row++) {
      doc.getText('body').insert(doc.getText('body').length, lineOf(row))
    }
    const store = await (await persistence).open(`${URL_OF_API}/${docId}`, () => {})
    await store.load()
    await store.commit({ updates, edits: [], settled: [] })
    await store.close()
  },
  /** @returns how long it takes until the whole document is there, in milliseconds */
  async load(docId: string, rows: number): Promise<number> {
    const began = performance.now()
    const { text, stored, close } = await openDocument(docId)
    await stored()
    const ms = performance.now() - began
    const lines = text.toString().split('\n').length - 1
    if (lines !== rows) throw new Error(`${docId} has ${lines} lines in place of ${rows}`)
    await close()
    return ms
  },
  /** @returns how long each edit takes until it is stored, in milliseconds */
  async edit(docId: string, edits: number): Promise<number[]> {
    const { text, stored, close } = await openDocument(docId)
    await stored()
    const times: number[] = []
    for (let i = 0; i < edits; i++) {
      const began = performance.now()
      text.insert(0, 'x')
      await stored()
      times.push(performance.now() - began)
    }
    await close()
    return times
  },
}

export type StorePage = typeof page
Object.assign(globalThis, { page })
