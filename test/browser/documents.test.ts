// The list of all documents of the server: renamed, copied, deleted, imported and saved as files.
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { freshDocId } from '../e2e/server.ts'
import { takeScreenshot } from '../harness/browser.ts'
import { barriers } from './barriers.ts'
import { eventually } from './eventually.ts'
import { patience, shows, useVisitors } from './visitors.ts'

const people = useVisitors()

/** Stores a document as a back end does. */
async function store(title: string): Promise<string> {
  const docId = freshDocId('listed')
  const response = await fetch(`${people.url}/api/docs/${docId}`, {
    method: 'PUT',
    headers: { 'content-type': 'text/markdown' },
    body: `# ${title}\n\nText.`,
  })
  expect(response.status).toBe(201)
  return docId
}

const statusOf = async (docId: string): Promise<number> =>
  (await fetch(`${people.url}/api/docs/${docId}?format=text`)).status

async function choose(page: Page, title: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `More for “${title}”` }).press('Enter')
  await page.getByRole('menuitem', { name: action }).press('Enter')
}

test('documents of everybody are listed live, renamed, copied, deleted with undo, imported and saved', async () => {
  const docId = await store('The lamp book')
  const page = await (await people.profileOf('Ada')).newPage()
  await page.goto(people.url)
  const list = page.getByTestId('documents')
  await list.getByRole('link', { name: /^The lamp book/ }).waitFor()
  // Another person's document appears without a reload.
  const other = await store('The tide book')
  await list.getByRole('link', { name: /^The tide book/ }).waitFor()
  await page.getByLabel('Sort by').selectOption('title')
  await page.getByLabel('Search by title').fill('BOOK the')
  await eventually(
    async () =>
      expect(await list.locator('.contents-title').allTextContents()).toEqual([
        'The lamp book',
        'The tide book',
      ]),
    patience,
  )
  expect(await barriers(page)).toEqual([])
  await takeScreenshot(page, 'documents')

  await choose(page, 'The lamp book', 'Rename')
  await page.getByLabel('New title of “The lamp book”').fill('The light book')
  await page.keyboard.press('Enter')
  await list.getByRole('link', { name: /^The light book/ }).waitFor()
  const text = await fetch(`${people.url}/api/docs/${docId}?format=text`)
  expect(await text.text()).toBe('The light book\nText.')
  await choose(page, 'The light book', 'Duplicate')
  await eventually(
    async () => expect(await list.getByRole('link', { name: /^The light book/ }).count()).toBe(2),
    patience,
  )

  // Nothing is deleted while it can be undone.
  await choose(page, 'The tide book', 'Delete')
  await page.getByText('“The tide book” will be deleted in a moment, for everybody.').waitFor()
  expect(await list.getByRole('link', { name: /^The tide book/ }).count()).toBe(0)
  expect(await statusOf(other)).toBe(200)
  await page.keyboard.press('Enter')
  await list.getByRole('link', { name: /^The tide book/ }).waitFor()
  await choose(page, 'The tide book', 'Delete')
  await eventually(async () => expect(await statusOf(other)).toBe(410), patience)

  const saving = page.waitForEvent('download')
  await page.getByRole('button', { name: 'More for “The light book”' }).first().press('Enter')
  await page.getByRole('menuitem', { name: 'Download as Markdown' }).press('Enter')
  const saved = await saving
  expect(saved.suggestedFilename()).toBe('The light book.md')
  expect(await readFile(await saved.path(), 'utf8')).toBe('# The light book\n\nText.\n')

  await page.setViewportSize({ width: 390, height: 800 })
  await page.emulateMedia({ colorScheme: 'dark' })
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
  expect(await barriers(page)).toEqual([])
  await takeScreenshot(page, 'documents-phone-dark')

  const file = { name: 'log.MD', mimeType: '', buffer: Buffer.from('# Imported log\n\n- [x] done') }
  await page.getByLabel('Files to import').setInputFiles(file)
  await shows(page, 'Imported log')
  expect(await page.locator('.prose input[type=checkbox]').isChecked()).toBe(true)
})
