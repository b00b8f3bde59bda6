// People who visit the editor, each with a browser profile of their own, and what they look at.
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject } from 'vitest'
import { freshDocId } from '../e2e/server.ts'
import { launchBrowser } from '../harness/browser.ts'
import { eventually } from './eventually.ts'

export const patience = 30_000

/** A browser for the file, a document for each test, on the server of the run. */
export function useVisitors() {
  let browser: Browser
  const contexts: BrowserContext[] = []
  const visitors = {
    docId: '',
    /** Where the editor's server listens, without the mount point. */
    url: inject('editorUrl'),

    /**
     * A profile of somebody's own; they are called `name` from the start. The service worker, a process
     * that loads the whole page once more, runs only where a test says `serviceWorkers: 'allow'`.
     */
    async profileOf(name: string, options: BrowserContextOptions = {}): Promise<BrowserContext> {
      const viewport = { width: 1180, height: 720 }
      const context = await browser.newContext({ viewport, serviceWorkers: 'block', ...options })
      contexts.push(context)
      const color = name === 'Ada' ? '#027c7c' : '#bd3f7a'
      const person = JSON.stringify({ id: name, name, color })
      await context.addInitScript(`localStorage['y-electric:person'] ??= ${JSON.stringify(person)}`)
      return context
    },

    async openPage(context: BrowserContext, search = ''): Promise<Page> {
      const page = await context.newPage()
      page.on('dialog', (dialog) => void dialog.accept())
      await page.goto(`${visitors.url}/d/${visitors.docId}${search}`)
      return page
    },

    async visit(name: string, options?: BrowserContextOptions): Promise<Page> {
      const page = await visitors.openPage(await visitors.profileOf(name, options))
      await badge(page, 'saved')
      return page
    },
  }
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())
  beforeEach(() => {
    visitors.docId = freshDocId('showcase')
  })
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()))
  })
  return visitors
}

/**
 * Waits until an expression is true in the page. Playwright's `waitForFunction` compiles it in the page again
 * and again, which the editor's content security policy forbids.
 */
export const becomes = (page: Page, expression: string): Promise<true> =>
  eventually(async () => Boolean(await page.evaluate(expression)) as true, patience)

export const badge = (page: Page, state: string) =>
  page.waitForSelector(`[data-testid=badge][data-state=${state}]`, { timeout: patience })

export const badgeSays = (page: Page, words: string) =>
  eventually(
    async () => expect(await page.textContent('[data-testid=badge]')).toBe(words),
    patience,
  )

export const shows = (page: Page, text: string) =>
  eventually(async () => expect(await page.textContent('.prose')).toContain(text), patience)

export async function type(page: Page, text: string): Promise<void> {
  await page.locator('.prose').click()
  await page.keyboard.press('Control+End')
  await page.keyboard.type(text)
}
