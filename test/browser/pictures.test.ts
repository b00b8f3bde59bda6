// Pictures that a person pastes, chooses or drops, in the editor that `npm run build` makes.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { copyPath, docPath, updatesPath } from 'y-electric/protocol'
import * as Y from 'yjs'
import { PICTURE, PICTURE_ID } from '../api/picture.ts'
import { isDeep } from '../harness/deep.ts'
import { eventually } from './eventually.ts'
import { badge, patience, shows, type, useVisitors } from './visitors.ts'

const people = useVisitors()
const { visit } = people

/** The width of each picture in the text in pixels, as the browser has read it; 0: it is not shown. */
const widths = (page: Page) =>
  page
    .locator('.prose .image img')
    .evaluateAll((images) => images.map((image) => (image as HTMLImageElement).naturalWidth))

const showsPictures = (page: Page, count: number) =>
  eventually(
    async () => expect(await widths(page)).toEqual(Array.from({ length: count }, () => 24)),
    patience,
  )

/** Puts a picture into the clipboard, as a program that copies one does. */
async function copyPicture(page: Page): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.evaluate(
    async (bytes) => {
      const blob = new Blob([new Uint8Array(bytes)], { type: 'image/png' })
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })])
    },
    [...PICTURE],
  )
}

test('a picture that Ada pastes into a new document is shown to Bob, and is there after a reload', async () => {
  const [ada, bob] = await Promise.all([visit('Ada'), visit('Bob')])
  await copyPicture(ada)
  await ada.locator('.prose').click()
  await ada.keyboard.press('Control+V')
  await showsPictures(ada, 1)
  await showsPictures(bob, 1)
  // The next key does not replace the picture.
  await ada.keyboard.type('below')
  await shows(bob, 'below')
  await showsPictures(bob, 1)
  await badge(ada, 'saved')
  await bob.reload()
  await showsPictures(bob, 1)
  const address = await bob.locator('.prose .image img').getAttribute('src')
  // Chromium encodes a pasted picture again, so its bytes are not those that were copied.
  expect(address).toMatch(new RegExp(`^/api/docs/${people.docId}/files/[0-9a-f]{64}$`))
  expect(await ada.locator('.upload').count()).toBe(0)
})

test('a picture is chosen in a menu or dropped, and a file that is refused is named with the reason', {
  skip: !isDeep,
}, async () => {
  const ada = await visit('Ada')
  await type(ada, 'The lighthouse')
  await ada.keyboard.press('Enter')
  const choosing = ada.waitForEvent('filechooser')
  await ada.keyboard.type('/picture')
  await ada.getByRole('listbox').getByRole('option').first().waitFor()
  await ada.keyboard.press('Enter')
  const chooser = await choosing
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')
  await chooser.setFiles([
    { name: 'plan.svg', mimeType: 'image/svg+xml', buffer: svg },
    { name: 'At night.png', mimeType: 'image/png', buffer: Buffer.from(PICTURE) },
    { name: 'broken.png', mimeType: 'image/png', buffer: svg },
    { name: 'By day.png', mimeType: 'image/png', buffer: Buffer.from(PICTURE) },
  ])
  await showsPictures(ada, 2)
  const image = ada.locator('.prose .image img').first()
  expect(await ada.locator('.prose .image img').last().getAttribute('alt')).toBe('By day')
  expect(await image.getAttribute('alt')).toBe('At night')
  expect(await image.getAttribute('src')).toBe(`/api/docs/${people.docId}/files/${PICTURE_ID}`)
  const alerts = ada.getByRole('alert')
  await eventually(async () => {
    const said = await alerts.allTextContents()
    expect(said).toHaveLength(2)
    expect(said[0]).toContain('“plan.svg” was not added: it is none of PNG, JPEG')
    expect(said[1]).toContain('“broken.png” was not added: it is damaged')
  }, patience)
  for (const left of [1, 0]) {
    await ada.locator('.upload').first().getByRole('button', { name: 'Remove' }).click()
    expect(await alerts.count()).toBe(left)
  }

  const place = await ada.getByText('The lighthouse').boundingBox()
  const data = await ada.evaluateHandle(
    (bytes) => {
      const files = new DataTransfer()
      files.items.add(new File([new Uint8Array(bytes)], 'image.png', { type: 'image/png' }))
      return files
    },
    [...PICTURE],
  )
  await ada.getByText('The lighthouse').dispatchEvent('drop', {
    dataTransfer: data,
    clientX: place?.x ?? 0,
    clientY: (place?.y ?? 0) + 2,
  })
  await showsPictures(ada, 3)
  expect(
    await ada.locator('.prose').evaluate((prose) => prose.firstElementChild?.matches('.image')),
  ).toBe(true)
})

test('a copy shows the pictures of an original that is deleted', { skip: !isDeep }, async () => {
  const ada = await visit('Ada')
  await copyPicture(ada)
  await ada.locator('.prose').click()
  await ada.keyboard.press('Control+V')
  await showsPictures(ada, 1)
  await badge(ada, 'saved')
  const api = `${people.url}/api`
  const copy = `${people.docId}-copy`
  const copied = await fetch(api + copyPath(people.docId), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ to: copy }),
  })
  expect(copied.status).toBe(201)
  expect((await fetch(api + docPath(people.docId), { method: 'DELETE' })).status).toBe(200)
  people.docId = copy
  // Her browser has not read the picture before.
  const cleo = await visit('Cleo')
  await showsPictures(cleo, 1)
})

test('a picture is shown in a document that is for reading only, too', {
  skip: !isDeep,
}, async () => {
  const api = `${people.url}/api`
  const send = async (method: string, path: string, type: string, body: BodyInit) => {
    const headers = { 'content-type': type, 'idempotency-key': crypto.randomUUID() }
    const { ok } = await fetch(api + path, { method, headers, body })
    expect(ok).toBe(true)
  }
  const { docId } = people
  const address = `/api${docPath(docId)}/files/${PICTURE_ID}`
  const html = `<p>The lamp</p><img src="${address}" alt="a lamp">`
  await send('PUT', `${docPath(docId)}?format=html`, 'text/html', html)
  await send('POST', `${docPath(docId)}/files`, 'image/png', new Uint8Array(PICTURE))
  const doc = new Y.Doc()
  doc.getXmlFragment('default').push([new Y.XmlElement('unknownBlock')])
  const update = new Uint8Array(Y.encodeStateAsUpdate(doc))
  await send('POST', updatesPath(docId), 'application/octet-stream', update)
  const ada = await visit('Ada')
  const image = ada.frameLocator('iframe.reading-frame').locator('img')
  await eventually(
    async () =>
      expect(await image.evaluate((one) => (one as HTMLImageElement).naturalWidth)).toBe(24),
    patience,
  )
})
