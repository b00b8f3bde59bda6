// The editor in a real Chromium, with a real server in its own process that keeps its data in a
// folder.
import { mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { openPglite } from '@y-electric/embedded'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  expect,
  inject,
  onTestFinished,
  test,
} from 'vitest'
import { decodeState, statePath } from 'y-electric/protocol'
import * as Y from 'yjs'
import { freshDocId, readStored } from '../e2e/server.ts'
import { launchBrowser, takeScreenshot } from '../harness/browser.ts'
import { isDeep } from '../harness/deep.ts'
import { expectConverged, type StoredRows } from '../harness/oracle.ts'
import { createDatabase, freePort } from '../harness/postgres.ts'
import { scratchFolder } from '../harness/scratch.ts'
import {
  BASELINE_WEBASSEMBLY,
  editorFolder,
  type ServerProcess,
  startServerProcess,
} from '../harness/serverProcess.ts'
import { eventually } from './eventually.ts'

let browser: Browser
let folder: string
let port: number
let docId: string
let server: ServerProcess | undefined
const contexts: BrowserContext[] = []

beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())
beforeEach(async () => {
  folder = await mkdtemp(path.join(scratchFolder(), 'y-electric-browser-'))
  port = await freePort()
  docId = freshDocId('page')
})
afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()))
  await server?.stop()
  server = undefined
  await rm(folder, { recursive: true, force: true })
})

/** Uses the same folder and port each time, so that a page finds the server again. */
async function startServer(env: Record<string, string> = {}): Promise<ServerProcess> {
  server = await startServerProcess({
    nodeArguments: [BASELINE_WEBASSEMBLY],
    scriptArguments: ['--editor', editorFolder],
    env: { PORT: String(port), DATA_DIR: path.join(folder, 'data'), ...env },
  })
  return server
}

/** Opens the document in a new browser profile. */
async function openPage(): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 700 } })
  contexts.push(context)
  const page = await context.newPage()
  // A page with unsaved edits asks before it closes.
  page.on('dialog', (dialog) => void dialog.accept())
  await page.goto(`http://127.0.0.1:${port}/d/${docId}`)
  await page.waitForSelector('[data-testid=badge]')
  return page
}

const badge = (page: Page, tone: string) =>
  page.waitForSelector(`[data-testid=badge][data-state=${tone}]`, { timeout: 30_000 })

async function startTyping(page: Page): Promise<void> {
  await page.locator('.prose').click()
  await page.keyboard.press('Control+End')
}

/** The document of the page, read without the schema of the editor. */
async function docOf(page: Page): Promise<Y.Doc> {
  const bytes = await page.evaluate<number[]>('Array.from(window.yElectric.encode())')
  const doc = new Y.Doc()
  Y.applyUpdate(doc, new Uint8Array(bytes))
  return doc
}

async function storedBehindHttp(): Promise<StoredRows> {
  const response = await fetch(`http://127.0.0.1:${port}/api${statePath(docId)}`)
  const { rows, snapshot } = decodeState(new Uint8Array(await response.arrayBuffer()))
  return {
    updates: rows.map(({ data }) => data),
    ...(snapshot?.data ? { snapshot: snapshot.data } : {}),
  }
}

/**
 * Checks with the strict oracle that all pages have saved and agree with each other and with the
 * stored rows.
 */
async function expectAgreement(...pages: Page[]): Promise<void> {
  await Promise.all(pages.map((page) => badge(page, 'saved')))
  await eventually(
    async () => expectConverged(await Promise.all(pages.map(docOf)), await storedBehindHttp()),
    20_000,
  )
}

/** Compares the stored rows, after no process holds the folder. */
async function expectRowsAgree(doc: Y.Doc): Promise<void> {
  await server?.stop()
  server = undefined
  const database = await openPglite({ dataDir: path.join(folder, 'data') })
  try {
    expectConverged([doc], await readStored(database.pool, docId))
  } finally {
    await database.close()
  }
}

test('two people who type at once agree, even after a reload and after a kill of the server', async () => {
  const first = await startServer()
  const [ada, bob] = await Promise.all([openPage(), openPage()])
  await Promise.all([badge(ada, 'saved'), badge(bob, 'saved')])
  await startTyping(ada)
  await ada.keyboard.type('Shared page')
  await ada.keyboard.press('Enter')
  await eventually(async () => (await bob.textContent('.prose'))?.includes('Shared page') === true)
  await startTyping(bob)

  await Promise.all([
    ada.keyboard.type('Ada writes while Bob does. '.repeat(3), { delay: 4 }),
    bob.keyboard.type('bob is quick as well, and in lower case. '.repeat(3), { delay: 3 }),
  ])
  await expectAgreement(ada, bob)
  const text = (await ada.textContent('.prose')) ?? ''
  // Every letter of both is present, in any order between them.
  expect(text.replace(/[^A-Z]/g, '')).toMatch(/^S(AB){3}$|^S[AB]+$/)
  expect(text.length).toBeGreaterThan('Shared page'.length + 3 * 27 + 3 * 41 - 6)
  await takeScreenshot(ada, 'editor-two-people')

  await Promise.all([ada.reload(), bob.reload()])
  await expectAgreement(ada, bob)
  expect(await ada.textContent('.prose')).toBe(text)
  expect(await bob.textContent('.prose')).toBe(text)

  // The server is killed while both type. The badges show it, and all edits arrive later.
  await Promise.all([startTyping(ada), startTyping(bob)])

  let typing = true
  const type = async (page: Page, word: string) => {
    let typed = 0
    while (typing) {
      await page.keyboard.type(`${word}${typed++} `, { delay: 20 })
    }
    return typed
  }
  const typists = [type(ada, 'ada'), type(bob, 'bob')]
  await eventually(async () => (await bob.textContent('.prose'))?.includes('ada2') === true)

  process.kill(first.pid, 'SIGKILL')
  await Promise.all([badge(ada, 'offline'), badge(bob, 'offline')])
  await eventually(async () =>
    /your edits wait here/.test((await ada.textContent('[data-testid=badge]')) ?? ''),
  )
  await takeScreenshot(ada, 'editor-offline')
  const before = (await ada.textContent('.prose'))?.length ?? 0
  await eventually(async () => ((await ada.textContent('.prose'))?.length ?? 0) > before + 40)
  typing = false
  const counts = await Promise.all(typists)
  await first.stop()

  await startServer()
  await expectAgreement(ada, bob)
  const cold = await openPage()
  await expectAgreement(ada, bob, cold)
  await takeScreenshot(cold, 'editor-after-the-kill')
  // The two type into one paragraph and split each other's words, but delete none of each other's
  // letters.
  const whole = (await cold.textContent('.prose')) ?? ''
  const countIn = (words: string, letter: string) => words.split(letter).length - 1
  const count = (letter: string) => countIn(whole, letter) - countIn(text, letter)
  expect([count('o'), count('d')]).toEqual([counts[1], counts[0]])
  await expectRowsAgree(await docOf(cold))
})

test('when writes are refused, the badge shows the reason and the edits are kept', {
  skip: !isDeep,
}, async () => {
  // The kind of database makes no difference here, and a native one starts faster.
  const database = await createDatabase(inject('databaseUrl'))
  onTestFinished(() => database.drop())
  const DATABASE_URL = database.url
  const hook = path.resolve(import.meta.dirname, 'writersForbidden.mjs')
  await startServer({ AUTHORIZE: hook, DATABASE_URL })
  const page = await openPage()
  await badge(page, 'saved')
  await startTyping(page)
  await page.keyboard.type('Nobody takes this')
  await badge(page, 'refused')
  expect(await page.textContent('[data-testid=badge]')).toMatch(
    /^Refused: .*not change this document/,
  )
  // Edits made until then are in the page, which may accept no more input.
  const kept = (await page.textContent('.prose')) ?? ''
  expect(kept).not.toBe('')
  expect('Nobody takes this').toContain(kept)
  await takeScreenshot(page, 'editor-refused')
  expect(await storedBehindHttp()).toEqual({ updates: [] })

  // After the server allows writes again, one click saves everything.
  await server?.stop()
  await startServer({ DATABASE_URL })
  await page.getByRole('button', { name: 'Try again' }).click()
  await expectAgreement(page)
  expect(await page.textContent('.prose')).toBe(kept)
})
