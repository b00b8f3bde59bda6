// The script of the page of pglite.test.ts, which uses it as `page`.
import { type LiveNamespace, live } from '@electric-sql/pglite/live'
import { PGliteWorker } from '@electric-sql/pglite/worker'
import { ElectricProvider } from 'y-electric'
import { pglite } from 'y-electric/pglite'
import { storeTests } from 'y-electric/store-tests'
import * as Y from 'yjs'

const worker = new Worker('/worker.js', { type: 'module' })
const database: Promise<PGliteWorker & { readonly live: LiveNamespace }> = PGliteWorker.create(
  worker,
  { dataDir: 'idb://y-electric-test', extensions: { live } },
)
const persistence = pglite(database)
const openStore = (key: string) => persistence.open(key, () => {})

const page = {
  /** @returns what is wrong, by the name of the test */
  async runStoreTests(): Promise<string[]> {
    const failed: string[] = []
    for (const [name, run] of Object.entries(storeTests)) {
      const key = crypto.randomUUID()
      await run(() => openStore(key)).catch((error) => failed.push(`${name}: ${error}`))
    }
    return failed
  },
  /** Stores an edit, and keeps the store open. */
  async keep(key: string, batchId: string): Promise<void> {
    const store = await openStore(key)
    await store.load()
    const update = Y.encodeStateAsUpdate(new Y.Doc())
    await store.commit({ updates: [update], edits: [{ batchId, update }], settled: [] })
  },
  /** The edits that this page adopts. */
  async adopt(key: string): Promise<string[]> {
    const store = await openStore(key)
    const { batches } = await store.load()
    await store.close()
    return batches.map(({ batchId }) => batchId)
  },
  /** The results that a live query has reported, oldest first. */
  seen: [] as number[],
  async watch(): Promise<void> {
    const { live: queries } = await database
    await queries.query<{ unsent: number }>(
      `SELECT count(*)::int AS unsent FROM y_electric.edits WHERE key = 'shared'`,
      [],
      ({ rows }) => page.seen.push(rows[0]?.unsent ?? 0),
    )
  },
  isLeader: async (): Promise<boolean> => (await database).isLeader,
  /** Opens a document that is never connected. */
  async open(docId: string, words: string): Promise<string> {
    const doc = new Y.Doc()
    const url = 'https://example.test/api'
    const provider = new ElectricProvider({
      url,
      docId,
      doc,
      persistence,
      connect: false,
      tabs: false,
    })
    const stored = () =>
      provider.stored
        ? Promise.resolve()
        : new Promise<void>((resolve) => {
            const look = () => {
              if (!provider.stored) return
              provider.off('change', look)
              resolve()
            }
            provider.on('change', look)
          })
    await stored()
    if (words !== '') {
      doc.getText('body').insert(doc.getText('body').length, words)
      await stored()
    }
    return doc.getText('body').toString()
  },
}

export type PglitePage = typeof page
Object.assign(globalThis, { page })
