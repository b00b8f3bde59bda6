// A page is hidden, closed and reopened in a real Chromium. Others see at once that it leaves and returns.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDocId, useBackend } from '../e2e/server.ts'
import { launchBrowser } from '../harness/browser.ts'
import { eventually } from './eventually.ts'
import type {} from './lab.ts'
import { type PageServer, servePage } from './pageServer.ts'

const backend = useBackend()
let server: PageServer
let browser: Browser

beforeAll(async () => {
  server = await servePage(backend.current)
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
})

/** Opens the document as a person with a separate browser profile. */
async function open(name: string, docId: string): Promise<Page> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(server.url)
  await page.waitForFunction(() => typeof lab === 'object')
  await page.evaluate(([person, id]) => lab.openPerson(person, id), [name, docId] as const)
  return page
}
const names = (page: Page) => page.evaluate(() => lab.names())
const see = (page: Page, ...wanted: string[]) =>
  eventually(async () => expect(await names(page)).toEqual(wanted))

test('others see at once when a page leaves, closes and returns', async () => {
  const docId = freshDocId()
  const [ada, bob, carol] = await Promise.all(
    ['Ada', 'Bob', 'Carol'].map((name) => open(name, docId)),
  )
  if (!ada || !bob || !carol) throw new Error('the test needs three clients')
  await see(ada, 'Ada', 'Bob', 'Carol')
  await bob.goto('about:blank')
  await see(ada, 'Ada', 'Carol')
  await carol.close({ runBeforeUnload: true })
  await see(ada, 'Ada')
  const back = await open('Bob', docId)
  await Promise.all([see(ada, 'Ada', 'Bob'), see(back, 'Ada', 'Bob')])
})
