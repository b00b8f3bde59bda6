// The editor with several people: presence, offline edits, many tabs, links to read, and a phone.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { takeScreenshot } from '../harness/browser.ts'
import { isDeep } from '../harness/deep.ts'
import { eventually } from './eventually.ts'
import { badge, badgeSays, becomes, patience, shows, type, useVisitors } from './visitors.ts'

const people = useVisitors()
const { profileOf, openPage, visit } = people

const caretOf = (page: Page, name: string) => page.locator(`.caret-label[data-name="${name}"]`)

/** Waits until a person's caret is after this text. */
const caretIsAfter = (page: Page, name: string, text: string) =>
  eventually(async () => expect(await textBeforeCaret(page, name)).toBe(text), patience)

const textBeforeCaret = (page: Page, name: string) =>
  caretOf(page, name).evaluate((label) => {
    const before = label.ownerDocument.createRange()
    const prose = label.closest('.prose')
    if (prose !== null) before.setStart(prose, 0)
    before.setEndBefore(label)
    return before.toString()
  })

/** The accessible name of the presence button; '' if nobody is present. */
async function presenceLabel(page: Page): Promise<string> {
  const button = page.locator('.people-button')
  return (await button.count()) === 0 ? '' : ((await button.getAttribute('aria-label')) ?? '')
}

const sees = (page: Page, people: string) =>
  eventually(async () => expect(await presenceLabel(page)).toBe(people), patience)

test('two people see each other’s caret and name, and notice when one leaves', async () => {
  const [ada, bob] = await Promise.all([visit('Ada'), visit('Bob')])
  await Promise.all([
    sees(ada, 'Who is here: Ada (you) and Bob'),
    sees(bob, 'Who is here: Bob (you) and Ada'),
  ])
  await type(ada, 'We met on the rocks at low tide.')
  await shows(bob, 'low tide.')
  await type(bob, ' The lamp needs new glass')
  await bob.keyboard.press('Shift+Control+ArrowLeft')
  await caretIsAfter(bob, 'Ada', 'We met on the rocks at low tide.')
  await caretIsAfter(ada, 'Bob', 'We met on the rocks at low tide. The lamp needs new ')
  await ada.locator('.selected-by-other', { hasText: 'glass' }).waitFor()
  await caretOf(ada, 'Bob').evaluate((label) => label.getAnimations().map((each) => each.finish()))
  expect(await opacityOf(ada, 'Bob')).toBe('1')
  await takeScreenshot(ada, 'showcase-two-people')
  // Names are not part of the document's text.
  expect(await ada.textContent('.prose')).toMatch(/^We met .* new glass$/)

  // While the caret does not move, its label disappears. The next move shows it with the new name.
  await eventually(async () => expect(await opacityOf(ada, 'Bob')).toBe('0'))
  await bob.locator('.people-button').click()
  await bob.getByLabel('Your name').fill('Bob the Builder')
  await sees(ada, 'Who is here: Ada (you) and Bob the Builder')
  await takeScreenshot(bob, 'showcase-who-is-here')
  await bob.keyboard.press('Escape')
  await bob.locator('.prose').click()
  await eventually(async () => expect(await opacityOf(ada, 'Bob the Builder')).toBe('1'))

  await bob.goto('about:blank')
  await sees(ada, 'Who is here: Ada (you)')
  expect(await ada.locator('.caret').count()).toBe(0)
  await eventually(async () =>
    expect(await ada.getByTestId('arrivals').textContent()).toMatch(/left\.$/),
  )
})

const opacityOf = (page: Page, name: string) =>
  caretOf(page, name).evaluate((label) => {
    // Declared by hand, because this runs in the page.
    const view = label.ownerDocument.defaultView
    return view === null ? '' : view.getComputedStyle(label).opacity
  })

test('edits made offline survive a reload without a network, and arrive later', {
  skip: !isDeep,
}, async () => {
  const context = await profileOf('Ada', { serviceWorkers: 'allow' })
  const ada = await openPage(context)
  await badge(ada, 'saved')
  await type(ada, 'Written at home. ')
  await badge(ada, 'saved')
  await becomes(ada, 'caches.match("/").then((kept) => kept && navigator.serviceWorker.controller)')

  await context.setOffline(true)
  await type(ada, 'Written on the train. ')
  await badgeSays(ada, 'Offline: your edits are kept on this device')
  await ada.reload()
  await shows(ada, 'Written at home. Written on the train. ')
  await badgeSays(ada, 'Offline: your edits are kept on this device')
  await type(ada, 'And after the reload.')
  await badgeSays(ada, 'Offline: your edits are kept on this device')
  await takeScreenshot(ada, 'showcase-offline')

  const bob = await visit('Bob')
  expect(await bob.textContent('.prose')).not.toContain('on the train')
  await context.setOffline(false)
  await badge(ada, 'saved')
  await shows(bob, 'Written at home. Written on the train. And after the reload.')
})

test('a person who chooses to work offline is offline, and the badge says so', {
  skip: !isDeep,
}, async () => {
  const [ada, bob] = await Promise.all([visit('Ada'), visit('Bob')])
  await ada.getByTestId('badge').click()
  await ada.getByRole('switch', { name: 'Work offline' }).click()
  await badgeSays(ada, 'You are working offline')
  await sees(bob, 'Who is here: Bob (you)')
  await ada.keyboard.press('Escape')
  await type(ada, 'Thought over in peace.')
  await ada.getByText('Your edits are kept on this device, and sent when').waitFor()
  await takeScreenshot(ada, 'showcase-working-offline')
  expect(await bob.textContent('.prose')).toBe('')
  await ada.getByRole('button', { name: 'Go online' }).click()
  await badge(ada, 'saved')
  await shows(bob, 'Thought over in peace.')
  await sees(bob, 'Who is here: Bob (you) and Ada')
})

test('a link to read shows the document, accepts no input, and does not show the reader to others', {
  skip: !isDeep,
}, async () => {
  const ada = await visit('Ada')
  await type(ada, 'For everybody to read.')
  await ada.getByRole('button', { name: 'Share' }).click()
  const link = await ada.getByLabel('Link to read', { exact: true }).inputValue()
  expect(link).toBe(`${people.url}/d/${people.docId}?mode=view`)
  await takeScreenshot(ada, 'showcase-share')
  await ada.keyboard.press('Escape')

  const reader = await openPage(await profileOf('Reader'), '?mode=view')
  await badgeSays(reader, 'Read only')
  await shows(reader, 'For everybody to read.')
  await sees(reader, 'Who is here: Ada')
  expect(await reader.locator('.toolbar').count()).toBe(0)
  await reader.locator('.prose').click()
  await reader.keyboard.type('not to be')
  await type(ada, ' Still being written.')
  await shows(reader, 'For everybody to read. Still being written.')
  expect(await reader.textContent('.prose')).not.toContain('not to be')
  await takeScreenshot(reader, 'showcase-read-only')
  expect(await presenceLabel(ada)).toBe('Who is here: Ada (you)')
  const rows = await fetch(`${people.url}/api/docs/${people.docId}/awareness/rows`)
  expect((await rows.text()).includes('Reader')).toBe(false)
})

test('a phone shows the whole page without horizontal overflow', { skip: !isDeep }, async () => {
  const phone = { viewport: { width: 375, height: 720 }, isMobile: true, hasTouch: true }
  const [ada, bob] = await Promise.all([
    visit('Ada', { ...phone, colorScheme: 'dark', deviceScaleFactor: 2 }),
    visit('Bartholomew of the Lighthouse'),
  ])
  const line = 'At the right edge a label turns to the left'
  await type(bob, line)
  await caretIsAfter(ada, 'Bartholomew of the Lighthouse', line)
  await eventually(async () =>
    expect(await caretOf(ada, 'Bartholomew of the Lighthouse').getAttribute('data-side')).toBe(
      'left',
    ),
  )
  await takeScreenshot(ada, 'showcase-phone-dark')
  for (const open of ['Share', 'Who is here: Ada (you) and Bartholomew of the Lighthouse']) {
    await ada.getByRole('button', { name: open, exact: true }).tap()
    await ada.getByRole('dialog').waitFor()
    expect(await ada.evaluate('document.documentElement.scrollWidth')).toBe(375)
  }
  await takeScreenshot(ada, 'showcase-phone-who-is-here')
})

/** Ten tabs over HTTP/1.1 are also open in tabs-lead.test.ts, on a lighter page. */
test('10 tabs of one browser all stay live and appear to others as one person', {
  skip: !isDeep,
}, async () => {
  const bob = await visit('Bob')
  const context = await profileOf('Ada')
  const tabs = await Promise.all(Array.from({ length: 10 }, () => openPage(context)))
  await Promise.all(tabs.map((tab) => badge(tab, 'saved')))
  await sees(bob, 'Who is here: Bob (you) and Ada')
  const [first, last] = [tabs[0], tabs.at(-1)]
  if (first === undefined || last === undefined) throw new Error('expected tabs')

  await type(first, 'From the first. ')
  await Promise.all([...tabs, bob].map((page) => shows(page, 'From the first. ')))
  await type(last, 'From the last. ')
  // Bob must see the whole text first, because otherwise his edit at the end would land in the middle.
  await shows(bob, 'From the last. ')
  await type(bob, 'From Bob.')
  await Promise.all(tabs.map((tab) => shows(tab, 'From the first. From the last. From Bob.')))
  await Promise.all(tabs.map((tab) => badge(tab, 'saved')))
  const whole = 'From the first. From the last. From Bob.'
  await Promise.all(tabs.map((tab) => caretIsAfter(tab, 'Bob', whole)))
  await Promise.all(tabs.map((tab) => sees(tab, 'Who is here: Ada (you) and Bob')))
  await takeScreenshot(last, 'showcase-many-tabs')
})
