// Pictures on their way: at their place in the text, for the person who adds them only.
import type { Page, Route } from 'playwright-core'
import { expect, test } from 'vitest'
import { PICTURE } from '../api/picture.ts'
import { takeScreenshot } from '../harness/browser.ts'
import { isDeep } from '../harness/deep.ts'
import { barriers } from './barriers.ts'
import { eventually } from './eventually.ts'
import { badge, patience, shows, useVisitors } from './visitors.ts'

const people = useVisitors()
const { visit } = people

const isUpload = (url: URL): boolean => url.pathname.endsWith('/files')

/** Holds the uploads of a page until the test answers them. */
async function holdUploads(page: Page): Promise<Route[]> {
  const held: Route[] = []
  await page.route(isUpload, (route) => void held.push(route))
  return held
}

const isHeld = (held: readonly Route[], count: number) =>
  eventually(async () => expect(held).toHaveLength(count), patience)

/** Chooses pictures in the menu, which go to the caret. */
async function choosePictures(page: Page, ...names: string[]): Promise<void> {
  const choosing = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Insert', exact: true }).press('Enter')
  await page.getByRole('menuitem', { name: 'Picture' }).press('Enter')
  const buffer = Buffer.from(PICTURE)
  await (await choosing).setFiles(names.map((name) => ({ name, mimeType: 'image/png', buffer })))
}

/** The blocks of the text, from above: words, pictures, and pictures on their way. */
const blocks = (page: Page): Promise<string[]> =>
  page.locator('.prose').evaluate((prose) =>
    [...prose.querySelectorAll('p, .image, .upload')]
      .filter((each) => each.closest('.upload') === (each.matches('.upload') ? each : null))
      .map((each) => {
        if (each.matches('.image')) return `picture ${each.querySelector('img')?.alt}`
        if (each.matches('.upload')) return 'on its way'
        const copy = each.cloneNode(true) as Element
        for (const aid of copy.querySelectorAll('.upload, .caret')) aid.remove()
        return copy.textContent?.replace(/[\u2060\ufeff]/g, '') ?? ''
      })
      .filter((each) => each !== ''),
  )

const areBlocks = (page: Page, expected: string[]) =>
  eventually(async () => expect(await blocks(page)).toEqual(expected), patience)

/** Two lines, with the caret at the end of the first. */
async function writeTwoLines(page: Page): Promise<void> {
  await page.locator('.prose').click()
  await page.keyboard.type('above')
  await page.keyboard.press('Enter')
  await page.keyboard.type('below')
  await eventually(async () => {
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('End')
    const place = await page.evaluate(() => {
      const { anchorNode, anchorOffset } = window.getSelection() as Selection
      return [anchorNode?.textContent, anchorOffset]
    })
    expect(place).toEqual(['above', 5])
  }, patience)
  await badge(page, 'saved')
}

test('a picture on its way is at its place while others write, and appears there for all', {
  skip: !isDeep,
}, async () => {
  const [ada, bob] = await Promise.all([visit('Ada'), visit('Bob')])
  await writeTwoLines(ada)
  await shows(bob, 'below')
  const held = await holdUploads(ada)
  await choosePictures(ada, 'First.png', 'Second.png')
  await isHeld(held, 1)
  await areBlocks(ada, ['above', 'on its way', 'on its way', 'below'])
  await ada.getByRole('progressbar', { name: 'Adding First.png' }).waitFor()
  expect(await barriers(ada)).toEqual([])
  await takeScreenshot(ada, 'upload')
  await bob.getByText('above').click()
  await bob.keyboard.press('Home')
  await bob.keyboard.type('far ')
  await areBlocks(ada, ['far above', 'on its way', 'on its way', 'below'])
  expect(await blocks(bob)).toEqual(['far above', 'below'])
  await held[0]?.continue()
  await isHeld(held, 2)
  await areBlocks(bob, ['far above', 'picture First', 'below'])
  await areBlocks(ada, ['far above', 'picture First', 'on its way', 'below'])
  await held[1]?.continue()
  await areBlocks(bob, ['far above', 'picture First', 'picture Second', 'below'])
  await areBlocks(ada, ['far above', 'picture First', 'picture Second', 'below'])
})

test('a picture that is canceled leaves nothing, and the next one is added', {
  skip: !isDeep,
}, async () => {
  const ada = await visit('Ada')
  await writeTwoLines(ada)
  const held = await holdUploads(ada)
  await choosePictures(ada, 'First.png', 'Second.png')
  await isHeld(held, 1)
  await ada.getByRole('button', { name: 'Cancel' }).first().press('Enter')
  await isHeld(held, 2)
  expect(await ada.getByRole('button', { name: 'Cancel' }).count()).toBe(1)
  // The focus is in the text again, and words that follow a picture come behind it.
  await ada.keyboard.type('Words.')
  await held[1]?.continue()
  await areBlocks(ada, ['above', 'picture Second', 'Words.', 'below'])
})

test('a picture that could not be sent says why at its place, and is added by trying again', {
  skip: !isDeep,
}, async () => {
  const [ada, bob] = await Promise.all([visit('Ada'), visit('Bob')])
  await writeTwoLines(ada)
  await ada.route(isUpload, (route) => route.abort())
  await choosePictures(ada, 'First.png')
  const alert = ada.locator('.prose').getByRole('alert')
  await alert.waitFor()
  expect(await alert.textContent()).toBe('“First.png” was not added: the server cannot be reached.')
  await areBlocks(ada, ['above', 'on its way', 'below'])
  expect(await barriers(ada)).toEqual([])
  await takeScreenshot(ada, 'upload-failed')
  await ada.setViewportSize({ width: 390, height: 800 })
  await ada.emulateMedia({ colorScheme: 'dark' })
  expect(await ada.evaluate('document.documentElement.scrollWidth')).toBe(390)
  expect(await barriers(ada)).toEqual([])
  await takeScreenshot(ada, 'upload-failed-phone-dark')
  await ada.unroute(isUpload)
  await ada.getByRole('button', { name: 'Try again' }).press('Enter')
  await areBlocks(ada, ['above', 'picture First', 'below'])
  await areBlocks(bob, ['above', 'picture First', 'below'])
})

test('a page that is reloaded during an upload leaves nothing in the document', {
  skip: !isDeep,
}, async () => {
  const [ada, bob] = await Promise.all([visit('Ada'), visit('Bob')])
  await writeTwoLines(ada)
  const held = await holdUploads(ada)
  await choosePictures(ada, 'First.png')
  await isHeld(held, 1)
  await areBlocks(ada, ['above', 'on its way', 'below'])
  await ada.reload()
  await badge(ada, 'saved')
  await areBlocks(ada, ['above', 'below'])
  await areBlocks(bob, ['above', 'below'])
})
