// Tabs of one browser with one document, in a real Chromium. They exchange edits with and without a
// network, and send the edits of a closed tab.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import { freshDocId } from '../e2e/server.ts'
import { launchBrowser } from '../harness/browser.ts'
import { isDeep } from '../harness/deep.ts'
import { eventually } from './eventually.ts'

let browser: Browser
let docId: string
let context: BrowserContext

beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())
beforeEach(async () => {
  docId = freshDocId('tabs')
  context = await browser.newContext({ serviceWorkers: 'block' })
})
afterEach(() => context.close())

async function openTab(profile = context): Promise<Page> {
  const page = await profile.newPage()
  await page.goto(`${inject('editorUrl')}/d/${docId}`)
  await eventually(() => provider(page, 'synced'))
  return page
}

/** A fact of the provider of a page. */
const provider = (page: Page, fact: 'synced' | 'saved'): Promise<boolean> =>
  page.evaluate((name) => Reflect.get(window, 'yElectric')?.provider[name] ?? false, fact)

const ask = (page: Page, what: 'connect' | 'disconnect'): Promise<void> =>
  page.evaluate((name) => Reflect.get(window, 'yElectric').provider[name](), what)

const shows = async (page: Page, text: string): Promise<boolean> =>
  ((await page.locator('.prose').textContent()) ?? '').includes(text)

async function type(page: Page, text: string): Promise<void> {
  await page.bringToFront()
  await page.locator('.prose').click()
  await page.keyboard.press('Control+End')
  await page.keyboard.type(text)
}

test('an offline tab shows the unsaved edits of another tab, and sends them after that tab has closed', async () => {
  const [one, other] = [await openTab(), await openTab()]
  await eventually(() => provider(other, 'saved'))
  await context.setOffline(true)
  await type(one, 'typed without a network')
  await eventually(() => shows(other, 'typed without a network'))
  expect([await provider(one, 'saved'), await provider(other, 'saved')]).toEqual([false, false])

  // Only the tab that received the edits is left.
  await one.close()
  await context.setOffline(false)
  await eventually(() => provider(other, 'saved'))
  const elsewhere = await browser.newContext({ serviceWorkers: 'block' })
  await eventually(async () => shows(await openTab(elsewhere), 'typed without a network'))
  await elsewhere.close()
})

test('a tab that disconnects while another has edits in flight is saved again after connecting', {
  skip: !isDeep,
}, async () => {
  const [one, other] = [await openTab(), await openTab()]
  await context.setOffline(true)
  await type(one, 'on the way')
  await eventually(() => shows(other, 'on the way'))
  await ask(other, 'disconnect')
  await context.setOffline(false)
  await eventually(() => provider(one, 'saved'))
  await ask(other, 'connect')
  await eventually(() => provider(other, 'saved'))
  await type(one, ', and more')
  await eventually(() => shows(other, 'on the way, and more'))
})
