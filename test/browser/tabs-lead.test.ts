// The leader among real tabs. Another tab takes the lead when the leading tab closes or freezes with
// requests in flight. Ten tabs share six connections. Without Web Locks each tab works alone.
import type { BrowserContext, Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { freshDocId, readStored, readUpdateRows } from '../e2e/server.ts'
import { someOf } from '../harness/deep.ts'
import { expectConverged, rebuild } from '../harness/oracle.ts'
import { eventually } from './eventually.ts'
import type {} from './lab.ts'
import { useLab } from './useLab.ts'

const site = useLab()
let context: BrowserContext
let docId: string

beforeEach(async () => {
  docId = freshDocId('lead')
  context = await site.newProfile()
})

async function openTab(isKept: boolean, profile = context): Promise<Page> {
  const page = await site.openTab(profile)
  await page.evaluate(
    ([id, kept]) => {
      lab.people.set('ada', lab.open(id, { isKept: kept }))
    },
    [docId, isKept] as const,
  )
  await eventually(async () => expect((await facts(page)).status).toBe('connected'))
  return page
}
const facts = (page: Page) =>
  page.evaluate(() => {
    const { provider, text } = lab.people.get('ada') ?? lab.open('never')
    const { status, saved, synced } = provider
    return { status, saved, synced, text: text.toString() }
  })
const type = (page: Page, typed: string) =>
  page.evaluate((more) => {
    const { text } = lab.people.get('ada') ?? lab.open('never')
    text.insert(text.length, more)
  }, typed)
const shows = (page: Page, text: string) =>
  eventually(async () => expect((await facts(page)).text).toBe(text))
const expectStored = async (text: string) => {
  const stored = await readStored(site.backend.pool, docId)
  const doc = rebuild(stored)
  expect(doc.getText('body').toString()).toBe(text)
  expectConverged([doc], stored)
}

test.each(someOf([true, false]))(
  'if the leader closes before its post is answered, the edit is stored once (kept: %s)',
  async (isKept) => {
    const leader = await openTab(isKept)
    const follower = await openTab(isKept)
    const elsewhere = await openTab(false, await site.newProfile())
    await leader.route('**/updates', async (route) => {
      // The post arrives, but its response never comes.
      await route.fetch()
    })
    await type(leader, 'in flight')
    await eventually(async () =>
      expect(await readUpdateRows(site.backend.pool, docId)).toHaveLength(1),
    )
    await shows(follower, 'in flight')
    expect(await facts(follower)).toMatchObject({ saved: false })
    await leader.close()
    await eventually(async () => expect(await facts(follower)).toMatchObject({ saved: true }))
    await type(elsewhere, ', and live')
    await shows(follower, 'in flight, and live')
    await expectStored('in flight, and live')
    expect(await readUpdateRows(site.backend.pool, docId)).toHaveLength(2)
    await elsewhere.context().close()
  },
)

test('while the leader is frozen the other tabs continue, and it catches up afterwards', async () => {
  const leader = await openTab(false)
  const follower = await openTab(false)
  const elsewhere = await openTab(false, await site.newProfile())
  const devtools = await context.newCDPSession(leader)
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
  await type(elsewhere, 'while it is frozen')
  await shows(follower, 'while it is frozen')
  await devtools.send('Page.setWebLifecycleState', { state: 'active' })
  await shows(leader, 'while it is frozen')
  await type(leader, ', and after')
  await shows(elsewhere, 'while it is frozen, and after')
  await elsewhere.context().close()
})

test('ten tabs over six connections are all live, and only one of them reads', async () => {
  const tabs: Page[] = []
  for (let i = 0; i < 10; i++) tabs.push(await openTab(true))
  const elsewhere = await openTab(false, await site.newProfile())
  for (const [index, tab] of tabs.entries()) await type(tab, `${index}`)
  await eventually(async () => expect((await facts(elsewhere)).text).toHaveLength(10))
  const requests = site.requests.length
  await type(elsewhere, ' and all')
  const { text } = await facts(elsewhere)
  await Promise.all(tabs.map((tab) => shows(tab, text)))
  for (const tab of tabs) expect(await facts(tab)).toMatchObject({ saved: true, synced: true })
  const polls = site.requests.slice(requests).filter((one) => one.startsWith('GET'))
  expect(polls).toEqual([])
  await expectStored(text)
  await elsewhere.context().close()
})

test('without Web Locks each tab works alone, and all converge', async () => {
  await context.addInitScript(() => Object.defineProperty(navigator, 'locks', { value: undefined }))
  const [one, other] = [await openTab(false), await openTab(false)]
  await type(one, 'one')
  await shows(other, 'one')
  await type(other, ' other')
  await shows(one, 'one other')
  await expectStored('one other')
})
