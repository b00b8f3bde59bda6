// A browser is killed while edits are unsent. They are on disk, and arrive once.
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDocId, readStored, readUpdateRows } from '../e2e/server.ts'
import { type BrowserProcess, launchProfile } from '../harness/browser.ts'
import { expectConverged, rebuild } from '../harness/oracle.ts'
import { eventually } from './eventually.ts'
import type {} from './lab.ts'
import { useLabServer } from './useLab.ts'

const site = useLabServer()
let profile: string
const running: BrowserProcess[] = []

beforeAll(async () => {
  profile = await mkdtemp(path.join(os.tmpdir(), 'y-electric-profile-'))
})
afterAll(async () => {
  await Promise.all(running.map((one) => one.kill()))
  await rm(profile, { recursive: true, force: true })
})

async function openBrowser(): Promise<{ page: Page; kill: () => Promise<void> }> {
  const started = await launchProfile(profile)
  running.push(started)
  const [context] = started.browser.contexts()
  if (context === undefined) throw new Error('the browser has no profile')
  return { page: await site.openTab(context), kill: started.kill }
}

const open = (page: Page, docId: string, connect: boolean) =>
  page.evaluate(
    ([id, isWanted]) => {
      lab.people.set('ada', lab.open(id, { connect: isWanted }))
    },
    [docId, connect] as const,
  )
const facts = (page: Page) =>
  page.evaluate(() => {
    const person = lab.people.get('ada')
    const { saved, stored, synced } = person?.provider ?? {}
    return { saved, stored, synced, text: person?.text.toString() }
  })
const typeEach = (page: Page, text: string) =>
  page.evaluate(async (typed) => {
    const body = lab.people.get('ada')?.text
    for (const letter of typed) {
      body?.insert(body.length, letter)
      await Promise.resolve()
    }
  }, text)

test('offline edits survive two SIGKILLs and arrive once', async () => {
  const docId = freshDocId('killed')
  const first = await openBrowser()
  await open(first.page, docId, true)
  await typeEach(first.page, 'online ')
  await eventually(async () =>
    expect(await facts(first.page)).toMatchObject({ saved: true, stored: true }),
  )
  await first.page.evaluate(() => lab.people.get('ada')?.provider.disconnect())
  await typeEach(first.page, 'offline')
  await eventually(async () =>
    expect(await facts(first.page)).toMatchObject({ saved: false, stored: true }),
  )
  const before = await readUpdateRows(site.backend.pool, docId)
  await first.kill()

  const second = await openBrowser()
  await open(second.page, docId, false)
  await eventually(async () => expect((await facts(second.page)).text).toBe('online offline'))
  expect(await facts(second.page)).toMatchObject({ saved: false, synced: false })
  await second.kill()

  const third = await openBrowser()
  await open(third.page, docId, true)
  await eventually(async () =>
    expect(await facts(third.page)).toEqual({
      saved: true,
      stored: true,
      synced: true,
      text: 'online offline',
    }),
  )
  const rows = await readUpdateRows(site.backend.pool, docId)
  expect(rows).toHaveLength(before.length + 1)
  const stored = await readStored(site.backend.pool, docId)
  expectConverged([rebuild(stored)], stored)
  await third.kill()

  const requests = site.requests.length
  const fourth = await openBrowser()
  await open(fourth.page, docId, true)
  await eventually(async () => expect(await facts(fourth.page)).toMatchObject({ synced: true }))
  expect(site.requests.slice(requests).filter((one) => one.startsWith('POST'))).toEqual([])
})
