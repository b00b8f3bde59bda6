// A finger that rests on a block opens its menu, and the browser still selects text.
import type { CDPSession, Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { docPath } from 'y-electric/protocol'
import { takeScreenshot } from '../harness/browser.ts'
import { isDeep } from '../harness/deep.ts'
import { barriers } from './barriers.ts'
import { eventually } from './eventually.ts'
import { patience, shows, useVisitors } from './visitors.ts'

const people = useVisitors()

const phone = { viewport: { width: 390, height: 800 }, isMobile: true, hasTouch: true }

const menu = (page: Page) => page.getByRole('menu', { name: 'Block' })

/** A finger on the first line of an element. */
async function fingerOn(devtools: CDPSession, page: Page, element: Locator) {
  const box = await element.boundingBox()
  if (box === null) throw new Error('the element is not shown')
  const [x, y] = [Math.round(box.x + Math.min(40, box.width / 2)), Math.round(box.y + 12)]
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', dy: number) =>
    devtools.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: type === 'touchEnd' ? [] : [{ x, y: y + dy }],
    })
  const lift = () => send('touchEnd', 0)
  return {
    /** Rests until the menu is open. The menus are loaded after the text, so a finger may come too early. */
    rest: () =>
      eventually(async () => {
        await send('touchStart', 0)
        try {
          await menu(page).waitFor({ timeout: 2_000 })
        } catch (error) {
          await lift()
          throw error
        }
      }, patience),
    move: (dy: number) => send('touchMove', dy),
    lift,
  }
}

async function openOnPhone(colorScheme: 'light' | 'dark' = 'light') {
  await fetch(`${people.url}/api${docPath(people.docId)}`, {
    method: 'PUT',
    headers: { 'content-type': 'text/markdown' },
    body: '# The lamp\n\nLighthouse keepers\n\n- first\n- second\n\n---\n\nThe end\n',
  })
  const page = await people.visit('Ada', { ...phone, colorScheme })
  const devtools = await page.context().newCDPSession(page)
  return { page, on: (element: Locator) => fingerOn(devtools, page, element) }
}

/** Selects the word under the finger, as the browser of a phone does for a long press. */
const selectWord = (page: Page) =>
  page.getByText('Lighthouse keepers').evaluate(({ firstChild }) => {
    if (firstChild !== null) window.getSelection()?.setBaseAndExtent(firstChild, 0, firstChild, 10)
  })

const selected = (page: Page) => page.evaluate(() => String(window.getSelection()))

const isFocused = (page: Page) =>
  page.locator('.prose').evaluate((prose) => prose === document.activeElement)

test('a finger that rests on a block opens its menu, and the word under it stays selected', {
  skip: !isDeep,
}, async () => {
  const { page, on } = await openOnPhone()
  const text = page.getByText('Lighthouse keepers')
  await text.tap()
  const finger = await on(text)
  await finger.rest()
  // Chromium without a screen selects no word for a long press.
  await selectWord(page)
  await finger.lift()
  await selectWord(page)
  expect(await menu(page).isVisible()).toBe(true)
  expect(await isFocused(page)).toBe(true)
  expect(await selected(page)).toBe('Lighthouse')
  // The browser may open its own menu, in which the word is copied.
  const isAllowed = (type: string) =>
    text.evaluate((element, name) => {
      const event = new Event(name, { bubbles: true, cancelable: true })
      return element.dispatchEvent(event)
    }, type)
  for (const type of ['contextmenu', 'selectstart', 'touchstart', 'touchend']) {
    expect(await isAllowed(type), type).toBe(true)
  }
  // Base UI has hidden elements around a menu that pass the focus on.
  const others = (await barriers(page)).filter((each) => !each.includes('base-ui-focus-guard'))
  expect(others).toEqual([])
  await takeScreenshot(page, 'long-press')
  await page.getByRole('menuitem', { name: 'Move up' }).tap()
  await shows(page, 'Lighthouse keepersThe lamp')
  await menu(page).waitFor({ state: 'detached' })
})

test.each([
  ['an item of a list', 'second', 'light'],
  ['a heading', 'The lamp', 'dark'],
] as const)(
  'the menu of %s acts on the block under the finger',
  { skip: !isDeep },
  async (_name, words, colours) => {
    const { page, on } = await openOnPhone(colours)
    const finger = await on(page.locator('.prose').getByText(words))
    await finger.rest()
    await finger.lift()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    await takeScreenshot(page, `long-press-${colours}`)
    await page.getByRole('menuitem', { name: 'Delete' }).tap()
    await eventually(
      async () => expect(await page.textContent('.prose')).not.toContain(words),
      patience,
    )
    await shows(page, 'Lighthouse keepers')
  },
)

test('a divider has the menu too, and a tap elsewhere closes it without a keyboard', {
  skip: !isDeep,
}, async () => {
  const { page, on } = await openOnPhone()
  const finger = await on(page.locator('.prose hr'))
  await finger.rest()
  await finger.lift()
  expect(
    await page.getByRole('menuitem', { name: 'Turn into' }).getAttribute('aria-disabled'),
  ).toBe('true')
  await page.touchscreen.tap(20, 700)
  await menu(page).waitFor({ state: 'detached' })
})

test('a finger that goes on to select text closes the menu', { skip: !isDeep }, async () => {
  const { page, on } = await openOnPhone()
  const finger = await on(page.getByText('Lighthouse keepers'))
  await finger.rest()
  await finger.move(60)
  await menu(page).waitFor({ state: 'detached' })
  await finger.lift()
})
