// The people of a test: each has a browser profile, a name and a colour.
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import { eventually } from '../browser/eventually.ts'
import type { Example } from './editors.ts'

const COLORS: Readonly<Record<string, string>> = { Ada: '#027c7c', Bob: '#bd3f7a' }

/** Opens a document in a profile of its own. */
export async function openAs(
  name: string,
  browser: Browser,
  address: string,
  example: Example,
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1000, height: 700 } })
  const kept = JSON.stringify({ name, color: COLORS[name] })
  await context.addInitScript(`Object.assign(localStorage, ${kept})`)
  const page = await context.newPage()
  await page.goto(address)
  await page.locator(example.editable).first().waitFor()
  await showsStatus(page, 'Saved')
  return page
}

export const showsStatus = (page: Page, words: string): Promise<void> =>
  eventually(async () => expect(await page.locator('#status').textContent()).toBe(words))

/** Waits until every page shows the same text, with these parts and without those. */
export async function allShow(
  pages: readonly Page[],
  example: Example,
  parts: { readonly has?: readonly string[]; readonly lacks?: readonly string[] },
): Promise<void> {
  await eventually(async () => {
    const [text = '', ...others] = await Promise.all(pages.map((page) => example.read(page)))
    for (const other of others) expect(other).toBe(text)
    for (const part of parts.has ?? []) expect(text).toContain(part)
    for (const part of parts.lacks ?? []) expect(text).not.toContain(part)
  })
}
