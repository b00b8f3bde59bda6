// Code that a provider loads when it is used, in a real Chromium: it arrives late, or not at all.
import type { Page, Route } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { freshDocId } from '../e2e/server.ts'
import { isDeep } from '../harness/deep.ts'
import { eventually } from './eventually.ts'
import type {} from './lab.ts'
import { useLab } from './useLab.ts'

const site = useLab()
let docId = ''

beforeEach(() => {
  docId = freshDocId()
})

/** The scripts that an `import()` loads. */
const isLate = ({ pathname }: URL): boolean => pathname.startsWith('/late-')

/** Opens the document as a named person, and types there. @param answer what becomes of late code */
async function visit(name: string, answer: (route: Route) => Promise<void> | void): Promise<Page> {
  const profile = await site.newProfile()
  await profile.route(isLate, answer)
  const page = await site.openTab(profile)
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

test('a page does not wait for late code to join an empty document and to save', {
  skip: !isDeep,
}, async () => {
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
