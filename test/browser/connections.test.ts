// Several documents in one page over HTTP/1.1 with a stream for each (`live: 'sse'`). A browser has six
// connections to one server, and each document takes one for its stream and, with presence, another.
// Further requests wait in the browser, and the page is not notified.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { isDeep } from '../harness/deep.ts'
import { eventually } from './eventually.ts'
import type {} from './lab.ts'
import { useLab } from './useLab.ts'

const site = useLab()

/** Opens documents in a new page with its own connections. */
async function openDocuments(count: number, hasPresence: boolean): Promise<Page> {
  const page = await site.openTab(await site.newProfile())
  await page.evaluate(
    ([count, hasPresence]) => {
      const open = () => lab.openDocument(hasPresence, 'sse')
      Object.assign(globalThis, { documents: Array.from({ length: count }, open) })
    },
    [count, hasPresence] as const,
  )
  return page
}

/** Types into each document repeatedly. @returns whether a save gets stuck within some seconds */
const getsStuck = (page: Page): Promise<boolean> =>
  page.evaluate(async () => {
    const documents = Reflect.get(globalThis, 'documents') as ReturnType<typeof lab.openDocument>[]
    const pause = (ms: number) => new Promise<'late'>((r) => setTimeout(() => r('late'), ms))
    // A save takes milliseconds, or seconds on a busy machine. A save that waits for a stream to
    // end takes a minute.
    const stuckAfterMs = 8_000
    // All streams must be open before a save can wait for one, which takes seconds on a busy machine.
    await Promise.race([
      Promise.all(documents.map((each) => each.provider.whenSynced())),
      pause(20_000),
    ])
    const end = performance.now() + 6_000
    for (let round = 0; round < 20 || performance.now() < end; round++) {
      for (const { doc } of documents) doc.getText('body').insert(0, 'x')
      const saved = Promise.all(documents.map(({ provider }) => provider.whenSaved()))
      if ((await Promise.race([saved, pause(stuckAfterMs)])) === 'late') return true
      await pause(200)
    }
    return false
  })

test('the guide states how many documents one browser can have open over HTTP/1.1', {
  skip: !isDeep,
}, async () => {
  async function measure(counts: readonly number[], hasPresence: boolean): Promise<number> {
    const stuck = await Promise.all(
      counts.map(async (count) => getsStuck(await openDocuments(count, hasPresence))),
    )
    const most = Math.max(...counts.filter((_count, i) => stuck[i] === false))
    const kind = hasPresence ? 'with presence' : 'without presence'
    for (const [i, count] of counts.entries()) {
      console.log(`${count} documents ${kind}: ${stuck[i] ? 'saves get stuck' : 'saves work'}`)
    }
    return most
  }
  const withPresence = await measure([2, 3], true)
  const without = await measure([5, 6], false)
  const guide = await readFile(path.resolve(import.meta.dirname, '../../docs/offline.md'), 'utf8')
  const [, most, mostWithout] =
    /(\w+) documents\s+with\s+presence,\s+or\s+(\w+)\s+without/.exec(guide) ?? []
  const words = ['no', 'one', 'two', 'three', 'four', 'five', 'six']
  expect([most, mostWithout]).toEqual([words[withPresence], words[without]])
})

test('while a save waits for a free connection, the status is not connected and unsavedSince is set', async () => {
  const page = await openDocuments(3, true)
  const facts = () =>
    page.evaluate(() => {
      const documents = Reflect.get(globalThis, 'documents') as ReturnType<
        typeof lab.openDocument
      >[]
      return documents.map(({ provider: { status, saved, unsavedSince } }) => ({
        status,
        saved,
        ageMs: unsavedSince === null ? null : Date.now() - unsavedSince,
      }))
    })
  expect(await getsStuck(page)).toBe(true)
  await eventually(async () => {
    const waiting = (await facts()).filter(({ saved }) => !saved)
    expect(waiting.length).toBeGreaterThan(0)
    for (const { status, ageMs } of waiting) {
      expect(status).not.toBe('connected')
      expect(ageMs).toBeGreaterThan(2_000)
    }
  }, 5_000)
  await page.evaluate(async () => {
    const documents = Reflect.get(globalThis, 'documents') as ReturnType<typeof lab.openDocument>[]
    await documents.shift()?.provider.destroy()
  })
  await eventually(async () =>
    expect(await facts()).toEqual(
      Array.from({ length: 2 }, () => ({ status: 'connected', saved: true, ageMs: null })),
    ),
  )
})
