// The caption, the size and the alternative text of a picture: written by keys alone, and seen by another person.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { docPath } from 'y-electric/protocol'
import { takeScreenshot } from '../harness/browser.ts'
import { isDeep } from '../harness/deep.ts'
import { barriers } from './barriers.ts'
import { eventually } from './eventually.ts'
import { squareIn, storeWithPicture } from './storedPicture.ts'
import { badge, patience, shows, useVisitors } from './visitors.ts'

const people = useVisitors()
const { visit } = people

const store = () =>
  storeWithPicture(
    people.url,
    people.docId,
    `<p>The lamp</p><img src="${squareIn(people.docId)}" alt="a lamp"><p>The log</p>`,
  )

const image = (page: Page) => page.locator('.prose .image img')
const caption = (page: Page) => page.locator('.prose').getByLabel('Caption')
const tools = (page: Page) => page.getByRole('form', { name: 'Picture' })

const captioned = (page: Page, words: string) =>
  eventually(async () => expect(await caption(page).inputValue()).toBe(words), patience)

const exported = async (format: string): Promise<string> =>
  (await fetch(`${people.url}/api${docPath(people.docId)}?format=${format}`)).text()

/**
 * Waits until the editor knows where the caret is. Browsers report it in a task of its own after the click or the key,
 * and on a busy machine the next key comes before that.
 */
const caretIsKnown = (page: Page): Promise<void> =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(() => resolve()))
      }),
  )

/** Selects the picture by keys, from the line above it. */
async function selectPicture(page: Page): Promise<void> {
  await page.getByText('The lamp').click()
  await caretIsKnown(page)
  await page.keyboard.press('End')
  await caretIsKnown(page)
  await page.keyboard.press('ArrowRight')
  await tools(page).waitFor()
}

test('a picture gets a size, a caption and an alternative text by keys, and another person sees them at once', {
  skip: !isDeep,
}, async () => {
  await store()
  const [ada, bob] = await Promise.all([visit('Ada'), visit('Bob')])
  expect(await caption(bob).isVisible()).toBe(false)
  await selectPicture(ada)
  await ada.keyboard.press('Tab')
  expect(await ada.getByRole('radio', { name: 'Full size' }).isChecked()).toBe(true)
  await ada.keyboard.press('ArrowLeft')
  await eventually(async () => expect(await image(bob).getAttribute('width')).toBe('480'), patience)
  expect(await barriers(ada)).toEqual([])
  await takeScreenshot(ada, 'picture-tools')

  await ada.keyboard.press('Tab')
  await ada.keyboard.press('Enter')
  await ada.keyboard.type('Lit in')
  await captioned(bob, 'Lit in')
  // An edit above moves the picture, and does not take the focus out of its caption.
  await bob.getByText('The lamp').click()
  await bob.keyboard.press('Home')
  await bob.keyboard.type('Note: ')
  await shows(ada, 'Note: The lamp')
  await ada.keyboard.type(' 1882')
  await captioned(bob, 'Lit in 1882')
  await ada.keyboard.press('Control+z')
  await captioned(bob, 'Lit in')
  await ada.keyboard.press('Control+Shift+z')
  await captioned(bob, 'Lit in 1882')

  await ada.keyboard.press('Escape')
  await tools(ada).waitFor()
  await ada.keyboard.press('Tab')
  await ada.keyboard.press('Tab')
  await ada.keyboard.press('Tab')
  await ada.keyboard.press('End')
  await ada.keyboard.type(' at night')
  await eventually(
    async () => expect(await image(bob).getAttribute('alt')).toBe('a lamp at night'),
    patience,
  )
  await ada.keyboard.press('Enter')
  await badge(ada, 'saved')
  expect(await exported('html')).toContain('<figcaption>Lit in 1882</figcaption></figure>')
  expect(await exported('markdown')).toContain('<figcaption>Lit in 1882</figcaption></figure>')
  expect(await exported('text')).toContain('a lamp at night – Lit in 1882')

  // Enter leaves the caption for a new line below the picture.
  await caption(ada).click()
  await ada.keyboard.press('Enter')
  await ada.keyboard.type('Trimmed daily')
  await eventually(
    async () => expect(await exported('text')).toMatch(/1882\nTrimmed daily\nThe log/),
    patience,
  )
  await bob.reload()
  await captioned(bob, 'Lit in 1882')
  expect(await image(bob).getAttribute('width')).toBe('480')
})

test('two people who write one caption see the same words, and each caret stays at its letter', {
  skip: !isDeep,
}, async () => {
  await store()
  const [ada, bob] = await Promise.all([visit('Ada'), visit('Bob')])
  await selectPicture(ada)
  await ada.keyboard.press('Tab')
  await ada.keyboard.press('Tab')
  await ada.keyboard.press('Enter')
  await ada.keyboard.type('Lamp')
  await captioned(bob, 'Lamp')
  await caption(bob).click()
  await bob.keyboard.press('Home')
  await bob.keyboard.type('The ')
  await captioned(ada, 'The Lamp')
  await ada.keyboard.type(', lit')
  await captioned(bob, 'The Lamp, lit')
  await bob.keyboard.type('old ')
  await captioned(ada, 'The old Lamp, lit')
})

test('a reader sees the caption and cannot change it', { skip: !isDeep }, async () => {
  const html = `<figure data-y-node="image"><img src="${squareIn(people.docId)}" alt=""><figcaption>Lit in 1882</figcaption></figure><img src="${squareIn(people.docId)}" alt=""><p>x</p>`
  await storeWithPicture(people.url, people.docId, html)
  const reader = await people.openPage(await people.profileOf('Reader'), '?mode=view')
  const captions = caption(reader)
  await eventually(async () => expect(await captions.count()).toBe(2), patience)
  expect(await captions.first().inputValue()).toBe('Lit in 1882')
  expect(await captions.last().isVisible()).toBe(false)
  await captions.first().click()
  await reader.keyboard.type('not to be')
  await reader.keyboard.press('Enter')
  expect(await captions.first().inputValue()).toBe('Lit in 1882')
  expect(await barriers(reader)).toEqual([])
})

test.each(['light', 'dark'] as const)(
  'on a phone in %s colours, the tools and the caption of a picture fit',
  {
    skip: !isDeep,
  },
  async (colorScheme) => {
    await store()
    const phone = { viewport: { width: 390, height: 800 }, isMobile: true, hasTouch: true }
    const ada = await visit('Ada', { ...phone, colorScheme })
    await image(ada).tap()
    await tools(ada).waitFor()
    await tools(ada).getByText('Medium').tap()
    await tools(ada).getByRole('button', { name: 'Caption' }).tap()
    await ada.keyboard.type('The first lamp of the lighthouse, lit in the autumn of 1882')
    expect(await ada.evaluate('document.documentElement.scrollWidth')).toBe(390)
    expect(await barriers(ada)).toEqual([])
    await takeScreenshot(ada, `picture-phone-${colorScheme}`)
  },
)
