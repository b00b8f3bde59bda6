// Runs the unchanged snippets of README.md for a page in a real Chromium: of TipTap by default, of other editors in
// the deep tests.
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { createAdaptorServer } from '@hono/node-server'
import { documentRoutes } from '@y-electric/documents'
import { allowAll, createApp } from '@y-electric/server'
import { Hono } from 'hono'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../e2e/eventually.ts'
import { openBackend, readStored, type TestBackend } from '../e2e/server.ts'
import { launchBrowser } from '../harness/browser.ts'
import { isDeep } from '../harness/deep.ts'
import { docsPage, readme, snippetOf } from './readme.ts'
import { bundlePage, openSnippetFolder, type SnippetFolder } from './snippets.ts'

const patience = 20_000

let folder: SnippetFolder
let backend: TestBackend
let browser: Browser
let server: ReturnType<typeof createAdaptorServer>
let url = ''

beforeAll(async () => {
  folder = await openSnippetFolder()
  await folder.write('tiptap.ts', snippetOf(readme, 'Use it in TipTap'))
  await folder.write(
    'codemirror.ts',
    `${snippetOf(docsPage('codemirror'))}\nObject.assign(window, { code: provider, view })`,
  )
  await folder.write(
    'offline.ts',
    `${snippetOf(docsPage('offline'))}\nObject.assign(window, { offline: provider })`,
  )
  await folder.write(
    'guarded/guarded.ts',
    `${docsPage('tiptap').blocks.find(({ language }) => language === 'ts')?.content}\nObject.assign(window, { doc, Y })`,
  )
  await folder.write(
    'guarded/index.html',
    '<!doctype html><p id="notice"></p><div id="editor"></div><script type="module" src="./guarded.ts"></script>',
  )
  const scripts = ['tiptap', 'codemirror', 'offline'].map(
    (name) => `<script type="module" src="./${name}.ts"></script>`,
  )
  await folder.write(
    'react/page.tsx',
    docsPage('react').blocks.find(({ language }) => language === 'tsx')?.content ?? '',
  )
  await folder.write(
    'react/index.html',
    '<!doctype html><div id="app"></div><script type="module" src="./page.tsx"></script>',
  )
  await folder.write(
    'index.html',
    `<!doctype html><div id="editor"></div><div id="code"></div>${scripts.join('')}`,
  )
  await bundlePage(folder.path)
  if (isDeep) {
    await bundlePage(path.join(folder.path, 'guarded'), '/guarded/')
    await bundlePage(path.join(folder.path, 'react'), '/react/')
  }
  backend = await openBackend('postgres')
  server = await serve(path.join(folder.path, 'dist'))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  browser = await launchBrowser()
}, 120_000)

afterAll(async () => {
  await browser.close()
  if ('closeAllConnections' in server) server.closeAllConnections()
  server.close()
  await backend.close()
  await folder.remove()
})

test('in TipTap, typed text is saved, and another page shows it', {
  timeout: 120_000,
}, async () => {
  const ada = await openPage()
  await ada.page.click('#editor [contenteditable]')
  await ada.page.keyboard.type('Dear Bob')
  await eventually(() => {
    const { said } = ada
    return said.includes('Saving…') && said.at(-1) === 'Saved'
  }, patience)

  const bob = await openPage()
  await eventually(async () => (await textOf(bob.page)) === 'Dear Bob', patience)
  await bob.page.click('#editor [contenteditable]')
  await bob.page.keyboard.press('End')
  await bob.page.keyboard.type(', dear Ada')
  await eventually(async () => (await textOf(ada.page)) === 'Dear Bob, dear Ada', patience)
  await eventually(() => bob.said.at(-1) === 'Saved', patience)

  // The provider of the other snippet has followed the document too.
  await eventually(async () => (await offline(ada.page)).includes('Dear Bob, dear Ada'), patience)
  const others = await eventually(async () => {
    const names = await ada.page.evaluate(
      () => Reflect.get(window, 'offline').awareness.getStates().size,
    )
    return names === 2 ? names : false
  }, patience)
  expect(others).toBe(2)

  const { updates } = await readStored(backend.pool, 'notes')
  expect(updates.length).toBeGreaterThan(1)
  expect([...ada.failed, ...bob.failed]).toEqual([])
})

// The test uses its own document, since the unguarded editors of the other test would delete the part.
test('in a guarded TipTap, a part that the editor would delete ends editing, and is kept', {
  skip: !isDeep,
  timeout: 120_000,
}, async () => {
  const ada = await openPage('guarded/')
  await ada.page.click('#editor [contenteditable]')
  await ada.page.keyboard.press('Control+Home')
  await ada.page.keyboard.type('Guarded. ')
  const bob = await openPage('guarded/')
  await eventually(async () => (await textOf(bob.page))?.startsWith('Guarded. '), patience)
  await bob.page.evaluate(() => {
    const [doc, Y] = [Reflect.get(window, 'doc'), Reflect.get(window, 'Y')]
    doc.getXmlFragment('default').push([new Y.XmlElement('callout')])
  })
  for (const { page } of [ada, bob]) {
    await page.getByText('Read only, because of: callout').waitFor()
    expect(await page.locator('#editor [contenteditable=true]').count()).toBe(0)
  }
  const kept = () =>
    ada.page.evaluate(() => Reflect.get(window, 'doc').getXmlFragment('default').toString())
  expect(await kept()).toContain('<callout></callout>')
  // After the part is removed, the page continues.
  await bob.page.evaluate(() => {
    const fragment = Reflect.get(window, 'doc').getXmlFragment('default')
    fragment.delete(fragment.length - 1, 1)
  })
  await ada.page.locator('#editor [contenteditable=true]').waitFor()
  expect([...ada.failed, ...bob.failed]).toEqual([])
})

test('in CodeMirror, typed text is saved, another page shows it, and each sees the caret of the other', {
  skip: !isDeep,
  timeout: 120_000,
}, async () => {
  const ada = await openPage()
  await ada.page.click('#code .cm-content')
  await ada.page.keyboard.type('const one = 1')
  await eventually(() => ada.page.evaluate(() => Reflect.get(window, 'code').saved), patience)

  const bob = await openPage()
  await eventually(async () => (await codeOf(bob.page)) === 'const one = 1', patience)
  await bob.page.click('#code .cm-content')
  await bob.page.keyboard.press('Control+End')
  await bob.page.keyboard.type('\nconst two = 2')
  await eventually(
    async () => (await codeOf(ada.page)) === 'const one = 1\nconst two = 2',
    patience,
  )
  await ada.page.locator('#code .cm-ySelectionCaret').waitFor()
  expect(await ada.page.locator('#code .cm-ySelectionInfo').textContent()).toBe('Quiet Heron')

  // Concurrent edits in both converge.
  await Promise.all([
    ada.page.keyboard.type('\n// from Ada', { delay: 5 }),
    bob.page.keyboard.type('\n// from Bob', { delay: 5 }),
  ])
  await eventually(async () => {
    const [one, other] = await Promise.all([codeOf(ada.page), codeOf(bob.page)])
    return one === other && one.includes('// from Ada') && one.includes('// from Bob')
  }, patience)
  expect([...ada.failed, ...bob.failed]).toEqual([])
})

test('in React, typed text is saved, another page shows it, and each sees the caret of the other', {
  skip: !isDeep,
  timeout: 120_000,
}, async () => {
  const ada = await openPage('react/')
  await ada.page.click('[contenteditable]')
  await ada.page.keyboard.type('Dear Bob')
  const bob = await openPage('react/')
  await bob.page.getByText('Dear Bob').waitFor()
  await bob.page.click('[contenteditable]')
  await bob.page.keyboard.press('End')
  await bob.page.keyboard.type(', dear Ada')
  await ada.page.getByText('Dear Bob, dear Ada').waitFor()
  for (const { page } of [ada, bob]) {
    await page.getByText('Saved With Quiet Heron').waitFor()
    await page.locator('.collaboration-carets__label').getByText('Quiet Heron').waitFor()
  }
  await ada.page.reload()
  await ada.page.getByText('Dear Bob, dear Ada').waitFor()
  expect([...ada.failed, ...bob.failed]).toEqual([])
})

const codeOf = (page: Page): Promise<string> =>
  page.evaluate(() => Reflect.get(window, 'view')?.state.doc.toString() ?? '')

const textOf = (page: Page) => page.locator('#editor [contenteditable]').textContent()

/** The status line of the provider with `persistence` when all edits are saved and on this device. */
const offline = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const provider = Reflect.get(window, 'offline')
    const isKept = provider?.saved && provider.stored
    return isKept ? provider.doc.getXmlFragment('default').toString() : ''
  })

/** Opens a page in a separate browser profile, and records its console and its errors. */
async function openPage(path = '') {
  const context = await browser.newContext()
  const page = await context.newPage()
  const said: string[] = []
  const failed: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'log') said.push(message.text())
    if (message.type() === 'error') failed.push(message.text())
  })
  page.on('pageerror', (error) => failed.push(String(error)))
  await page.goto(url + path)
  return { page, said, failed }
}

/** Serves the page and the API on one port, because the snippet uses `/api`. */
async function serve(built: string): Promise<ReturnType<typeof createAdaptorServer>> {
  const { pool, shapes } = backend
  const app = new Hono()
  app.route('/api', createApp({ extensions: [documentRoutes], pool, shapes, authorize: allowAll }))
  app.get('/favicon.ico', (c) => c.body(null, 204))
  app.get('/assets/:file', async (c) => {
    const script = await readFile(path.join(built, 'assets', path.basename(c.req.param('file'))))
    return c.body(script, 200, { 'content-type': 'text/javascript' })
  })
  for (const name of ['guarded', 'react']) {
    const page = path.join(path.dirname(built), name, 'dist')
    app.get(`/${name}/`, async (c) => c.html(await readFile(path.join(page, 'index.html'), 'utf8')))
    app.get(`/${name}/assets/:file`, async (c) => {
      const script = await readFile(path.join(page, 'assets', path.basename(c.req.param('file'))))
      return c.body(script, 200, { 'content-type': 'text/javascript' })
    })
  }
  app.get('/', async (c) => c.html(await readFile(path.join(built, 'index.html'), 'utf8')))
  const listening = createAdaptorServer({ fetch: app.fetch })
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  return listening
}
