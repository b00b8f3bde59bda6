// Any number of documents in one browser over HTTP/1.1, in one page or in many tabs, use one stream.
import type { BrowserContext, Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { isDeep } from '../harness/deep.ts'
import { noteFigure } from '../harness/figures.ts'
import { eventually } from './eventually.ts'
import type {} from './lab.ts'
import { useLab } from './useLab.ts'

const site = useLab()
let context: BrowserContext

beforeEach(async () => {
  context = await site.newProfile()
})

async function openTab(docIds: readonly string[], profile = context): Promise<Page> {
  const page = await site.openTab(profile)
  await page.evaluate((ids) => {
    const documents = ids.map((id) => lab.openDocument(true, undefined, id))
    Object.assign(globalThis, { documents })
  }, docIds)
  return page
}

const newIds = (count: number): string[] => Array.from({ length: count }, () => crypto.randomUUID())

type Documents = ReturnType<typeof lab.openDocument>[]

const statuses = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    (Reflect.get(globalThis, 'documents') as Documents).map(({ provider }) => provider.status),
  )
const isConnected = async (page: Page): Promise<boolean> =>
  (await statuses(page)).every((status) => status === 'connected')
const texts = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    (Reflect.get(globalThis, 'documents') as Documents).map(({ doc }) =>
      doc.getText('body').toString(),
    ),
  )
/** Types into every document of a page. @returns the milliseconds until all edits were saved */
const typeAndSave = (page: Page, text: string): Promise<number> =>
  page.evaluate(async (typed) => {
    const documents = Reflect.get(globalThis, 'documents') as Documents
    const began = performance.now()
    for (const { doc } of documents) doc.getText('body').insert(0, typed)
    await Promise.all(documents.map(({ provider }) => provider.whenSaved()))
    return performance.now() - began
  }, text)

test('thirty documents with presence in one page are all live, and saves do not wait', async () => {
  const docIds = newIds(30)
  const page = await openTab(docIds)
  await page.evaluate(() => {
    const documents = Reflect.get(globalThis, 'documents') as Documents
    return Promise.all(documents.map(({ provider }) => provider.whenSynced()))
  })
  await eventually(() => isConnected(page))
  const elsewhere = await openTab(docIds, await site.newProfile())
  await eventually(() => isConnected(elsewhere))
  await noteFigure('save of 30 documents at once, ms', (await typeAndSave(page, 'x')).toFixed(0))
  await eventually(async () => expect(await texts(elsewhere)).toEqual(docIds.map(() => 'x')))
  await typeAndSave(elsewhere, 'y')
  await eventually(async () => expect(await texts(page)).toEqual(docIds.map(() => 'yx')))
})

// More than the six connections of a browser to one host over HTTP/1.1: with a stream each, tabs would wait.
test('12 tabs with a document each are all live through one stream, even after its tab is closed or frozen', {
  skip: !isDeep,
}, async () => {
  const docIds = newIds(12)
  const tabs: Page[] = []
  for (const docId of docIds) tabs.push(await openTab([docId]))
  await Promise.all(tabs.map((tab) => eventually(() => isConnected(tab))))
  const elsewhere = await openTab(docIds, await site.newProfile())
  await eventually(() => isConnected(elsewhere))
  const shown = (list: readonly Page[], from: number, text: string) =>
    Promise.all(
      list.map((tab, i) =>
        eventually(async () => expect([from + i, await texts(tab)]).toEqual([from + i, [text]])),
      ),
    )

  await typeAndSave(elsewhere, 'a')
  await shown(tabs, 0, 'a')

  // The first tab leads. When it closes, the browser gives the lock to the next one.
  await tabs[0]?.close()
  await typeAndSave(elsewhere, 'b')
  await shown(tabs.slice(1), 1, 'ba')

  const devtools = await context.newCDPSession(tabs[1] as Page)
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
  await typeAndSave(elsewhere, 'c')
  await shown(tabs.slice(2), 2, 'cba')
  await devtools.send('Page.setWebLifecycleState', { state: 'active' })
  await shown(tabs.slice(1), 1, 'cba')
  for (const tab of tabs.slice(1)) await typeAndSave(tab, 'd')
  await eventually(async () =>
    expect(await texts(elsewhere)).toEqual(['cba', ...docIds.slice(1).map(() => 'dcba')]),
  )
})
