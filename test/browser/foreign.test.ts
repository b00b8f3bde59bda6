// Opening a document never changes it: neither a document with everything that an import creates,
// nor one with parts that the editor does not know.
import { randomUUID } from 'node:crypto'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import {
  decodeState,
  docPath,
  IDEMPOTENCY_KEY_HEADER,
  statePath,
  UPDATE_MEDIA_TYPE,
  updatesPath,
} from 'y-electric/protocol'
import * as Y from 'yjs'
import { takeScreenshot } from '../harness/browser.ts'
import { isDeep } from '../harness/deep.ts'
import { barriers } from './barriers.ts'
import { block, importedNames, namesIn, paragraph } from './blocks.ts'
import { eventually } from './eventually.ts'
import { badge, becomes, patience, shows, useVisitors } from './visitors.ts'

const people = useVisitors()
const { profileOf, openPage, visit } = people

const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

const EVERYTHING = `
<h1>Tide tables</h1>
<h4>For the lighthouse</h4>
<p><strong>Bold</strong>, <em>italic</em>, <s>struck</s>, <u>underlined</u>, <mark data-color="#ffee99">marked</mark>,
H<sub>2</sub>O, x<sup>2</sup>, <code>code</code>, <span style="color: navy">navy</span>,
<span data-type="mention" data-id="u1" data-label="Bob">@Bob</span> and <a href="https://example.org" title="A page">a link</a>.<br>Next line.</p>
<table><caption>Heights</caption>
<thead><tr><th>Harbour</th><th colspan="2">Height</th></tr></thead>
<tbody><tr><td>North</td><td>4 m</td><td>5 m</td></tr><tr><td>South, and no more</td></tr></tbody></table>
<ul data-type="taskList"><li data-checked="true">Clean the lamp<ul data-type="taskList"><li>The inner glass</li></ul></li>
<li data-checked="false">Wind the clock</li></ul>
<ul><li>Outer<ol start="3"><li>Inner<blockquote><p>Quoted</p></blockquote></li></ol></li></ul>
<pre><code class="language-js">let tide = 1</code></pre><hr>
<video src="https://example.org/1.mp4" title="Film"></video><audio src="https://example.org/1.mp3"></audio>
<iframe src="https://example.org/" title="A page"></iframe>
<img src="${PIXEL}" alt="A lamp" width="20" height="20">
<p data-y-attrs='{"reviewedBy":"Ada"}'>Kept notes.</p>
<p></p>`

const api = async (path: string, init?: RequestInit): Promise<Response> => {
  const response = await fetch(`${people.url}/api${path}`, init)
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  return response
}

const importHtml = (html: string) =>
  api(`${docPath(people.docId)}?format=html`, {
    method: 'PUT',
    headers: { 'content-type': 'text/html' },
    body: html,
  })

const readText = async (): Promise<string> =>
  (await api(`${docPath(people.docId)}?format=text`)).text()

/** The stored document, and how it is stored. */
async function stored() {
  const response = await api(statePath(people.docId))
  const { rows, snapshot } = decodeState(new Uint8Array(await response.arrayBuffer()))
  const doc = new Y.Doc()
  if (snapshot?.data) Y.applyUpdateV2(doc, snapshot.data)
  for (const { data } of rows) Y.applyUpdate(doc, data)
  return { doc, snapshot: Y.snapshot(doc), rows: rows.length }
}

/** Checks that neither the page nor the stored document has changed. */
async function expectUntouched(page: Page, before: Awaited<ReturnType<typeof stored>>) {
  const after = await stored()
  expect(Y.equalSnapshots(after.snapshot, before.snapshot)).toBe(true)
  expect(after.rows).toBe(before.rows)
  const own = new Y.Doc()
  const bytes = await page.evaluate<number[]>('[...window.yElectric.encode()]')
  Y.applyUpdate(own, Uint8Array.from(bytes))
  expect(Y.equalSnapshots(Y.snapshot(own), before.snapshot)).toBe(true)
}

/** Writes a row like a back end. */
async function write(change: (fragment: Y.XmlFragment) => void): Promise<void> {
  const { doc } = await stored()
  const before = Y.encodeStateVector(doc)
  change(doc.getXmlFragment('default'))
  await api(updatesPath(people.docId), {
    method: 'POST',
    headers: { 'content-type': UPDATE_MEDIA_TYPE, [IDEMPOTENCY_KEY_HEADER]: randomUUID() },
    body: Uint8Array.from(Y.encodeStateAsUpdate(doc, before)),
  })
}

const notice = (page: Page) => page.getByTestId('foreign')
const frame = (page: Page) => page.frameLocator('iframe.reading-frame')

const notes = (page: Page, names: string) =>
  eventually(
    async () =>
      expect(await notice(page).textContent({ timeout: 1_000 })).toContain(
        `has parts that this editor does not know: ${names}. It is shown for reading only`,
      ),
    patience,
  )

test('everything that an import creates is shown and editable, and opening it does not change it', {
  skip: !isDeep,
}, async () => {
  await importHtml(EVERYTHING)
  // The editor does not convert text of others to links either.
  await write((fragment) => fragment.push([paragraph('See example.org ')]))
  const before = await stored()
  const names = namesIn(before.doc.getXmlFragment('default'))
  expect((await importedNames()).filter((name) => !names.has(name))).toEqual([])

  const ada = await visit('Ada')
  await shows(ada, 'Kept notes.')
  await badge(ada, 'saved')
  expect(await notice(ada).count()).toBe(0)
  await expectUntouched(ada, before)
  const reader = await openPage(await profileOf('Reader'), '?mode=view')
  await shows(reader, 'Kept notes.')
  await expectUntouched(reader, before)

  expect(await ada.locator('.prose table tr').count()).toBe(3)
  expect(await ada.locator('.prose th[colspan="2"]').textContent()).toBe('Height')
  expect(await ada.locator('.prose h4').count()).toBe(1)
  expect(await ada.locator('.prose img').getAttribute('src')).toBe(PIXEL)
  expect(await ada.locator('.prose input[type=checkbox]').first().isChecked()).toBe(true)
  for (const mark of ['mark', 'sub', 'sup', 's', 'u']) {
    expect(await ada.locator(`.prose ${mark}`).count()).toBeGreaterThan(0)
  }
  expect(await ada.locator('.prose [data-text-style]').textContent()).toBe('navy')
  expect(await ada.locator('.prose [data-type=mention]').textContent()).toBe('@Bob')
  expect(await ada.locator('.prose video, .prose audio').count()).toBe(2)
  expect(await ada.locator('.prose [data-frame] a').getAttribute('href')).toBe(
    'https://example.org/',
  )
  expect(await barriers(ada)).toEqual([])
  await takeScreenshot(ada, 'foreign-everything')

  await ada.locator('.prose td').first().click()
  await ada.keyboard.press('End')
  await ada.keyboard.type(' pier')
  await ada.keyboard.press('Tab')
  await ada.keyboard.type('about ')
  await eventually(async () =>
    expect(await reader.locator('.prose tr').nth(1).textContent()).toMatch(/^North pier.*about/),
  )
  await badge(ada, 'saved')
  // Attributes unknown to the editor are still present, and a ragged table is unchanged.
  await ada.getByText('Kept notes.').click()
  await ada.keyboard.press('Control+End')
  await ada.keyboard.type('The end.')
  await ada.getByText('Kept notes.').click()
  await ada.keyboard.type('!')
  await badge(ada, 'saved')
  const html = await (await api(`${docPath(people.docId)}?format=html`)).text()
  expect(html).toContain('reviewedBy')
  expect(html.match(/<t[dh]/g)).toHaveLength(6)
  await expectUntouched(reader, await stored())
})

test('writers and readers get a read-only view of an unknown block and an unknown mark', async () => {
  await write((fragment) => {
    const callout = block('callout', paragraph('Mind the tide.'))
    const item = block('listItem', paragraph('In a list', { comment: { id: '7' } }))
    fragment.insert(0, [paragraph('A first line.'), callout, block('bulletList', item)])
  })
  const before = await stored()
  const ada = await visit('Ada')
  await notes(ada, 'callout, comment')
  await frame(ada).getByText('Mind the tide.').waitFor()
  expect(await ada.locator('.toolbar').count()).toBe(0)
  expect(await ada.title()).toBe('A first line. · y-electric')
  const reader = await openPage(await profileOf('Reader'), '?mode=view')
  await notes(reader, 'callout, comment')
  await frame(reader).getByText('In a list').waitFor()
  await badge(ada, 'saved')
  await expectUntouched(ada, before)
  await expectUntouched(reader, before)
  expect(await barriers(ada)).toEqual([])
  await takeScreenshot(ada, 'foreign-reading')

  // Without the server the page shows the text alone.
  const html = '**/api/docs/*?format=html'
  await ada.route(html, (route) => route.abort())
  await write((fragment) => fragment.push([paragraph('Added by a back end.')]))
  await frame(reader).getByText('Added by a back end.').waitFor()
  await ada.locator('.reading-text').getByText('Added by a back end.').waitFor()
  await ada.unroute(html)
  await frame(ada).getByText('Added by a back end.').waitFor()
})

test('an unknown block that arrives while a person writes is kept, and editing continues after it is removed', {
  skip: !isDeep,
}, async () => {
  const ada = await visit('Ada')
  await ada.locator('.prose').click()
  await ada.keyboard.type('Ada writes.')
  await badge(ada, 'saved')
  await write((fragment) => fragment.push([block('callout', paragraph('From a back end.'))]))
  await notes(ada, 'callout')
  await frame(ada).getByText('From a back end.').waitFor()
  await ada.keyboard.type('into nowhere')
  await badge(ada, 'saved')
  await expectUntouched(ada, await stored())
  expect(await readText()).toMatch(/Ada writes\.\s+From a back end\./)

  await write((fragment) => fragment.delete(1, 1))
  await shows(ada, 'Ada writes.')
  await ada.locator('.prose').click()
  await ada.keyboard.press('Control+End')
  await ada.keyboard.type(' And writes on.')
  await badge(ada, 'saved')
  expect((await readText()).trim()).toBe('Ada writes. And writes on.')
})

test('a known block in a place that the schema does not allow is kept too', {
  skip: !isDeep,
}, async () => {
  await write((fragment) =>
    fragment.insert(0, [block('paragraph', paragraph('Within another.')), block('listItem')]),
  )
  const before = await stored()
  const ada = await visit('Ada')
  await notes(ada, 'paragraph in paragraph')
  await frame(ada).getByText('Within another.').waitFor()
  await badge(ada, 'saved')
  await expectUntouched(ada, before)

  // An empty list contains no content: a writer's editor tidies it up, a reader's does not.
  await write((fragment) => {
    fragment.delete(0, fragment.length)
    fragment.insert(0, [block('bulletList'), paragraph('Alone.')])
  })
  const reader = await openPage(await profileOf('Reader'), '?mode=view')
  await shows(ada, 'Alone.')
  await shows(reader, 'Alone.')
  await badge(ada, 'saved')
  expect((await stored()).doc.getXmlFragment('default').length).toBe(1)
})

test('text that a back end writes is not converted to a link by the editors that receive it', {
  skip: !isDeep,
}, async () => {
  const ada = await visit('Ada')
  const reader = await openPage(await profileOf('Reader'), '?mode=view')
  await write((fragment) => fragment.push([paragraph('See')]))
  await Promise.all([shows(ada, 'See'), shows(reader, 'See')])
  const add = (words: string) =>
    write((fragment) => {
      const [text] = (fragment.get(0) as Y.XmlElement).toArray()
      if (text instanceof Y.XmlText) text.insert(text.length, words)
    })
  await add(' example.org')
  await add(' ')
  await add('now')
  await Promise.all([shows(ada, 'org now'), shows(reader, 'org now')])
  await badge(ada, 'saved')
  const before = await stored()
  expect(await ada.locator('.prose a').count()).toBe(0)
  await expectUntouched(reader, before)
})

test('attributes that arrive while a person writes are kept', { skip: !isDeep }, async () => {
  const ada = await visit('Ada')
  await ada.locator('.prose').click()
  await ada.keyboard.type('Ada writes.')
  await badge(ada, 'saved')
  await write((fragment) => (fragment.get(0) as Y.XmlElement).setAttribute('reviewed', 'yes'))
  await becomes(
    ada,
    'window.yElectric.doc.getXmlFragment("default").get(0).getAttribute("reviewed") === "yes"',
  )
  await shows(ada, 'Ada writes.')
  await ada.locator('.prose').click()
  await ada.keyboard.press('Control+End')
  await ada.keyboard.type(' On.')
  await badge(ada, 'saved')
  const first = (await stored()).doc.getXmlFragment('default').get(0) as Y.XmlElement
  expect(first.getAttribute('reviewed')).toBe('yes')
  expect(await readText()).toContain('Ada writes. On.')
})

test('attributes of wrong types stop editing visibly, and neither they nor earlier edits are lost', {
  skip: !isDeep,
}, async () => {
  const ada = await visit('Ada')
  await ada.locator('.prose').click()
  await ada.keyboard.type('Ada writes.')
  await badge(ada, 'saved')
  const cell = block('tableCell', paragraph('A wide cell.'))
  cell.setAttribute('colspan', 1e9 as unknown as string)
  await write((fragment) =>
    fragment.push([
      paragraph('A link.', { link: { href: 5 } }),
      block('table', block('tableRow', cell)),
      paragraph('After it.'),
    ]),
  )
  const before = await stored()
  const names = 'link that cannot be shown, tableCell with a wrong colspan'
  await notes(ada, names)
  await frame(ada).getByText('After it.').waitFor()
  await ada.keyboard.type('into nowhere')
  // The same holds if the document contains the attributes from the start.
  const bob = await openPage(await profileOf('Bob'))
  await notes(bob, names)
  await frame(bob).getByText('A wide cell.').waitFor()
  await badge(ada, 'saved')
  await badge(bob, 'saved')
  await expectUntouched(ada, before)
  await expectUntouched(bob, before)
  expect(await readText()).toMatch(/^Ada writes\.\s+A link\.\s+A wide cell\.\s+After it\.\s*$/)
})

test('a browser calls another server for a document only after a click on a picture', {
  skip: !isDeep,
}, async () => {
  const remote = 'http://pictures.test'
  await importHtml(
    `<p>Look:</p><img src="${remote}/1.png" alt="A lamp"><img src="${PIXEL}" alt="">
     <video src="${remote}/1.mp4" poster="${remote}/2.png"></video><audio src="${remote}/1.mp3"></audio>
     <p><span style="color: red; font-family: Inter">red</span> <mark data-color="url(${remote}/3.png)">m</mark></p>`,
  )
  const profile = await profileOf('Ada', { serviceWorkers: 'allow' })
  const asked: string[] = []
  await profile.route(`${remote}/**`, (route) => {
    asked.push(new URL(route.request().url()).pathname)
    return route.fulfill({
      contentType: 'image/png',
      body: Buffer.from(PIXEL.split(',')[1] ?? '', 'base64'),
    })
  })
  const ada = await openPage(profile)
  await shows(ada, 'Look:')
  await badge(ada, 'saved')
  const picture = ada.getByRole('button', { name: 'Show the picture “A lamp” from pictures.test' })
  await picture.waitFor()
  expect(await ada.locator('.prose img').count()).toBe(1)
  expect(asked).toEqual([])
  await picture.click()
  await eventually(() => asked.length > 0)
  await becomes(
    ada,
    `[...document.querySelectorAll('.prose img')].filter((image) => image.naturalWidth > 0).length === 2`,
  )
  expect(asked).toEqual(['/1.png'])

  // The same holds in the read-only view.
  await write((fragment) => fragment.push([block('callout', paragraph('Mind the tide.'))]))
  await frame(ada).getByText('Mind the tide.').waitFor()
  asked.length = 0
  const bob = await openPage(profile)
  await frame(bob).getByText('Mind the tide.').waitFor()
  await frame(bob).locator(`img[src="${PIXEL}"]`).waitFor()
  expect(asked).toEqual([])
  await bob.getByRole('button', { name: 'Show pictures from other servers' }).click()
  await eventually(() => asked.includes('/1.png'))
})
