// Opens the editor for several people, each with a separate browser profile, and reads their pages.
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { beforeEach, expect, inject } from 'vitest'
import { freshDocId } from '../e2e/server.ts'
import { eventually } from './eventually.ts'
import { useProfiles } from './profiles.ts'

export const patience = 30_000

/** Provides profiles for the file, and a document for each test, on the server of the run. */
export function useVisitors() {
  const profiles = useProfiles()
  const visitors = {
    docId: '',
    /** The address of the editor's server, without the mount point. */
    url: inject('editorUrl'),

    /** Creates or reuses a profile for a person named `name`. */
    profileOf: (name: string, options?: BrowserContextOptions): Promise<BrowserContext> =>
      profiles.take(name, options),

    async openPage(context: BrowserContext, search = ''): Promise<Page> {
      const page = await profiles.openPage(context)
      await page.goto(`${visitors.url}/d/${visitors.docId}${search}`)
      return page
    },

    async visit(name: string, options?: BrowserContextOptions): Promise<Page> {
      const page = await visitors.openPage(await visitors.profileOf(name, options))
      await badge(page, 'saved')
      return page
    },
  }
  beforeEach(() => {
    visitors.docId = freshDocId('showcase')
  })
  return visitors
}

/**
 * Waits until an expression is true in the page. Playwright's `waitForFunction` compiles it in the
 * page repeatedly, which the editor's content security policy forbids.
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

/**
 * Types at the end of the document: the first letter with a key, and the rest at once, as an input method
 * does. Each key press costs every page that shows the document an update, a caret and a redraw;
 * editor.test.ts presses every key.
 */
export async function type(page: Page, text: string): Promise<void> {
  await page.locator('.prose').click()
  await page.keyboard.press('Control+End')
  const [first = '', ...rest] = text
  await page.keyboard.type(first)
  await page.keyboard.insertText(rest.join(''))
}
