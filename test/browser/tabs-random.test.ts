// Random events on real tabs: three of one Chromium profile that stores the document, and one of another
// profile. They are edited, closed, crashed, reloaded, frozen, offline and disconnected. The oracle checks
// the result.
//
//   Y_ELECTRIC_SEED=… npx vitest run --project browser test/browser/tabs-random    from that seed on
//   Y_ELECTRIC_DEEP=1 npx vitest run --project browser test/browser/tabs-random    many runs
import type { BrowserContext, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { freshDocId, readStored } from '../e2e/server.ts'
import { isDeep } from '../harness/deep.ts'
import { expectConverged, rebuild } from '../harness/oracle.ts'
import { pickBelow, seededRandom } from '../harness/random.ts'
import { eventually } from './eventually.ts'
import type {} from './lab.ts'
import { useLab, whenLabRuns } from './useLab.ts'

const chosenSeed = process.env.Y_ELECTRIC_SEED
const STEPS = 40
const TABS = 3

const site = useLab()

interface Tab {
  readonly page: Page
  isFrozen: boolean
}

/** The facts of a tab, and its content as numbers. */
const look = (page: Page) =>
  page.evaluate(() => {
    const { provider, doc } = lab.people.get('ada') ?? lab.open('never')
    const { saved, synced, stored } = provider
    return { saved, synced, stored, update: [...lab.Y.encodeStateAsUpdate(doc)] }
  })
const docOf = (update: readonly number[]): Y.Doc => {
  const doc = new Y.Doc()
  // With the root types of the page, so that the oracle compares text and map.
  doc.getText('body')
  doc.getMap('map')
  Y.applyUpdate(doc, new Uint8Array(update))
  return doc
}
const edit = (page: Page, chance: number) =>
  page.evaluate((number) => {
    const { doc, text } = lab.people.get('ada') ?? lab.open('never')
    doc.transact(() => {
      if (number < 0.2) text.delete(0, Math.min(text.length, 2))
      else if (number < 0.4) doc.getMap('map').set('key', number)
      else text.insert(Math.floor(number * text.length), `${Math.floor(number * 1000)} `)
    })
  }, chance)

class Profile {
  readonly #context: BrowserContext
  readonly #docId: string
  readonly tabs: (Tab | null)[] = Array.from({ length: TABS }, () => null)

  constructor(context: BrowserContext, docId: string) {
    this.#context = context
    this.#docId = docId
  }

  async tab(index: number): Promise<Tab> {
    const there = this.tabs[index]
    if (there) return there
    const page = await this.#context.newPage()
    await page.goto(site.url)
    await this.load(page)
    const tab = { page, isFrozen: false }
    this.tabs[index] = tab
    return tab
  }

  async load(page: Page): Promise<void> {
    await whenLabRuns(page)
    await page.evaluate((id) => void lab.people.set('ada', lab.open(id)), this.#docId)
  }

  async setFrozen(tab: Tab, isFrozen: boolean): Promise<void> {
    if (tab.isFrozen === isFrozen) return
    tab.isFrozen = isFrozen
    const devtools = await this.#context.newCDPSession(tab.page)
    const state = isFrozen ? 'frozen' : 'active'
    await devtools.send('Page.setWebLifecycleState', { state })
    await devtools.detach()
  }

  async crash(index: number): Promise<void> {
    const tab = this.tabs[index]
    if (!tab) return
    this.tabs[index] = null
    const devtools = await this.#context.newCDPSession(tab.page)
    const crashed = tab.page.waitForEvent('crash')
    // The crash request never gets a response.
    devtools.send('Page.crash').catch(() => {})
    await crashed
    await tab.page.close()
  }
}

type Action = readonly [name: string, weight: number, run: (index: number) => Promise<unknown>]

async function live(seed: number, log: string[]): Promise<void> {
  const random = seededRandom(seed)
  const docId = freshDocId('random')
  const [context, otherContext] = [await site.newProfile(), await site.newProfile()]
  const profile = new Profile(context, docId)
  const elsewhere = await new Profile(otherContext, docId).tab(0)
  /** Acts on a tab that is not frozen. */
  const awake = async (index: number, run: (page: Page) => Promise<unknown>) => {
    const { page, isFrozen } = await profile.tab(index)
    if (!isFrozen) await run(page)
  }
  /** The content that was reported as stored on the device. */
  let stored = Y.encodeStateAsUpdate(new Y.Doc())
  const actions: readonly Action[] = [
    ['edit', 10, (index) => awake(index, (page) => edit(page, random()))],
    ['edit elsewhere', 3, () => edit(elsewhere.page, random())],
    ['crash', 2, (index) => profile.crash(index)],
    [
      'close',
      2,
      async (index) => {
        await profile.tabs[index]?.page.close()
        profile.tabs[index] = null
      },
    ],
    [
      'reload',
      2,
      (index) =>
        awake(index, async (page) => {
          // The page loads the script, which fails offline.
          await context.setOffline(false)
          await page.reload()
          await profile.load(page)
        }),
    ],
    ['freeze', 2, async (index) => profile.setFrozen(await profile.tab(index), true)],
    ['thaw', 3, async (index) => profile.setFrozen(await profile.tab(index), false)],
    ['offline', 2, () => context.setOffline(true)],
    ['online', 3, () => context.setOffline(false)],
    [
      'disconnect',
      1,
      (index) =>
        awake(index, (page) => page.evaluate(() => lab.people.get('ada')?.provider.disconnect())),
    ],
    [
      'connect',
      2,
      (index) =>
        awake(index, (page) => page.evaluate(() => lab.people.get('ada')?.provider.connect())),
    ],
  ]
  const drawn = actions.flatMap((action) => Array.from({ length: action[1] }, () => action))
  for (let index = 0; index < TABS; index++) await profile.tab(index)
  for (let step = 0; step < STEPS; step++) {
    const index = pickBelow(random, TABS)
    const [name, , run] = drawn[pickBelow(random, drawn.length)] ?? drawn[0] ?? never()
    log.push(`${name}(${index})`)
    // A page cannot be opened offline.
    if (profile.tabs[index] === null) await context.setOffline(false)
    await run(index)
    for (const tab of profile.tabs) {
      if (!tab || tab.isFrozen) continue
      const seen = await look(tab.page)
      if (seen.stored) stored = Y.mergeUpdates([stored, new Uint8Array(seen.update)])
      if (!seen.saved) continue
      const onServer = rebuild(await readStored(site.backend.pool, docId))
      expect(Y.snapshotContainsUpdate(Y.snapshot(onServer), new Uint8Array(seen.update))).toBe(true)
    }
  }
  await context.setOffline(false)
  const pages = [elsewhere.page]
  for (let index = 0; index < TABS; index++) {
    const tab = await profile.tab(index)
    await profile.setFrozen(tab, false)
    await tab.page.evaluate(() => lab.people.get('ada')?.provider.connect())
    pages.push(tab.page)
  }
  await eventually(async () => {
    const seen = await Promise.all(pages.map(look))
    for (const { saved, synced } of seen)
      expect({ saved, synced }).toEqual({ saved: true, synced: true })
    const rows = await readStored(site.backend.pool, docId)
    expectConverged(
      seen.map(({ update }) => docOf(update)),
      rows,
    )
    expect(Y.snapshotContainsUpdate(Y.snapshot(rebuild(rows)), stored)).toBe(true)
  }, 40_000)
  await context.close()
  await otherContext.close()
}

function never(): never {
  throw new Error('there are no actions')
}

test('after every sequence of events of the tabs, stored edits have arrived and all tabs converge', async () => {
  const first = chosenSeed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(chosenSeed)
  for (let seed = first; seed < first + (isDeep ? 25 : 1); seed++) {
    const log: string[] = []
    await live(seed, log).catch((cause: unknown) => {
      const rerun = `Y_ELECTRIC_SEED=${seed} npx vitest run --project browser test/browser/tabs-random`
      throw new Error(`seed ${seed} failed; again:\n  ${rerun}\n${log.join(' ')}`, { cause })
    })
  }
})
