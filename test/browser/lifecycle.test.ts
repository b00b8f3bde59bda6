// A provider in a page of a real Chromium: when the page asks before it closes, and what destroy() leaves.
import type { Dialog, Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { freshDocId } from '../e2e/server.ts'
import { eventually } from './eventually.ts'
import type {} from './lab.ts'
import { useLab } from './useLab.ts'

const site = useLab()
let page: Page

beforeEach(async () => {
  const profile = await site.newProfile()
  await profile.addInitScript(countListeners)
  page = await site.openTab(profile)
})

/** Runs in the page before any other script: counts listeners of the page, and channels. */
function countListeners(): void {
  const counted = { listeners: [] as string[], channels: 0 }
  for (const target of [window, document]) {
    const { addEventListener, removeEventListener } = target
    const known = new Map<string, Set<unknown>>()
    const recount = (name: string, change: (set: Set<unknown>) => void) => {
      const set = known.get(name) ?? new Set()
      known.set(name, set)
      const before = set.size
      change(set)
      if (set.size > before) counted.listeners.push(name)
      else if (set.size < before) counted.listeners.splice(counted.listeners.indexOf(name), 1)
    }
    target.addEventListener = (name: string, listener: never, options?: never) => {
      recount(name, (set) => set.add(listener))
      addEventListener.call(target, name, listener, options)
    }
    target.removeEventListener = (name: string, listener: never, options?: never) => {
      recount(name, (set) => set.delete(listener))
      removeEventListener.call(target, name, listener, options)
    }
  }
  globalThis.BroadcastChannel = class extends BroadcastChannel {
    constructor(name: string) {
      super(name)
      counted.channels += 1
    }
    override close(): void {
      counted.channels -= 1
      super.close()
    }
  }
  Object.assign(globalThis, { counted })
}

const counted = () =>
  page.evaluate(async () => {
    const { listeners, channels } = Reflect.get(globalThis, 'counted')
    const { held = [], pending = [] } = await navigator.locks.query()
    return {
      listeners: [...listeners] as string[],
      channels: channels as number,
      locks: [...held, ...pending].map(({ name }) => name ?? ''),
    }
  })

/** Opens a provider for one document with the name `person`. */
async function open(
  options: { isKept: boolean; warnOnClose?: boolean },
  docId = freshDocId(),
): Promise<void> {
  await page.evaluate(
    ({ docId, isKept, ...rest }) => {
      const doc = new lab.Y.Doc()
      const awareness = new lab.Awareness(doc)
      awareness.setLocalState({ name: 'Ada' })
      const provider = new lab.ElectricProvider({
        url: '/api',
        docId,
        doc,
        awareness,
        retry: { baseMs: 20, maxMs: 100 },
        ...(isKept ? { persistence: lab.indexeddb() } : {}),
        ...rest,
      })
      Object.assign(globalThis, { person: { doc, provider } })
    },
    { docId, ...options },
  )
  await eventually(() => fact('saved'))
}

const fact = (name: 'saved' | 'stored') =>
  page.evaluate((fact) => Reflect.get(globalThis, 'person').provider[fact] as boolean, name)
const write = () =>
  page.evaluate(() => Reflect.get(globalThis, 'person').doc.getText('body').insert(0, 'x'))
const listens = async () => (await counted()).listeners.includes('beforeunload')

describe('closing the page', () => {
  /** Returns whether closing the page asks; if it does, the page stays open. */
  async function asks(): Promise<boolean> {
    const dialogs: string[] = []
    const onDialog = (dialog: Dialog) => {
      dialogs.push(dialog.type())
      void dialog.dismiss()
    }
    page.on('dialog', onDialog)
    const closed = page.waitForEvent('close', { timeout: 3_000 }).then(
      () => true,
      () => false,
    )
    await page.close({ runBeforeUnload: true })
    await eventually(async () => dialogs.length > 0 || page.isClosed())
    if (dialogs.length === 0) expect(await closed).toBe(true)
    page.off('dialog', onDialog)
    expect(dialogs.every((type) => type === 'beforeunload')).toBe(true)
    return dialogs.length > 0
  }

  test('asks only while an edit is in this page alone', async () => {
    // Chromium does not ask if the person has not interacted with the page.
    await page.mouse.click(10, 10)
    await open({ isKept: false })
    expect(await listens()).toBe(false)
    await page.route('**/updates', (route) => route.abort())
    await write()
    expect(await listens()).toBe(true)
    expect(await asks()).toBe(true)
    // Waits for requests that are being aborted, because a hanging request would block the writer.
    await page.unrouteAll({ behavior: 'wait' })
    // Ends the wait before the next try, which is longer the longer the steps above took.
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await eventually(() => fact('saved'))
    expect(await listens()).toBe(false)
    expect(await asks()).toBe(false)
  })

  test('does not ask if this device stores the edits', async () => {
    await page.mouse.click(10, 10)
    await open({ isKept: true })
    await page.route('**/updates', (route) => route.abort())
    await write()
    await eventually(() => fact('stored'))
    expect([await fact('saved'), await listens()]).toEqual([false, false])
    expect(await asks()).toBe(false)
  })

  test('does not ask if the app has switched it off', async () => {
    await page.mouse.click(10, 10)
    await open({ isKept: false, warnOnClose: false })
    await page.route('**/updates', (route) => route.abort())
    await write()
    expect([await fact('saved'), await listens()]).toEqual([false, false])
    expect(await asks()).toBe(false)
  })
})

test('only the tab in which an edit was made asks, not the tabs that show it', async () => {
  const docId = freshDocId()
  const typist = page
  await open({ isKept: false }, docId)
  page = await site.openTab(typist.context())
  await open({ isKept: false }, docId)
  const reader = page
  await typist.context().route('**/updates', (route) => route.abort())
  page = typist
  await write()
  expect(await listens()).toBe(true)
  page = reader
  await eventually(() =>
    page.evaluate(() => Reflect.get(globalThis, 'person').doc.getText('body').length === 1),
  )
  expect([await fact('saved'), await listens()]).toEqual([false, false])
})

test('destroy() leaves no listener, channel, lock or open database, after any sequence of calls', async () => {
  const orders = [
    [],
    // React StrictMode calls them in this order.
    ['disconnect', 'connect'],
    ['disconnect', 'disconnect', 'connect', 'reconnect', 'connect'],
    ['reconnect', 'disconnect'],
    ['resend', 'disconnect', 'reconnect', 'write'],
  ]
  expect(await counted()).toMatchObject({ channels: 0, locks: [] })
  const before = (await counted()).listeners
  for (const order of orders) {
    await open({ isKept: true })
    await eventually(async () => {
      const { channels, locks } = await counted()
      // One channel of the document, and one of the streams of all documents.
      expect(channels).toBe(2)
      // For each of the two: a lock of the tab and one of the leader. The fifth belongs to the owner of the
      // stored edits.
      expect(locks).toHaveLength(5)
    })
    await page.evaluate(async (names) => {
      const { doc, provider } = Reflect.get(globalThis, 'person')
      for (const name of names) {
        if (name === 'write') doc.getText('body').insert(0, 'x')
        else provider[name]()
      }
      await provider.destroy()
      doc.destroy()
    }, order)
    await eventually(async () =>
      expect(await counted()).toEqual({ listeners: before, channels: 0, locks: [] }),
    )
    // A database with an open connection cannot be deleted.
    const deleted = await page.evaluate(async () => {
      const names = (await indexedDB.databases()).flatMap(({ name }) => name ?? [])
      const outcomes = names.map(
        (name) =>
          new Promise((resolve) => {
            const request = indexedDB.deleteDatabase(name)
            request.onsuccess = () => resolve('deleted')
            request.onblocked = () => resolve('blocked')
          }),
      )
      return Promise.all(outcomes)
    })
    expect(deleted).toEqual(['deleted'])
  }
})
