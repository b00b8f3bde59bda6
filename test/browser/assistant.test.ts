// The assistant of the editor: two people, who both see its answer, stop it and undo it.
import type { Page } from 'playwright-core'
import { expect, inject, onTestFinished, test } from 'vitest'
import { takeScreenshot } from '../harness/browser.ts'
import { isDeep } from '../harness/deep.ts'
import { barriers } from './barriers.ts'
import { startEditorServer } from './editorServer.ts'
import { eventually } from './eventually.ts'
import { startFakeEndpoint } from './fakeEndpoint.ts'
import { badge, patience, shows, type, useVisitors } from './visitors.ts'

const people = useVisitors()
const { openPage, profileOf, visit } = people

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }

/** Opens the pane by keyboard, types a prompt and sends it. */
async function ask(page: Page, prompt: string): Promise<void> {
  const button = page.getByRole('button', { name: 'Assistant', exact: true })
  if ((await button.getAttribute('aria-expanded')) === 'false') {
    await button.focus()
    await page.keyboard.press('Enter')
  }
  await page.getByLabel('What should the assistant write?').focus()
  await page.keyboard.type(prompt)
  await page.keyboard.press('Enter')
}

const paragraphs = (page: Page): Promise<string[]> =>
  page.locator('.prose > p').evaluateAll((all) =>
    all.map((each) => {
      const text = each.cloneNode(true) as typeof each
      for (const caret of text.querySelectorAll('.caret')) caret.remove()
      // ProseMirror puts a character without a width beside a caret.
      return (text.textContent ?? '').replace(/[\u2060\ufeff]/g, '')
    }),
  )

const reads = (page: Page, ...wanted: string[]) =>
  eventually(async () => expect(await paragraphs(page)).toEqual(wanted), patience)

const entry = (page: Page, prompt: string) =>
  page.locator('.assistant-request', { hasText: prompt }).first()

const says = (page: Page, prompt: string, words: string) =>
  eventually(async () => expect(await entry(page, prompt).textContent()).toContain(words), patience)

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).focus()
  await page.keyboard.press('Enter')
}

const lastLine = async (page: Page): Promise<string> => (await paragraphs(page)).at(-1) ?? ''

/** The last line after the assistant has left, and everything that it wrote has arrived. */
async function settled(page: Page): Promise<string> {
  const present = '.people-button[aria-label*="Assistant"]'
  await eventually(async () => expect(await page.locator(present).count()).toBe(0), patience)
  await badge(page, 'saved')
  return lastLine(page)
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1).join(' ')

test('an answer appears for both people with a caret, is undone in one step by either, and never by a person’s own undo', async () => {
  const [ada, bob] = await Promise.all([visit('Ada'), visit('Bob')])
  await type(ada, 'Above.')
  await shows(bob, 'Above.')
  await ask(ada, 'count to 900')
  await bob.locator('.caret-label[data-name="Assistant"]').waitFor()
  await eventually(async () =>
    expect(await bob.getByTestId('assistant-bar').textContent()).toContain('writing for Ada.'),
  )
  await shows(bob, '1 2')
  // Both the pane and the strip are on the page.
  expect(await barriers(ada)).toEqual([])
  await takeScreenshot(ada, 'assistant')
  await press(ada, 'Stop: count to 900')
  expect(await ada.evaluate('document.activeElement.className')).toBe('assistant-request')
  await says(ada, 'count to 900', 'Stopped by Ada.')
  const answer = await settled(ada)
  await reads(bob, 'Above.', answer)

  // Ada’s own undo takes her own text away, and her redo brings it back.
  await ada.locator('.prose').press('Control+z')
  await reads(bob, answer)
  await ada.locator('.prose').press('Control+Shift+Z')
  await reads(bob, 'Above.', answer)

  // Bob’s words in the answer stay when he undoes it, and Ada’s undo and redo do not bring it back.
  await bob.locator('.prose > p').nth(1).click()
  await bob.keyboard.press('End')
  await bob.keyboard.type(' by Bob')
  await press(bob, 'Assistant')
  await press(bob, 'Undo: count to 900')
  await reads(ada, 'Above.', ' by Bob')
  await says(ada, 'count to 900', 'Undone.')
  await ada.locator('.prose').press('Control+Shift+Z')
  await ada.locator('.prose').press('Control+z')
  await reads(ada, ' by Bob')
})

test('anyone stops an answer, the page that wrote it continues it after a reload, and anyone continues a stopped one', async () => {
  const [ada, bob] = await Promise.all([visit('Ada'), visit('Bob')])
  await ask(ada, 'count to 900')
  await shows(bob, '1 2 3')
  await ada.reload()
  await shows(bob, '1 2 3 4 5 6 7 8')
  // Bob has not opened the pane.
  await press(bob, 'Stop')
  expect(await bob.evaluate('document.activeElement.className')).toContain('prose')
  await press(ada, 'Assistant')
  await says(ada, 'count to 900', 'Stopped by Bob.')
  const stopped = await settled(ada)
  expect(numbers(900).startsWith(stopped)).toBe(true)

  await press(bob, 'Assistant')
  await press(bob, 'Continue: count to 900')
  await eventually(async () => expect(await lastLine(ada)).not.toBe(stopped), patience)
  await press(ada, 'Stop: count to 900')
  await says(bob, 'count to 900', 'Stopped by Ada.')
  const continued = await settled(ada)
  expect(numbers(900).startsWith(continued)).toBe(true)
  await press(ada, 'Undo: count to 900')
  await eventually(async () => expect((await paragraphs(bob)).join('')).toBe(''), patience)
})

test('the pane explains a request that no rule knows, settings that lack something, and an endpoint that the server does not allow', async () => {
  const ada = await visit('Ada')
  await ask(ada, 'Write a poem')
  await says(ada, 'Write a poem', 'Failed. The rules do not know this.')
  await ada.getByText('Settings', { exact: true }).click()
  await ada.getByLabel('an OpenAI-compatible endpoint').check()
  await ask(ada, 'Write an ode')
  await ada.getByText('Enter the address of the endpoint').waitFor()
  await ada.getByLabel('Address').fill('http://evil.test:1234/v1')
  await ada.getByLabel('Model').fill('small')
  await ada.getByLabel('Key', { exact: true }).fill('secret-key')
  await ada.getByRole('button', { name: 'Ask', exact: true }).click()
  await says(ada, 'Write an ode', 'start the server with AGENT_ORIGINS=http://evil.test:1234.')
  const kept = await ada.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
  )
  expect(kept.split('secret-key')).toHaveLength(2)
  expect(await ada.evaluate(() => sessionStorage['y-electric:assistant-key'])).toBe('secret-key')
})

test('a model streams its answer through an allowed endpoint; a refused key and a cut stream are explained and continued', {
  skip: !isDeep,
}, async () => {
  const endpoint = await startFakeEndpoint()
  onTestFinished(() => endpoint.stop())
  const server = await startEditorServer(inject('databaseUrl'), { AGENT_ORIGINS: endpoint.origin })
  onTestFinished(() => server.stop())
  const ada = await openPage(await profileOf('Ada'))
  await ada.goto(`${server.url}/d/${people.docId}`)
  await badge(ada, 'saved')
  await press(ada, 'Assistant')
  await ada.getByText('Settings', { exact: true }).click()
  await ada.getByLabel('an OpenAI-compatible endpoint').check()
  await ada.getByLabel('Address').fill(`${endpoint.origin}/v1`)
  await ada.getByLabel('Model').fill('small')
  await ada.getByLabel('Key', { exact: true }).fill('a-key')

  endpoint.refuseNext(401, 'No such key.')
  await ask(ada, 'Greet everybody')
  await says(ada, 'Greet everybody', 'refuses the key (401). Check the key in the settings.')
  await press(ada, 'Continue: Greet everybody')
  await eventually(() => expect(endpoint.asked).toHaveLength(1), patience)
  endpoint.say('Good mor')
  await reads(ada, 'Good mor')
  endpoint.cut()
  await says(ada, 'Greet everybody', 'ended in the middle of its answer')
  await press(ada, 'Continue: Greet everybody')
  await eventually(() => expect(endpoint.asked).toHaveLength(2), patience)
  expect(endpoint.asked.map(({ key }) => key)).toEqual(['Bearer a-key', 'Bearer a-key'])
  expect(endpoint.asked[1]?.messages).toContain('"content":"Good mor"')
  endpoint.say('ning,\n\nall of ')
  endpoint.say('you.')
  endpoint.finish()
  await reads(ada, 'Good morning,', 'all of you.')
  await says(ada, 'Greet everybody', 'Done.')
})

test('on a phone the pane and the strip cover neither each other nor a button', {
  skip: !isDeep,
}, async () => {
  const ada = await visit('Ada', PHONE)
  await ask(ada, 'count to 40')
  await shows(ada, '1 2')
  expect(await barriers(ada)).toEqual([])
  await takeScreenshot(ada, 'assistant-phone')
  const width = 'document.documentElement.scrollWidth'
  expect(await ada.evaluate(width)).toBe(PHONE.viewport.width)
  await ada.getByRole('button', { name: 'Stop: count to 40' }).tap()
  await says(ada, 'count to 40', 'Stopped by Ada.')
  await ada.getByRole('button', { name: 'Close Assistant' }).tap()
  await ask(ada, 'count to 30')
  await ada.getByRole('button', { name: 'Close Assistant' }).tap()
  await takeScreenshot(ada, 'assistant-phone-strip')
  await ada.getByRole('button', { name: 'Stop', exact: true }).tap()
  await press(ada, 'Assistant')
  await says(ada, 'count to 30', 'Stopped by Ada.')
})

test('a duplicated tab does not answer a second time, and another person continues when the page is gone', {
  skip: !isDeep,
}, async () => {
  const context = await profileOf('Ada')
  const [ada, bob] = await Promise.all([visit('Ada'), visit('Bob')])
  await ask(ada, 'count to 60')
  await shows(bob, '1 2 3')
  // The command “Duplicate tab” of a browser gives the new tab a copy of the tab’s storage.
  const kept = await ada.evaluate(() => ({ ...sessionStorage }))
  const copy = await openPage(context, '?')
  await copy.evaluate((items) => Object.assign(sessionStorage, items), kept)
  await copy.reload()
  await shows(copy, '1 2 3 4 5 6 7 8 9 10 11 12')
  expect(numbers(60).startsWith(await lastLine(bob))).toBe(true)
  await copy.close()
  await ada.goto('about:blank')
  await press(bob, 'Assistant')
  await press(bob, 'Continue: count to 60')
  await eventually(async () => expect(await lastLine(bob)).toBe(numbers(60)), patience)
})

test('an answer is complete and has no word twice, however often its page is reloaded', {
  skip: !isDeep,
}, async () => {
  const [ada, bob] = await Promise.all([visit('Ada'), visit('Bob')])
  await ask(ada, 'count to 60')
  for (const word of [2, 3, 7, 15, 16, 25, 34, 48]) {
    await shows(bob, ` ${word}`)
    await ada.reload()
  }
  await eventually(async () => expect(await lastLine(bob)).toContain('60'), 2 * patience)
  expect(await lastLine(bob)).toBe(numbers(60))
})

test('a page answers no request that only names its run, so another writer cannot spend its key', {
  skip: !isDeep,
}, async () => {
  const ada = await visit('Ada')
  await ask(ada, 'count to 900')
  await shows(ada, '1 2')
  await ada.evaluate(`{
    const requests = yElectric.doc.getMap('y-electric:assistant')
    const [own] = requests.values()
    const forged = new own.constructor([...own.entries()])
    forged.set('prompt', 'count to 8')
    requests.set('forged', forged)
  }`)
  await press(ada, 'Stop: count to 900')
  await badge(ada, 'saved')
  await ada.reload()
  await press(ada, 'Assistant')
  await says(ada, 'count to 8', 'Interrupted')
  expect(await paragraphs(ada)).toHaveLength(1)
})
