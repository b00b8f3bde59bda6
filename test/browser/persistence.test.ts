// indexeddb() in a real Chromium: the acceptance suite of every store, and the cases that only a
// browser has.
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { storeTests } from 'y-electric/store-tests'
import type {} from './lab.ts'
import { useLab, whenLabRuns } from './useLab.ts'

const site = useLab()
let context: BrowserContext
let page: Page
const consoleErrors: string[] = []

async function openPage(): Promise<Page> {
  const opened = await context.newPage()
  opened.on('pageerror', (error) => consoleErrors.push(String(error)))
  await opened.goto(site.url)
  await whenLabRuns(opened)
  return opened
}
/** Opens the page for a test, or for all tests of a group. */
async function startPage(): Promise<void> {
  consoleErrors.length = 0
  context = await site.keepProfile()
  page = await openPage()
}
async function endPage(): Promise<void> {
  await context.close()
  expect(consoleErrors).toEqual([])
}

describe('indexeddb() meets the requirements of a store:', () => {
  // Each case has its own database.
  beforeAll(startPage)
  afterAll(endPage)

  test.each(Object.keys(storeTests))('%s', async (name) => {
    await page.evaluate((one) => lab.runCase(one), name)
    expect(consoleErrors).toEqual([])
  })
})

describe('indexeddb() in a browser', () => {
  beforeEach(startPage)
  afterEach(endPage)

  test('adopts edits under new ids if there are no Web Locks', async () => {
    const ids = await page.evaluate(async () => {
      Object.defineProperty(navigator, 'locks', { value: undefined })
      const [ada, bob] = [await lab.openStore('unlocked'), await lab.openStore('unlocked')]
      const edit = (batchId: string, value: number) => {
        const doc = new lab.Y.Doc()
        doc.getMap('m').set('k', value)
        return { batchId, update: lab.Y.encodeStateAsUpdate(doc) }
      }
      await ada.load()
      const edits = [edit('x', 1), edit('x', 2), edit('y', 3)]
      await ada.commit({ updates: [], edits, settled: [] })
      const taken = (await bob.load()).batches.map(({ batchId }) => batchId)
      await ada.commit({ updates: [], edits: [], settled: ['x', 'y'] })
      await bob.close()
      const third = await lab.openStore('unlocked')
      const left = (await third.load()).batches.map(({ batchId }) => batchId)
      return { taken, left }
    })
    expect(ids.taken).toHaveLength(2)
    for (const id of ids.taken) expect(id).toMatch(/^[0-9a-f-]{36}$/)
    expect(ids.left).toHaveLength(2)
  })

  test('another page adopts the edits of a crashed page at once, and never those of an open page', async () => {
    const [first, second] = [await openPage(), await openPage()]
    const write = (id: string) =>
      lab.openStore('crash').then(async (store) => {
        await store.load()
        const update = lab.Y.encodeStateAsUpdate(new lab.Y.Doc())
        await store.commit({ updates: [], edits: [{ batchId: id, update }], settled: [] })
      })
    await first.evaluate(write, 'of the first')
    await second.evaluate(write, 'of the second')
    const take = () =>
      lab.openStore('crash').then(async (store) => {
        const { batches } = await store.load()
        await store.close()
        return batches.map(({ batchId }) => batchId)
      })
    expect(await page.evaluate(take)).toEqual([])
    await first.close()
    await expect.poll(() => page.evaluate(take)).toEqual(['of the first'])
  })

  test('a page that commits edits while another looks for closed pages keeps them', async () => {
    const taken = await page.evaluate(async () => {
      const ada = await lab.openStore('race')
      const query = navigator.locks.query.bind(navigator.locks)
      let answer = () => {}
      const held = new Promise<void>((resolve) => {
        answer = resolve
      })
      navigator.locks.query = async () => {
        const snapshot = await query()
        await held
        return snapshot
      }
      const loading = ada.load()
      const bob = await indexedOwner()
      answer()
      const { batches } = await loading
      await bob.close()
      return batches.map(({ batchId }) => batchId)

      async function indexedOwner() {
        // Long enough for the other page to have started its check.
        await new Promise((resolve) => setTimeout(resolve, 50))
        const store = await lab.openStore('race')
        const update = lab.Y.encodeStateAsUpdate(new lab.Y.Doc())
        await store.commit({ updates: [], edits: [{ batchId: 'mine', update }], settled: [] })
        return store
      }
    })
    expect(taken).toEqual([])
  })

  test('a commit that fails at any step stores nothing', async () => {
    const outcomes = await page.evaluate(async () => {
      const bytes = (value: number) => new Uint8Array([value])
      const place = (offset: string) => ({ segment: 0, position: { offset, handle: 'h' } })
      const found: string[] = []
      for (const method of ['add', 'put', 'delete'] as const) {
        for (let failing = 1; failing <= 4; failing++) {
          for (const how of ['throws', 'aborts'] as const) {
            const prefix = `${method}-${failing}-${how}`
            const store = await lab.openStore(prefix)
            await store.load()
            await store.commit({
              updates: [bytes(1)],
              edits: [],
              settled: [],
              resume: place('1_0'),
            })
            const original: (this: IDBObjectStore, ...args: never) => unknown =
              IDBObjectStore.prototype[method]
            let calls = 0
            Object.defineProperty(IDBObjectStore.prototype, method, {
              configurable: true,
              writable: true,
              value(this: IDBObjectStore, ...args: never) {
                const request = original.apply(this, args)
                if (++calls !== failing) return request
                if (how === 'throws') throw new DOMException('full', 'QuotaExceededError')
                this.transaction.abort()
                return request
              },
            })
            const edits = [
              { batchId: 'x', update: bytes(0) },
              { batchId: 'y', update: bytes(0) },
            ]
            const outcome = await store
              .commit({
                updates: [],
                edits,
                settled: ['y'],
                resume: place('2_0'),
                whole: bytes(2),
              })
              .then(
                () => 'stored',
                () => 'refused',
              )
            Object.defineProperty(IDBObjectStore.prototype, method, { value: original })
            await store.close()
            const again = await lab.openStore(prefix)
            const { updates, batches, resume } = await again.load()
            await again.close()
            const kept = `${updates.map(String)}|${batches.length}|${resume?.position?.offset}`
            const expected = outcome === 'stored' ? '2|1|2_0' : '1|0|1_0'
            if (calls >= failing !== (outcome === 'refused') || kept !== expected) {
              found.push(`${prefix}: ${outcome} after ${calls} calls, then ${kept}`)
            }
          }
        }
      }
      return found
    })
    expect(outcomes).toEqual([])
  })
})
