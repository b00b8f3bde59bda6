// Presence while pages are hidden and browsers offline. Timers of hidden pages run once a minute, and
// nevertheless no user disappears in between. Time and browsers are simulated, the provider is real.
import { beforeEach, expect, test } from 'vitest'
import { openClient } from '../e2e/client.ts'
import { openPerson, type Person } from '../presence/people.ts'
import { createPresenceStub, type PresenceStub } from '../presence/stub.ts'
import { Timeline } from '../simulation/kernel/timeline.ts'
import { createAwareness } from '../simulation/presence.ts'
import { SimulatedBrowser, type SimulatedPage } from './browser.ts'
import { globalsOf, platformOf } from './platform.ts'

const MINUTE = 60_000

let timeline: Timeline
let stub: PresenceStub
beforeEach(() => {
  timeline = new Timeline()
  stub = createPresenceStub()
})

const openBrowser = () =>
  new SimulatedBrowser({
    timeline,
    random: () => 0.5,
    serve: (url, init) => stub.fetch(url, init),
    hiddenClampMs: MINUTE,
  })

interface Someone extends Person {
  readonly page: SimulatedPage
}

async function open(name: string, browser = openBrowser()): Promise<Someone> {
  const page = browser.open()
  const person = page.run(() =>
    openPerson({
      url: 'http://stub.test/api',
      docId: 'doc',
      name,
      platform: platformOf(page),
      createAwareness: (doc) => createAwareness(doc, globalsOf(page)),
      fetch: page.fetch,
      live: 'long-poll',
      compaction: false,
      retry: { baseMs: 1_000, maxMs: 5_000 },
    }),
  )
  await timeline.pass(1_000)
  return Object.assign(person, { page })
}

/** Lets time pass. @returns the seconds at which a client saw other names than these */
async function watch(ms: number, people: readonly Someone[], names: readonly string[]) {
  const amiss: string[] = []
  for (let second = 0; second < ms / 1_000; second++) {
    await timeline.pass(1_000)
    for (const person of people) {
      const seen = person.names()
      if (seen.join() !== names.join()) amiss.push(`${second}: ${seen}`)
    }
  }
  return amiss
}

test('a user in a hidden tab stays visible for two writes a minute, and sees all others when the tab is shown', async () => {
  const [ada, bob] = [await open('Ada'), await open('Bob')]
  bob.page.setHidden(true)
  const before = stub.writes()
  expect(await watch(10 * MINUTE, [ada], ['Ada', 'Bob'])).toEqual([])
  expect(stub.writes() - before).toBeLessThanOrEqual(10 * 2 * 2)
  bob.page.setHidden(false)
  expect(bob.names()).toEqual(['Ada', 'Bob'])
  expect(await watch(MINUTE, [ada, bob], ['Ada', 'Bob'])).toEqual([])
})

test('a user whose hidden tab crashed disappears within 40 s, even from hidden tabs', async () => {
  const [ada, bob, carol] = [await open('Ada'), await open('Bob'), await open('Carol')]
  bob.page.setHidden(true)
  carol.page.setHidden(true)
  await timeline.pass(5 * MINUTE)
  bob.page.end()
  await timeline.pass(40_000)
  expect(ada.names()).toEqual(['Ada', 'Carol'])
  expect(carol.names()).toEqual(['Ada', 'Carol'])
})

test('tabs of one browser see each other while they are open, even offline and hidden', async () => {
  const browser = openBrowser()
  const [ada, bob] = [await open('Ada', browser), await open('Bob', browser)]
  browser.setOnline(false)
  bob.page.setHidden(true)
  expect(await watch(5 * MINUTE, [ada, bob], ['Ada', 'Bob'])).toEqual([])

  const carol = await open('Carol', browser)
  expect(await watch(MINUTE, [ada, bob, carol], ['Ada', 'Bob', 'Carol'])).toEqual([])
  bob.page.end()
  await timeline.pass(0)
  expect(ada.names()).toEqual(['Ada', 'Carol'])

  browser.setOnline(true)
  await timeline.pass(40_000)
  expect(await watch(MINUTE, [ada, carol], ['Ada', 'Carol'])).toEqual([])
})

test('a tab that begins to use presence late, and offline, sees the other tabs and is seen', async () => {
  const browser = openBrowser()
  const ada = await open('Ada', browser)
  const page = browser.open()
  const bob = page.run(() =>
    openClient({
      url: 'http://stub.test/api',
      docId: 'doc',
      platform: platformOf(page),
      fetch: page.fetch,
      live: 'long-poll',
      compaction: false,
    }),
  )
  await timeline.pass(1_000)
  browser.setOnline(false)
  const gone = await open('Gone', browser)
  gone.page.end()
  await timeline.pass(1_000)
  expect(ada.names()).toEqual(['Ada'])

  page.run(() => bob.provider.awareness.setLocalStateField('user', { name: 'Bob' }))
  await timeline.pass(1_000)
  const seen = [...bob.provider.awareness.getStates().values()].map(({ user }) => user.name)
  expect(seen.sort()).toEqual(['Ada', 'Bob'])
  expect(ada.names()).toEqual(['Ada', 'Bob'])
  await page.run(() => bob.close())
})

test('tabs see each other despite a state that JSON cannot express, and the next state is sent', async () => {
  const browser = openBrowser()
  const [ada, bob] = [await open('Ada', browser), await open('Bob', browser)]
  ada.page.run(() => ada.awareness.setLocalStateField('user', { id: 12n }))
  await timeline.pass(1_000)
  expect(ada.errors.map(({ code }) => code)).toEqual(['invalid_presence'])
  expect(bob.names()).toEqual(['Ada', 'Bob'])

  // The new tab and the tab whose state cannot be sent introduce themselves to each other.
  const carol = await open('Carol', browser)
  ada.page.run(() => ada.type('typed'))
  await timeline.pass(MINUTE)
  expect([bob, carol].map(({ text }) => text.toString())).toEqual(['typed', 'typed'])
  expect(bob.names()).toEqual(['Ada', 'Bob', 'Carol'])
  expect(carol.names()).toEqual(['Ada', 'Bob', 'Carol'])

  ada.page.run(() => ada.awareness.setLocalStateField('user', { name: 'Eve' }))
  await timeline.pass(0)
  expect([bob, carol].map((one) => one.names())).toEqual(Array(2).fill(['Bob', 'Carol', 'Eve']))
  expect(ada.errors).toHaveLength(1)
})
