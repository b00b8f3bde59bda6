// Code that a provider loads when it is used, in a real Chromium: it arrives late, or not at all.
import type { Browser, Page, Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { freshDocId, useBackend } from '../e2e/server.ts'
import { launchBrowser } from '../harness/browser.ts'
import { eventually } from './eventually.ts'
import type {} from './lab.ts'
import { type PageServer, servePage } from './pageServer.ts'

const backend = useBackend()
let server: PageServer
let browser: Browser
let pages: Page[] = []
let docId = ''

beforeAll(async () => {
  server = await servePage(backend.current)
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
})
beforeEach(() => {
  docId = freshDocId()
})
afterEach(async () => {
  for (const page of pages) await page.context().close()
  pages = []
})

/** The scripts that an `import()` loads. */
const isLate = ({ pathname }: URL): boolean => pathname.startsWith('/late-')

/** Opens the document as a named person, and types there. @param answer what becomes of late code */
async function visit(name: string, answer: (route: Route) => Promise<void> | void): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  pages.push(page)
  await page.route(isLate, answer)
  await page.goto(server.url)
  await page.waitForFunction(() => typeof lab === 'object')
  await page.evaluate(
    ([person, id]) => {
      const own = lab.open(id, { isKept: false, live: 'shared', name: person })
      own.text.insert(0, `${person} `)
      lab.people.set('own', own)
    },
    [name, docId] as const,
  )
  return page
}

const goOn = (route: Route) => route.continue()
const own = (page: Page) =>
  page.evaluate(() => {
    const { provider, errors, text } = lab.people.get('own') as ReturnType<typeof lab.open>
    const { synced, saved, status, awareness } = provider
    const states = [...(awareness?.getStates().values() ?? [])]
    const names = states.map((state) => String(state.name)).sort()
    return { synced, saved, status, errors: [...new Set(errors)], text: text.toString(), names }
  })

test('a page whose late code cannot be loaded reads, saves and says so', async () => {
  const ada = await visit('Ada', (route) => route.abort())
  await eventually(async () =>
    expect(await own(ada)).toMatchObject({ synced: true, saved: true, errors: ['module_failed'] }),
  )
  const bob = await visit('Bob', goOn)
  await eventually(async () => {
    for (const page of [ada, bob]) {
      const { text } = await own(page)
      expect(text).toContain('Ada')
      expect(text).toContain('Bob')
    }
  })
  // Nobody sees her, and she sees nobody, until she reloads: Chromium does not request a module again.
  await eventually(async () => {
    expect(await own(ada)).toMatchObject({ status: 'connected', names: ['Ada'] })
    expect(await own(bob)).toMatchObject({ status: 'connected', names: ['Bob'] })
  })
})

test('a page does not wait for late code to join an empty document and to save', async () => {
  const held: Route[] = []
  const ada = await visit('Ada', (route) => void held.push(route))
  await eventually(async () => expect((await own(ada)).saved).toBe(true))
  expect(held.length).toBeGreaterThan(0)
  for (const route of held) await route.continue()
  const bob = await visit('Bob', goOn)
  await eventually(async () => {
    expect(await own(ada)).toMatchObject({ synced: true, names: ['Ada', 'Bob'], errors: [] })
    expect(await own(bob)).toMatchObject({ synced: true, names: ['Ada', 'Bob'], errors: [] })
  })
})
