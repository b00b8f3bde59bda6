// pglite() in a real Chromium, with the database in a web worker that tabs share. Deep, because PGlite creates its files in
// the browser: Y_ELECTRIC_DEEP=1 npx vitest run --project integration test/persistence/pglite
import path from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import { launchBrowser } from '../harness/browser.ts'
import { isDeep } from '../harness/deep.ts'
import { type PgliteSite, servePgliteSite } from '../harness/pgliteSite.ts'
import type { PglitePage } from './pglitePage.ts'

declare const page: PglitePage

const PATIENCE_MS = 60_000

describe.runIf(isDeep)('pglite() in a browser', () => {
  let site: PgliteSite
  let browser: Browser
  let profile: BrowserContext

  beforeAll(async () => {
    site = await servePgliteSite(path.join(import.meta.dirname, 'pglitePage.ts'))
    browser = await launchBrowser()
    profile = await browser.newContext()
  })
  afterAll(async () => {
    await browser?.close()
    site?.close()
  })

  async function openTab(): Promise<Page> {
    const tab = await profile.newPage()
    await tab.goto(site.url)
    await tab.waitForFunction(() => typeof page === 'object')
    return tab
  }

  test('meets the requirements of a store', async () => {
    const tab = await openTab()
    expect(await tab.evaluate(() => page.runStoreTests())).toEqual([])
    await tab.close()
  })

  test('tabs share one database: a live query sees the edits of another tab, which are adopted when that tab closes, even if it ran the database', async () => {
    const first = await openTab()
    await first.evaluate(() => page.keep('shared', 'of the first'))
    const second = await openTab()
    await second.evaluate(() => page.watch())
    await first.evaluate(() => page.keep('shared', 'one more'))
    await eventually(
      async () => expect(await second.evaluate(() => page.seen.at(-1))).toBe(2),
      PATIENCE_MS,
    )
    expect(await second.evaluate(() => page.adopt('shared'))).toEqual([])
    expect(await first.evaluate(() => page.isLeader())).toBe(true)
    expect(await second.evaluate(() => page.isLeader())).toBe(false)

    await first.close()
    await eventually(
      async () =>
        expect((await second.evaluate(() => page.adopt('shared'))).sort()).toEqual([
          'of the first',
          'one more',
        ]),
      PATIENCE_MS,
    )
    expect(await second.evaluate(() => page.isLeader())).toBe(true)
    await second.close()
  })

  test('a document is whole after the page was left', async () => {
    const tab = await openTab()
    expect(await tab.evaluate(() => page.open('letter', 'Dear Bob'))).toBe('Dear Bob')
    await tab.reload()
    await tab.waitForFunction(() => typeof page === 'object')
    expect(await tab.evaluate(() => page.open('letter', ''))).toBe('Dear Bob')
    await tab.close()
  })
})
