// The tools for writing, by keyboard alone, while another person has the document open.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { takeScreenshot } from '../harness/browser.ts'
import { isDeep } from '../harness/deep.ts'
import { barriers } from './barriers.ts'
import { eventually } from './eventually.ts'
import { badge, patience, useVisitors } from './visitors.ts'

const people = useVisitors()
const { visit } = people

/** The markup of the text, without carets and other parts that only a browser needs. */
const html = (page: Page): Promise<string> =>
  page.locator('.prose').evaluate((prose) => {
    const copy = prose.cloneNode(true) as typeof prose
    for (const aid of copy.querySelectorAll('.caret, .ProseMirror-separator, select, br'))
      aid.remove()
    return copy.innerHTML
  })

const has = (page: Page, pattern: RegExp) =>
  eventually(async () => expect(await html(page)).toMatch(pattern), patience)

const list = (page: Page) => page.getByRole('listbox')

// ProseMirror restores its own selection up to 20 ms after the editor has got the focus. So a key that moves the caret
// is pressed again until the editor itself says where the caret is.

/** Moves the caret to the heading at the start; the tool for headings shows it. */
const goToHeading = (page: Page) =>
  eventually(async () => {
    await page.keyboard.press('Control+Home')
    const heading = page.getByRole('button', { name: 'H1 heading' })
    expect(await heading.getAttribute('aria-pressed')).toBe('true')
  }, patience)

/** Moves Bob's caret to the end of the text; the page of another person shows it. */
const goToEnd = (bob: Page, other: Page) =>
  eventually(async () => {
    await bob.keyboard.press('Control+End')
    const after = await other.locator('.caret[data-person="Bob"]').evaluate((caret) => {
      const rest = document.createRange()
      rest.selectNodeContents(caret.closest('.prose') ?? caret)
      rest.setStartAfter(caret)
      return rest.toString()
    })
    expect(after.replace(/[\s\u2060\ufeff]/g, '')).toBe('')
  }, patience)

/** Chooses a block by name, with keys only. */
async function slash(page: Page, words: string): Promise<void> {
  await page.keyboard.type(`/${words}`)
  await list(page).getByRole('option').first().waitFor()
  await page.keyboard.press('Enter')
  await list(page).waitFor({ state: 'detached' })
}

test('every block and mark is written by keyboard alone, and another person sees it', {
  skip: !isDeep,
}, async () => {
  const [ada, bob] = await Promise.all([visit('Ada'), visit('Bob')])
  await ada.getByRole('button', { name: 'Who is here: Ada (you) and Bob' }).waitFor()
  await ada.locator('.prose').focus()
  await slash(ada, 'heading 1')
  await ada.keyboard.type('The keeper’s log')
  await ada.keyboard.press('Enter')
  await ada.keyboard.type('**Bold**, ~~gone~~, ==seen== and `code` by @')
  await list(ada).getByRole('option', { name: 'Bob' }).waitFor()
  expect(await barriers(ada)).toEqual([])
  await takeScreenshot(ada, 'writing-mention')
  await ada.keyboard.type('bo')
  await ada.keyboard.press('Enter')
  await ada.keyboard.type('in a :sailb')
  await list(ada).getByRole('option', { name: 'sailboat' }).waitFor()
  await ada.keyboard.press('Tab')
  await ada.keyboard.press('Enter')
  await has(bob, /<h1>The keeper’s log<\/h1>/)
  await has(bob, /<strong>Bold<\/strong>, <s>gone<\/s>, <mark>seen<\/mark> and <code>code<\/code>/)
  await has(bob, /<span data-type="mention"[^>]*>@Bob<\/span> in a ⛵/)
  // The list opens for the writer alone.
  expect(await list(bob).count()).toBe(0)

  await slash(ada, 'task')
  await ada.keyboard.type('Trim the wick')
  await ada.keyboard.press('Enter')
  await ada.keyboard.press('Enter')
  await slash(ada, 'code')
  await ada.keyboard.type('# not a heading: /head')
  expect(await list(ada).count()).toBe(0)
  await has(bob, /data-type="taskList"/)
  await has(bob, /<pre><code># not a heading: \/head<\/code><\/pre>/)
  const bold = ada.getByRole('button', { name: 'Bold', exact: true })
  expect(await bold.getAttribute('aria-disabled')).toBe('true')
  expect(await bold.getAttribute('title')).toBe('Bold is off: a code block holds plain text only.')
  await ada.keyboard.press('ArrowDown')

  // A table, and its tools from the toolbar, which one Tab stop and the arrow keys reach.
  await slash(ada, 'table')
  await ada.keyboard.type('Night')
  await ada.keyboard.press('Tab')
  await ada.keyboard.type('Ships')
  await has(bob, /<th[^>]*><p>Night<\/p><\/th><th[^>]*><p>Ships<\/p>/)
  await ada.getByRole('button', { name: 'Table', exact: true }).focus()
  await ada.keyboard.press('Enter')
  await ada.getByRole('menuitem', { name: 'Add a row below' }).waitFor()
  await takeScreenshot(ada, 'writing-table-menu')
  await ada.keyboard.type('Header row')
  await ada.keyboard.press('Enter')
  await has(bob, /<td[^>]*><p>Night<\/p><\/td>/)
  await ada.getByRole('button', { name: 'Table', exact: true }).press('Enter')
  await ada.getByRole('menuitem', { name: 'Header row on or off' }).press('Enter')
  await has(bob, /<th[^>]*><p>Night<\/p>/)
  expect(await barriers(ada)).toEqual([])

  // Blocks move and double by keys, and by the menu of the block at the caret.
  await goToHeading(ada)
  await ada.keyboard.press('Alt+Shift+ArrowDown')
  await has(bob, /^<p>.*<h1>The keeper’s log<\/h1><ul/)
  await ada.keyboard.press('Control+d')
  await has(bob, /(<h1>The keeper’s log<\/h1>){2}/)
  await ada.getByRole('button', { name: 'Block at the caret' }).focus()
  await ada.keyboard.press('Enter')
  await ada.getByRole('menuitem', { name: 'Turn into' }).press('ArrowRight')
  await ada.getByRole('menuitem', { name: 'Quote' }).press('Enter')
  await has(bob, /<blockquote><p>The keeper’s log<\/p><\/blockquote>/)
  await badge(ada, 'saved')
  expect(await html(ada)).toContain('<blockquote>')

  // A selection has a menu; a link shows its address.
  await ada.keyboard.press('Shift+End')
  const menu = ada.getByRole('toolbar', { name: 'Formatting of the selection' })
  await menu.getByRole('button', { name: 'Link' }).click()
  await ada.keyboard.type('example.org/keepers')
  await ada.keyboard.press('Enter')
  await has(bob, /href="https:\/\/example.org\/keepers"/)
  await ada.keyboard.press('ArrowRight')
  await ada.keyboard.press('ArrowLeft')
  await ada.getByRole('link', { name: 'example.org/keepers' }).waitFor()
  await takeScreenshot(ada, 'writing-link')
  expect(await barriers(ada)).toEqual([])
})

test('a person finds and replaces words, walks the outline, and reads the shortcuts', {
  skip: !isDeep,
}, async () => {
  const ada = await visit('Ada')
  await ada.locator('.prose').focus()
  await ada.keyboard.insertText('# ')
  await ada.keyboard.type('# Lamp')
  await ada.keyboard.press('Enter')
  await ada.keyboard.insertText('The lamp needs oil, and the lamp needs glass.')
  await ada.keyboard.press('Control+f')
  const field = ada.getByRole('textbox', { name: 'Find' })
  await field.fill('lamp')
  await ada.getByText('3', { exact: true }).waitFor()
  await field.press('Enter')
  await ada.getByText('1 of 3').waitFor()
  await ada.getByRole('button', { name: 'Match capitals' }).click()
  await ada.getByText(/^(1 of )?2$/).waitFor()
  await ada.getByRole('textbox', { name: 'Replace with' }).fill('lantern')
  expect(await barriers(ada)).toEqual([])
  await takeScreenshot(ada, 'writing-find')
  await ada.getByRole('button', { name: 'All' }).click()
  await has(ada, /The lantern needs oil, and the lantern needs glass\./)
  await ada.getByText('Not found').waitFor()
  await field.press('Escape')
  expect(await ada.locator('.ProseMirror-search-match').count()).toBe(0)

  await ada.getByRole('button', { name: 'Outline' }).click()
  const outline = ada.getByRole('complementary', { name: 'Outline' })
  await outline.getByText(/^1\d words · 1 min to read$/).waitFor()
  expect(await barriers(ada)).toEqual([])
  await takeScreenshot(ada, 'writing-outline')
  await outline.getByRole('button', { name: 'Lamp' }).press('Enter')
  await ada.keyboard.type('Great ')
  await outline.getByRole('button', { name: 'Great Lamp' }).waitFor()
  await ada.keyboard.press('Control+/')
  await ada.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
  expect(await barriers(ada)).toEqual([])
  await takeScreenshot(ada, 'writing-shortcuts')
  await ada.keyboard.press('Escape')
  await ada.getByRole('dialog').waitFor({ state: 'detached' })
  await ada.keyboard.type('old ')
  await has(ada, /Great old Lamp/)
})

test('the history shows what changed in the text, a restored version is undone, and a person follows another', {
  skip: !isDeep,
}, async () => {
  const [ada, bob] = await Promise.all([visit('Ada'), visit('Bob')])
  await ada.locator('.prose').focus()
  await ada.keyboard.insertText('The lamp burns low tonight.')
  await badge(ada, 'saved')
  await ada.getByRole('button', { name: 'History' }).click()
  const history = ada.getByRole('complementary', { name: 'History' })
  await history.getByText('There are no versions yet.').waitFor()
  await history.getByLabel('Keep the current content as').fill('first night')
  await ada.keyboard.press('Enter')
  const entry = history.getByRole('listitem').filter({ hasText: 'first night' })
  await entry.waitFor()

  await has(bob, /tonight\./)
  await bob.locator('.prose').click()
  await goToEnd(bob, ada)
  for (let presses = 0; presses < 2; presses++) await bob.keyboard.press('Control+Backspace')
  await bob.keyboard.type('bright.')
  await bob.keyboard.press('Enter')
  await bob.keyboard.insertText('A ship passed.')
  await badge(bob, 'saved')
  await has(ada, /A ship passed/)
  await entry.getByRole('button', { name: 'Changes since' }).press('Enter')
  await ada.locator('.prose p.compare-added', { hasText: 'A ship passed.' }).waitFor()
  await ada.locator('.prose .compare-removed', { hasText: 'tonight' }).waitFor()
  await history.getByText(/^\d places have changed since, by Bob\.$/).waitFor()
  expect(await barriers(ada)).toEqual([])
  await takeScreenshot(ada, 'history')
  // Others see no marks, and the marks are not part of the document.
  expect(await bob.locator('.compare-added').count()).toBe(0)

  await entry.getByRole('button', { name: 'Restore' }).press('Enter')
  await has(bob, /^<p>The lamp burns low tonight\.<\/p>$/)
  await history.getByText('The version is restored.').waitFor()
  expect(await ada.locator('.compare-added').count()).toBe(0)
  // The button that undoes it has the focus.
  await ada.keyboard.press('Enter')
  await has(bob, /A ship passed\./)
  await history.getByText('The version is restored.').waitFor({ state: 'detached' })
  await history.getByLabel('Shade by author').check()
  // The text that came back is Ada's, who undid the restore; the rest of Bob's is still his.
  await ada.locator('.prose .author[title="Ada"]', { hasText: 'A ship passed.' }).waitFor()
  expect(await barriers(ada)).toEqual([])
  await takeScreenshot(ada, 'history-authors')
  await history.getByRole('button', { name: 'Close History' }).press('Enter')
  expect(await ada.locator('.prose .author').count()).toBe(0)

  // Ada's page goes where Bob is, until she moves it herself.
  await ada.setViewportSize({ width: 390, height: 600 })
  await bob.locator('.prose').click()
  await bob.keyboard.press('Control+End')
  await bob.keyboard.insertText('\n'.repeat(3))
  for (let line = 0; line < 40; line++) await bob.keyboard.press('Enter')
  await ada.getByRole('button', { name: /^Who is here/ }).click()
  await ada.getByRole('button', { name: 'Follow Bob' }).click()
  await ada.keyboard.press('Escape')
  await ada.getByText('Following Bob').waitFor()
  const isBobInView = () =>
    ada.locator('.caret[data-person="Bob"]').evaluate((caret) => {
      const { top } = caret.getBoundingClientRect()
      return top > 0 && top < 600
    })
  await eventually(async () => expect(await isBobInView()).toBe(true), patience)
  await bob.keyboard.press('Control+Home')
  await eventually(async () => expect(await ada.evaluate('scrollY')).toBe(0), patience)
  await takeScreenshot(ada, 'following-phone')
  expect(await barriers(ada)).toEqual([])
  expect(await ada.evaluate('document.documentElement.scrollWidth')).toBe(390)
  await ada.mouse.wheel(0, 100)
  await ada.getByText('Following Bob').waitFor({ state: 'detached' })

  // Offline, nobody stays as a ghost: Bob is grey, with the time when he was last seen.
  await ada.getByTestId('badge').click()
  await ada.getByRole('switch', { name: 'Work offline' }).click()
  await ada.keyboard.press('Escape')
  await ada.getByRole('button', { name: 'Who is here: Ada (you)', exact: true }).click()
  await ada.getByText(/^last seen \d/).waitFor()
  expect(await ada.locator('.caret').count()).toBe(0)
  expect(await barriers(ada)).toEqual([])
  await takeScreenshot(ada, 'offline-phone')
})
