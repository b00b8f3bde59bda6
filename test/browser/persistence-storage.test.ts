// The browser damages or removes the store while the provider runs. The provider continues in memory,
// reports it, and loses nothing.
import { randomBytes } from 'node:crypto'
import type { Page } from 'playwright-core'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { freshDocId, readStored } from '../e2e/server.ts'
import { isDeep, someOf } from '../harness/deep.ts'
import { rebuild } from '../harness/oracle.ts'
import { damageDatabase } from './damageDatabase.ts'
import { eventually } from './eventually.ts'
import type {} from './lab.ts'
import { useLab, whenLabRuns } from './useLab.ts'

const site = useLab()
let page: Page
let docId: string

beforeAll(async () => {
  // One page for all tests, since each page costs a process. Every test has its own document, and
  // so its own database.
  page = await (await site.keepProfile()).newPage()
})
beforeEach(async () => {
  docId = freshDocId()
  await page.goto(site.url)
  await whenLabRuns(page)
})
afterEach(async () => {
  const others = page
    .context()
    .pages()
    .filter((each) => each !== page)
  await Promise.all(others.map((other) => other.close()))
})

const reload = async (on: Page) => {
  await on.reload()
  await whenLabRuns(on)
}
/** Opens the document in a page. */
const open = (on: Page, connect = true) =>
  on.evaluate(
    ([id, isWanted]) => {
      lab.people.set('ada', lab.open(id, { connect: isWanted }))
    },
    [docId, connect] as const,
  )
const type = (on: Page, text: string) =>
  on.evaluate((typed) => {
    const { text: body } = lab.people.get('ada') ?? lab.open('never')
    body.insert(body.length, typed)
  }, text)
const facts = (on: Page) =>
  on.evaluate(() => {
    const person = lab.people.get('ada')
    const { status, saved, stored } = person?.provider ?? {}
    return { status, saved, stored, errors: person?.errors ?? [], text: person?.text.toString() }
  })
const until = (on: Page, wanted: Partial<Awaited<ReturnType<typeof facts>>>) =>
  eventually(async () => expect(await facts(on)).toMatchObject(wanted))
async function textOnServer(): Promise<string> {
  const doc = rebuild(await readStored(site.backend.pool, docId))
  return doc.getText('body').toString()
}
const databaseName = () => `y-electric:${site.url}api/${docId}`

test('the document is stored and present after a reload', async () => {
  await open(page)
  await type(page, 'kept')
  await until(page, { status: 'connected' as const, saved: true, stored: true, errors: [] })
  await reload(page)
  await open(page, false)
  await until(page, { text: 'kept', status: 'closed' })
})

/** Ways to damage stored records in the database of a closed page. */
const DAMAGE = {
  'one update is deleted': { table: 'updates', only: 1, how: 'delete' },
  'one update is cut short': { table: 'updates', only: 0, how: 'cut' },
  'all updates are deleted': { table: 'updates', only: null, how: 'delete' },
  'all updates are null': { table: 'updates', only: null, how: 'null' },
  'all edits are null': { table: 'edits', only: null, how: 'null' },
  'all edits are deleted': { table: 'edits', only: null, how: 'delete' },
  'the resume point is null': { table: 'place', only: null, how: 'null' },
} as const

/** By default one of them: test/persistence/damage.test.ts damages a store in all such ways, without a browser. */
const damages = someOf(Object.entries(DAMAGE))

test.each(damages)('a database in which %s is repaired', async (_, damage) => {
  await open(page)
  await type(page, 'one ')
  await until(page, { status: 'connected' as const, saved: true, stored: true })
  await type(page, 'two ')
  await until(page, { saved: true, stored: true })
  await page.evaluate(() => lab.people.get('ada')?.provider.disconnect())
  await type(page, 'unsent')
  await until(page, { stored: true })
  await reload(page)
  await damageDatabase(page, databaseName(), damage)
  await open(page)
  const healed = { text: 'one two unsent', status: 'connected' as const, saved: true, stored: true }
  // The store represents "no resume point" by null, so its loss cannot be detected.
  await until(page, { ...healed, errors: damage.table === 'place' ? [] : ['storage_damaged'] })
  expect(await textOnServer()).toBe('one two unsent')
  await reload(page)
  await open(page)
  await until(page, { ...healed, errors: [] })
})

test('on a full disk the provider continues in memory and loses nothing', async () => {
  await open(page)
  await type(page, 'before ')
  await until(page, { status: 'connected' as const, saved: true, stored: true })
  await page.evaluate(() => {
    IDBObjectStore.prototype.add = () => {
      throw new DOMException('full', 'QuotaExceededError')
    }
  })
  await type(page, 'x'.repeat(200_000))
  await type(page, ' after')
  await until(page, { saved: true, stored: false, errors: ['storage_failed'] })
  expect((await textOnServer()).slice(-6)).toBe(' after')
  expect(await facts(page)).toMatchObject({ status: 'connected' })
})

test('when a page with newer code upgrades the database, an open page continues in memory', async () => {
  await open(page)
  await until(page, { status: 'connected' as const, stored: true })
  const upgraded = await page.evaluate(
    (name) =>
      new Promise((resolve, reject) => {
        const request = indexedDB.open(name, 99)
        request.onsuccess = () => resolve(request.result.version)
        request.onerror = () => reject(request.error)
      }),
    databaseName(),
  )
  expect(upgraded).toBe(99)
  await type(page, 'continues')
  await until(page, { saved: true, stored: false, errors: ['storage_failed'] })
  expect(await textOnServer()).toBe('continues')

  await reload(page)
  await open(page)
  await type(page, ', older than its data')
  await until(page, { saved: true, stored: false, errors: ['storage_failed'] })
})

test('a page with an old version that blocks the upgrade does not stop the newer page', {
  skip: !isDeep,
}, async () => {
  const holder = await page.context().newPage()
  await holder.goto(site.url)
  const raw = (on: Page, version: number, isWaitedFor: boolean) =>
    on.evaluate(
      ([name, wanted, waits]) =>
        new Promise<void>((resolve) => {
          const request = indexedDB.open(name, wanted)
          request.onsuccess = () => resolve()
          request.onblocked = () => resolve()
          if (!waits) resolve()
        }),
      [databaseName(), version, isWaitedFor] as const,
    )
  await raw(holder, 1, true)
  await raw(holder, 2, true)
  await open(page)
  await type(page, 'not delayed')
  await until(page, { saved: true, stored: false, errors: ['storage_failed'] })
  expect(await textOnServer()).toBe('not delayed')
})

test('when the user deletes the site’s data, the provider continues and loses nothing', async () => {
  await open(page)
  await type(page, 'one ')
  await until(page, { status: 'connected' as const, saved: true, stored: true })
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Storage.clearDataForOrigin', {
    origin: new URL(site.url).origin,
    storageTypes: 'indexeddb',
  })
  await type(page, 'two')
  await until(page, { saved: true, stored: false, errors: ['storage_failed'] })
  expect(await textOnServer()).toBe('one two')
  await reload(page)
  await open(page)
  await until(page, { text: 'one two', stored: true })
})

test('a page that reopens the same document offline at once has all unsent edits', async () => {
  const outcome = await page.evaluate(async (id) => {
    for (let round = 0; round < 15; round++) {
      const { provider, text } = lab.open(id, { connect: false })
      await new Promise<void>((resolve) => {
        provider.on('stored', () => resolve())
        if (provider.stored) resolve()
      })
      text.insert(text.length, `${round} `)
      void provider.destroy()
    }
    const last = lab.open(id)
    await last.provider.whenSynced()
    await last.provider.whenSaved()
    return last.text.toString()
  }, docId)
  expect(outcome).toBe(Array.from({ length: 15 }, (_, round) => `${round} `).join(''))
  expect(await textOnServer()).toBe(outcome)
})

/** Actions of another page, or of the user, on the database of an idle page. */
const LOSSES: Record<string, (other: Page) => Promise<unknown>> = {
  'the user deletes the site’s data': async (other) => {
    const devtools = await other.context().newCDPSession(other)
    await devtools.send('Storage.clearDataForOrigin', {
      origin: new URL(site.url).origin,
      storageTypes: 'indexeddb',
    })
  },
  'another page deletes the database': (other) =>
    other.evaluate((name) => void indexedDB.deleteDatabase(name), databaseName()),
  'another page upgrades the database': (other) =>
    other.evaluate((name) => void indexedDB.open(name, 99), databaseName()),
}

test.each(someOf(Object.entries(LOSSES)))(
  'if %s while the page is idle, the page reports it at once',
  async (_, lose) => {
    await open(page)
    await type(page, 'kept here ')
    await until(page, { status: 'connected' as const, saved: true, stored: true, errors: [] })
    const other = await page.context().newPage()
    await other.goto(site.url)
    await lose(other)
    await until(page, { stored: false, errors: ['storage_failed'] })
    await type(page, 'and continues')
    await until(page, {
      status: 'connected' as const,
      saved: true,
      stored: false,
      errors: ['storage_failed'],
    })
    expect(await textOnServer()).toBe('kept here and continues')
  },
)

test('when the quota of the browser is really exhausted, the provider continues in memory', {
  skip: !isDeep,
}, async () => {
  // Chromium caches the free space of an origin in a profile for some seconds.
  const context = await site.newProfile()
  const own = await site.openTab(context)
  const devtools = await context.newCDPSession(own)
  const { origin } = new URL(site.url)
  // Before the page opens, because Chromium caches the free space for some seconds.
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 100_000 })
  await open(own)
  await type(own, 'before ')
  await until(own, { status: 'connected' as const, saved: true, stored: true })
  await own.evaluate(() => lab.people.get('ada')?.provider.disconnect())
  // Random data, because compressible data would need no space.
  const much = randomBytes(400_000).toString('base64')
  await type(own, much)
  await type(own, ' after')
  await until(own, { saved: false, stored: false, errors: ['storage_failed'] })
  await own.evaluate(() => lab.people.get('ada')?.provider.connect())
  await until(own, { saved: true, stored: false, errors: ['storage_failed'] })
  expect(await textOnServer()).toBe(`before ${much} after`)
})

test.each(someOf(['missing', 'refused']))(
  'in a browser in which IndexedDB is %s, the provider works in memory',
  async (how) => {
    const context = await site.newProfile()
    await context.addInitScript((isMissing) => {
      const value = isMissing
        ? undefined
        : {
            open() {
              throw new DOMException('private', 'SecurityError')
            },
          }
      Object.defineProperty(globalThis, 'indexedDB', { value })
    }, how === 'missing')
    const other = await site.openTab(context)
    await open(other)
    await type(other, 'in memory')
    await until(other, { saved: true, stored: false, errors: ['storage_failed'] })
    expect(await textOnServer()).toBe('in memory')
  },
)
