// The language of a code block, and tables that are typed as Markdown writes them.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { docPath } from 'y-electric/protocol'
import { takeScreenshot } from '../harness/browser.ts'
import { isDeep } from '../harness/deep.ts'
import { barriers } from './barriers.ts'
import { eventually } from './eventually.ts'
import { badge, patience, shows, useVisitors } from './visitors.ts'

const people = useVisitors()
const { visit } = people

const language = (page: Page) => page.locator('.prose').getByLabel('Language of the code')

const isLanguage = (page: Page, value: string) =>
  eventually(async () => expect(await language(page).inputValue()).toBe(value), patience)

const exported = async (format: string): Promise<string> =>
  (await fetch(`${people.url}/api${docPath(people.docId)}?format=${format}`)).text()

const phone = { viewport: { width: 390, height: 800 }, isMobile: true, hasTouch: true }

test('the language of a code block is chosen by keys, is coloured for all, and is stored', {
  skip: !isDeep,
}, async () => {
  const [ada, bob] = await Promise.all([visit('Ada'), visit('Bob')])
  await ada.locator('.prose').click()
  await ada.keyboard.type('``` ')
  await ada.keyboard.type('fn main() {}')
  await shows(bob, 'fn main')
  await isLanguage(bob, '')
  await ada.keyboard.press('Escape')
  expect(await language(ada).evaluate((select) => select === document.activeElement)).toBe(true)
  await ada.keyboard.type('Rust')
  await isLanguage(bob, 'rust')
  await bob.locator('.prose .hljs-keyword').getByText('fn').waitFor()
  expect(await barriers(ada)).toEqual([])
  await takeScreenshot(ada, 'code-language')
  // Escape goes back to the code, where the caret was.
  await ada.keyboard.press('Escape')
  await ada.keyboard.type(' // lamp')
  await shows(bob, 'fn main() {} // lamp')
  await badge(ada, 'saved')
  expect(await exported('markdown')).toContain('```rust\nfn main() {} // lamp\n```')
  await ada.keyboard.press('Escape')
  await language(ada).selectOption('No language')
  await isLanguage(bob, '')
})

test('a language that this editor does not know stays, and a reader cannot change it', {
  skip: !isDeep,
}, async () => {
  await fetch(`${people.url}/api${docPath(people.docId)}`, {
    method: 'PUT',
    headers: { 'content-type': 'text/markdown' },
    body: '```mermaid\ngraph LR\n```\n\n```ts\nconst lamp = 1\n```\n',
  })
  const ada = await visit('Ada', { ...phone, colorScheme: 'dark' })
  const [unknown, alias] = [language(ada).first(), language(ada).last()]
  expect(await unknown.inputValue()).toBe('mermaid')
  expect(
    await alias.evaluate((select) => (select as HTMLSelectElement).selectedOptions[0]?.text),
  ).toBe('TypeScript')
  expect(await alias.inputValue()).toBe('ts')
  await unknown.focus()
  expect(await ada.evaluate('document.documentElement.scrollWidth')).toBe(390)
  expect(await barriers(ada)).toEqual([])
  await takeScreenshot(ada, 'code-language-phone-dark')
  const reader = await people.openPage(await people.profileOf('Reader'), '?mode=view')
  await eventually(async () => expect(await language(reader).count()).toBe(2), patience)
  expect(await language(reader).first().isDisabled()).toBe(true)
  expect(await exported('markdown')).toContain('```mermaid')
})

const tableOf = (page: Page): Promise<string[][]> =>
  page
    .locator('.prose tr')
    .evaluateAll((rows) =>
      rows.map((row) => [...row.children].map((cell) => `${cell.tagName} ${cell.textContent}`)),
    )

const isTable = (page: Page, rows: string[][]) =>
  eventually(async () => expect(await tableOf(page)).toEqual(rows), patience)

test('a table is typed as Markdown writes it, and the line below its header leaves nothing behind', {
  skip: !isDeep,
}, async () => {
  const [ada, bob] = await Promise.all([visit('Ada'), visit('Bob')])
  await ada.locator('.prose').click()
  await ada.keyboard.type('| **Name** | Born |')
  await ada.keyboard.press('Enter')
  await isTable(bob, [
    ['TH Name', 'TH Born'],
    ['TD ', 'TD '],
  ])
  expect(await bob.locator('.prose th strong').textContent()).toBe('Name')
  await ada.keyboard.type('| --- | --- |')
  await ada.keyboard.press('Enter')
  await ada.keyboard.type('Ada')
  await ada.keyboard.press('Tab')
  await ada.keyboard.type('1815')
  await isTable(bob, [
    ['TH Name', 'TH Born'],
    ['TD Ada', 'TD 1815'],
  ])
  await badge(ada, 'saved')
  expect(await exported('markdown')).toMatch(
    /^\| \*\*Name\*\* \| Born \|\n\| -+ \| -+ \|\n\| Ada +\| 1815 \|\n/,
  )
})

test('undo gives back the line that became a table', { skip: !isDeep }, async () => {
  const [ada, bob] = await Promise.all([visit('Ada'), visit('Bob')])
  await ada.locator('.prose').click()
  await ada.keyboard.type('| Name | Born |')
  await ada.keyboard.press('Enter')
  await isTable(bob, [
    ['TH Name', 'TH Born'],
    ['TD ', 'TD '],
  ])
  await ada.keyboard.type('A')
  await ada.keyboard.press('Control+z')
  await isTable(bob, [
    ['TH Name', 'TH Born'],
    ['TD ', 'TD '],
  ])
  await ada.keyboard.press('Control+z')
  await isTable(bob, [])
  await shows(bob, '| Name | Born |')
  await ada.keyboard.press('Control+Shift+z')
  await isTable(bob, [
    ['TH Name', 'TH Born'],
    ['TD ', 'TD '],
  ])
})
