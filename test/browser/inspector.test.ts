// The inspector beside the editor: what is done there is seen here, row by row.
import { randomUUID } from 'node:crypto'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import {
  decodeState,
  docPath,
  encodeFoldProposal,
  FOLD_MEDIA_TYPE,
  foldToSnapshot,
  IDEMPOTENCY_KEY_HEADER,
  type State,
  segmentsPath,
  snapshotsPath,
  statePath,
  UPDATE_MEDIA_TYPE,
  updatesPath,
} from 'y-electric/protocol'
import * as Y from 'yjs'
import { freshDocId } from '../e2e/server.ts'
import { launchBrowser, takeScreenshot } from '../harness/browser.ts'
import { barriers } from './barriers.ts'
import { eventually } from './eventually.ts'

const patience = 20_000

let browser: Browser
const editorUrl = inject('editorUrl')
let docId: string
const contexts: BrowserContext[] = []
/** What pages complained about in their consoles. */
let complaints: string[] = []

beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())
beforeEach(() => {
  docId = freshDocId('inside')
  complaints = []
})
afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()))
})

async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1180, height: 900 },
    serviceWorkers: 'block',
    ...options,
  })
  contexts.push(context)
  const person = JSON.stringify({ id: 'Ada', name: 'Ada', color: '#027c7c' })
  await context.addInitScript(`localStorage['y-electric:person'] ??= ${JSON.stringify(person)}`)
  const page = await context.newPage()
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(`${editorUrl}${path}`)
  return page
}

async function openInspector(options?: BrowserContextOptions): Promise<Page> {
  const page = await open(`/inspect/${encodeURIComponent(docId)}`, options)
  await contact(page, 'Live')
  await page.locator('.inspector[aria-busy=false]').waitFor()
  return page
}

async function openEditor(): Promise<Page> {
  const page = await open(`/d/${docId}`)
  await saved(page)
  return page
}

const saved = (page: Page) =>
  page.waitForSelector('[data-testid=badge][data-state=saved]', { timeout: patience })

const contact = (page: Page, words: string) =>
  eventually(
    async () => expect(await page.textContent('[data-testid=contact]')).toBe(words),
    patience,
  )

async function type(page: Page, text: string): Promise<void> {
  await page.locator('.prose').click()
  await page.keyboard.press('Control+End')
  await page.keyboard.type(text)
  await saved(page)
}

const api = (path: string, init?: RequestInit): Promise<Response> =>
  fetch(`${editorUrl}/api${path}`, init)

async function readState(): Promise<State> {
  return decodeState(new Uint8Array(await (await api(statePath(docId))).arrayBuffer()))
}

/** Writes paragraphs, each a row of its own. */
async function writeRows(count: number, words = 'Row'): Promise<void> {
  const doc = new Y.Doc()
  const { rows, snapshot } = await readState()
  if (snapshot?.data) Y.applyUpdateV2(doc, snapshot.data)
  for (const { data } of rows) Y.applyUpdate(doc, data)
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  const fragment = doc.getXmlFragment('default')
  for (let index = 0; index < count; index++) {
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.insert(0, [new Y.XmlText(`${words} ${index}.`)])
    fragment.push([paragraph])
  }
  for (const update of updates) {
    const headers = { 'content-type': UPDATE_MEDIA_TYPE, [IDEMPOTENCY_KEY_HEADER]: randomUUID() }
    const body = new Uint8Array(update)
    expect((await api(updatesPath(docId), { method: 'POST', headers, body })).status).toBe(201)
  }
}

async function roll(): Promise<void> {
  const { activeSegment: active } = await readState()
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ active })
  expect((await api(segmentsPath(docId), { method: 'POST', headers, body })).status).toBe(201)
}

async function fold(): Promise<void> {
  const { activeSegment, snapshot, rows } = await readState()
  const throughSegment = activeSegment - 1
  const sealed = rows.filter(({ segment }) => segment <= throughSegment)
  const data = foldToSnapshot({ previous: snapshot?.data ?? null, rows: sealed }, true)
  const body = new Uint8Array(encodeFoldProposal({ throughSegment, data }))
  const headers = { 'content-type': FOLD_MEDIA_TYPE }
  expect((await api(snapshotsPath(docId), { method: 'POST', headers, body })).status).toBe(201)
}

/** The drawing: `snapshot row | 0 sealed: 1 2 3 | 1 active: 5`. */
async function drawn(page: Page): Promise<string> {
  // In one look: what is drawn changes.
  const parts = await page.locator('.log-base, .log-segment').evaluateAll((all) =>
    all.map((each) => {
      const { segment, state } = each.dataset
      if (segment === undefined) return 'snapshot row'
      const ticks = [...each.querySelectorAll<HTMLElement>('.tick')]
      return [`${segment} ${state}:`, ...ticks.map(({ dataset }) => dataset.seq)].join(' ')
    }),
  )
  return parts.join(' | ')
}

/** What is drawn is what is stored. */
async function drawsWhatIsStored(page: Page): Promise<void> {
  await eventually(async () => {
    const { activeSegment, snapshot, rows } = await readState()
    const first = (snapshot?.throughSegment ?? -1) + 1
    const segments = Array.from({ length: activeSegment - first + 1 }, (_, index) => {
      const number = first + index
      const seqs = rows.filter(({ segment }) => segment === number).map(({ seq }) => seq)
      return [`${number} ${number === activeSegment ? 'active' : 'sealed'}:`, ...seqs].join(' ')
    })
    const stored = [...(snapshot === null ? [] : ['snapshot row']), ...segments].join(' | ')
    expect(await drawn(page)).toBe(stored)
  }, patience)
}

async function screenshotFromTop(page: Page, name: string): Promise<void> {
  await page.evaluate('window.scrollTo(0, 0)')
  await takeScreenshot(page, name)
}

test('rows arrive as they are written, a roll seals them and a fold makes one of them', async () => {
  const inside = await openInspector()
  await inside.getByText('Nothing is stored under this name yet.').waitFor()
  const ada = await openEditor()
  await inside.getByTestId('present').getByText('Ada').waitFor()
  await type(ada, 'The lighthouse')
  await drawsWhatIsStored(inside)
  await eventually(async () => expect(await inside.textContent('h1')).toBe('The lighthouse'))
  const written = inside.locator('.news tbody tr', { hasText: 'Ada' })
  expect(await written.first().textContent()).toMatch(/\+\d+ letters?, “.*”/)
  expect(await inside.getByTestId('writers').textContent()).toContain('Ada100 %')

  await writeRows(30)
  await drawsWhatIsStored(inside)
  await screenshotFromTop(inside, 'inspector-rows')
  await roll()
  await drawsWhatIsStored(inside)
  await inside
    .getByText(/Segment 0 was sealed with \d+ rows/)
    .first()
    .waitFor()
  await type(ada, ' at the point')
  await drawsWhatIsStored(inside)
  await screenshotFromTop(inside, 'inspector-sealed')

  await fold()
  await inside.locator('.log-segment[data-state=folding]').waitFor()
  await drawsWhatIsStored(inside)
  await inside
    .getByText(/\d+ rows folded into one snapshot row/)
    .first()
    .waitFor()
  await inside.locator('[data-testid=sizes][data-turns="1"]').waitFor()
  await inside.getByText('The numbers').click()
  expect(await inside.locator('.sizes-table tbody tr').count()).toBe(1)
  await screenshotFromTop(inside, 'inspector-folded')

  // Somebody who comes now sees the same.
  await drawsWhatIsStored(await openInspector())
  expect(await inside.getByTestId('present').textContent()).toContain('Ada')
  await ada.goto(editorUrl)
  await inside.getByText('Nobody. You look on unseen').waitFor()
  expect(complaints).toEqual([])
})

test('a version is kept, compared word by word, and brought back on every screen', async () => {
  const [inside, ada] = await Promise.all([openInspector(), openEditor()])
  await type(ada, 'We met on the rocks at low tide.')
  await inside.getByLabel('Keep what is there now as').fill('First draft')
  await inside.getByRole('button', { name: 'Keep', exact: true }).click()
  const draft = inside.locator('.version', { hasText: /^First draft/ })
  await draft.waitFor()

  await ada.keyboard.press('Control+Home')
  for (let i = 0; i < 3; i++) await ada.keyboard.press('Control+Shift+ArrowRight')
  await ada.keyboard.type('Nobody stood on ')
  await type(ada, ' Again.')
  await draft.getByRole('button', { name: /^Compare/ }).click()
  const difference = inside.getByTestId('difference')
  await eventually(async () => {
    const [removed, added] = await Promise.all(
      ['del', 'ins'].map(async (kind) =>
        (await difference.locator(kind).allTextContents()).join('|'),
      ),
    )
    expect(removed).toContain('met')
    expect(added).toMatch(/Nobody.*stood.*Again/)
  }, patience)
  // What is typed meanwhile is compared too.
  await type(ada, ' And again.')
  await difference.locator('ins', { hasText: 'And again' }).waitFor()
  await inside.getByTestId('versions').scrollIntoViewIfNeeded()
  await screenshotFromTop(inside, 'inspector-difference')

  await draft.getByRole('button', { name: /^Read/ }).click()
  await draft.locator('.content-text', { hasText: 'We met on the rocks at low tide.' }).waitFor()
  await draft.getByRole('button', { name: /^Bring back/ }).click()
  await inside.getByRole('button', { name: 'Yes, bring it back' }).click()
  await eventually(
    async () => expect(await ada.textContent('.prose')).toBe('We met on the rocks at low tide.'),
    patience,
  )
  await inside.getByText(/Brought back, as row \d+\./).waitFor()
  const before = inside.locator('.version', { hasText: /before/i })
  await before.getByRole('button', { name: /^Read/ }).click()
  await before.locator('.content-text', { hasText: 'Nobody stood' }).waitFor()
  await drawsWhatIsStored(inside)

  await draft.getByRole('button', { name: /^Rename/ }).click()
  await inside.getByLabel('Name of First draft').fill('The first words')
  await inside.keyboard.press('Enter')
  await inside.locator('.version', { hasText: 'The first words' }).waitFor()
  expect(complaints).toEqual([])
})

test('the content is shown as a tree and in words, and follows', async () => {
  const inside = await openInspector()
  await writeRows(3, 'Line')
  const content = inside.getByTestId('content')
  await content.locator('.tree-detail', { hasText: '“Line 2.”' }).waitFor()
  const summaries = content.locator('summary')
  await summaries.first().focus()
  await inside.keyboard.press('Enter')
  await eventually(async () => expect(await summaries.count()).toBe(1))
  for (const format of ['Text', 'Markdown', 'HTML', 'JSON']) {
    await inside.getByText(format, { exact: true }).click()
    await content.locator('.content-text', { hasText: 'Line 2.' }).waitFor()
  }
  await inside.getByText('Text', { exact: true }).click()
  await writeRows(1, 'Later')
  await content.locator('.content-text', { hasText: 'Later 0.' }).waitFor()
  expect(complaints).toEqual([])
})

test('on a phone, by day and by night, nothing stands over the edge or in the way', async () => {
  await writeRows(25, 'The keeper waved from the gallery, and the boats came in')
  await roll()
  await fold()
  await writeRows(3, 'After the storm')
  const phone = await openInspector({
    viewport: { width: 375, height: 720 },
    isMobile: true,
    hasTouch: true,
    deviceScaleFactor: 2,
    colorScheme: 'dark',
  })
  await drawsWhatIsStored(phone)
  await phone
    .locator('.version')
    .getByRole('button', { name: /^Compare/ })
    .tap()
  await phone
    .getByTestId('difference')
    .locator('ins', { hasText: 'After the storm' })
    .first()
    .waitFor()
  expect(await phone.evaluate('document.documentElement.scrollWidth')).toBe(375)
  await screenshotFromTop(phone, 'inspector-phone-dark')

  const [inside, editor] = await Promise.all([openInspector(), openEditor()])
  await inside
    .locator('.version')
    .getByRole('button', { name: /^Bring back/ })
    .click()
  for (const colorScheme of ['light', 'dark'] as const) {
    await Promise.all([inside, editor].map((page) => page.emulateMedia({ colorScheme })))
    await screenshotFromTop(inside, `inspector-${colorScheme}`)
    expect(await barriers(inside)).toEqual([])
    expect(await barriers(editor)).toEqual([])
  }
  expect(await barriers(phone)).toEqual([])
  expect(complaints).toEqual([])
})

test('without a server it says so, and goes on where it was', async () => {
  const inside = await openInspector()
  await writeRows(2)
  await drawsWhatIsStored(inside)
  await inside.context().setOffline(true)
  await contact(inside, 'Offline: showing what was last read')
  await writeRows(2, 'Meanwhile')
  expect(await inside.locator('.tick').count()).toBe(2)
  await inside.context().setOffline(false)
  await contact(inside, 'Live')
  await drawsWhatIsStored(inside)
})

test('a refusal is shown with its message and code', async () => {
  const refusals = [
    [401, 'unauthenticated', 'Sign-in needed'],
    [403, 'forbidden', 'You may not look into this document'],
    [404, 'not_found', 'There is no such document'],
    [410, 'deleted', 'This document was deleted'],
    [400, 'invalid_request', 'This document cannot be shown'],
  ] as const
  const page = await open('/')
  for (const [status, code, title] of refusals) {
    const json = { error: { code, message: 'what the server said' } }
    await page.route('**/state', (route) => route.fulfill({ status, json }), { times: 1 })
    await page.goto(`${editorUrl}/inspect/${docId}`)
    await page.getByRole('heading', { name: title }).waitFor()
    expect(await page.locator('.refused-code').textContent()).toBe(code)
  }
})

test('only the visible part of a large document is drawn', async () => {
  await writeRows(250)
  const inside = await openInspector()
  await inside.getByText('10 earlier rows').waitFor()
  expect(await inside.locator('.tick').count()).toBe(240)
  await inside.getByTestId('content').locator('summary').first().click()
  expect(await inside.getByTestId('content').locator('li').count()).toBeLessThan(60)
  await inside.getByRole('button', { name: '200 more' }).click()
  await inside.getByTestId('content').locator('summary').nth(230).waitFor()
})

test('a document that is deleted while one looks at it is not shown any more', async () => {
  const inside = await openInspector()
  await writeRows(2, 'Secret')
  await drawsWhatIsStored(inside)
  expect((await api(docPath(docId), { method: 'DELETE' })).status).toBe(200)
  await inside.getByRole('heading', { name: 'This document was deleted' }).waitFor()
  expect(await inside.textContent('body')).not.toContain('Secret')
})

test('one gets there from the document, and back', async () => {
  const ada = await openEditor()
  await type(ada, 'Look inside.')
  await ada.getByRole('button', { name: 'Share' }).click()
  await ada.getByRole('link', { name: 'Look inside' }).click()
  await drawsWhatIsStored(ada)
  expect(new URL(ada.url()).pathname).toBe(`/inspect/${docId}`)
  await ada.getByRole('link', { name: 'Open the document' }).click()
  await saved(ada)
  expect(await ada.textContent('.prose')).toBe('Look inside.')
  expect(complaints).toEqual([])

  await ada.goto(`${editorUrl}/nowhere`)
  await ada.getByRole('heading', { name: 'There is no page here' }).waitFor()
})
