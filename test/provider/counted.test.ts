// The provider leaks nothing in any order of calls. The tests count listeners, timers, locks, channels,
// streams and stores. They provide the page, because Node has none.
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ElectricProvider, memory, type Persistence, preload } from 'y-electric'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { freshDocId } from '../e2e/server.ts'
import { isDeep } from '../harness/deep.ts'
import { type CountedPage, countedPage } from './countedPage.ts'
import { ownTimers } from './ownTimers.ts'
import { createStub, type StubServer, untilAborted } from './stub.ts'

// Loading takes real time, and time is virtual here.
await preload()

/** Up to this long, virtual time passes in one step. */
const STEP_MS = 1_000

let page: CountedPage
let stub: StubServer
let timers: ReturnType<typeof ownTimers>

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  timers = ownTimers(globalThis)
  page = countedPage()
  for (const [name, value] of Object.entries(page.globals)) vi.stubGlobal(name, value)
  stub = createStub()
})
afterEach(() => {
  vi.unstubAllGlobals()
  timers.restore()
  vi.useRealTimers()
})

const ROUTES = ['updates', 'state', 'segment'] as const

/** Lets what takes real turns end, such as reading the body of an answer. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Virtual time passes in steps, between which answers are read as they would be in real time. */
async function pass(ms: number): Promise<void> {
  const steps = ms > STEP_MS ? 5 : 1
  for (let step = 0; step < steps; step++) {
    await turns()
    await vi.advanceTimersByTimeAsync(ms / steps)
  }
  await turns()
}

/** Counts requests without an answer. */
function countedFetch(inner: typeof fetch): { fetch: typeof fetch; open(): number } {
  const open = new Set<AbortSignal>()
  return {
    open: () => open.size,
    async fetch(input, init) {
      const { signal } = init ?? {}
      if (signal) open.add(signal)
      try {
        return await inner(input, init)
      } finally {
        if (signal) open.delete(signal)
      }
    },
  }
}

/** Counts open stores. */
function countedStore(): { persistence: Persistence; open(): number } {
  const inner = memory()
  let open = 0
  return {
    open: () => open,
    persistence: {
      async open(key, onLost) {
        const store = await inner.open(key, onLost)
        open += 1
        let isOpen = true
        return {
          ...store,
          async close() {
            if (isOpen) open -= 1
            isOpen = false
            await store.close()
          },
        }
      },
    },
  }
}

interface World {
  readonly doc: Y.Doc
  readonly awareness: Awareness
  provider: ElectricProvider
  readonly make: () => ElectricProvider
}

const listenersOf = ({ _observers }: { _observers: Map<unknown, Set<unknown>> }): number =>
  [...(_observers as Map<unknown, Set<unknown>>).values()].reduce((sum, set) => sum + set.size, 0)

const refuse = (status: number, code: string) => async () =>
  Response.json({ error: { code, message: '' } }, { status })

const actions: Record<string, (world: World) => void | Promise<void>> = {
  connect: ({ provider }) => provider.connect(),
  disconnect: ({ provider }) => provider.disconnect(),
  reconnect: ({ provider }) => provider.reconnect(),
  resend: ({ provider }) => provider.resend(),
  type: ({ doc }) => doc.getText('body').insert(0, 'x'),
  move: ({ awareness }) => awareness.setLocalStateField('cursor', Math.random()),
  forbid: () => void stub.use('updates', refuse(403, 'forbidden')),
  lockOut: () => {
    stub.use('updates', refuse(401, 'unauthenticated'))
    stub.use('state', refuse(401, 'unauthenticated'))
  },
  fail: () => {
    for (const route of ROUTES) stub.use(route, refuse(503, 'database_unavailable'))
  },
  hang: () => {
    for (const route of ROUTES) stub.use(route, (_url, init) => untilAborted(init.signal))
  },
  allow: () => {
    for (const route of ROUTES) stub.use(route, refuse(503, 'internal'))()
  },
  hide: () => page.fire('pagehide'),
  show: () => page.fire('pageshow', { persisted: true }),
  online: () => page.fire('online'),
  soon: async () => void (await pass(1)),
  later: async () => void (await pass(400)),
  muchLater: async () => void (await pass(40_000)),
  visible: () => page.fire('document visibilitychange'),
  // Another provider for the same document, as React StrictMode and a hot reload make it.
  remount: async (world) => {
    void world.provider.destroy()
    world.provider = world.make()
  },
}

async function live(steps: readonly string[], isKept: boolean): Promise<void> {
  const doc = new Y.Doc()
  const awareness = new Awareness(doc)
  awareness.setLocalState({ name: 'Ada' })
  const before = [listenersOf(doc), listenersOf(awareness)]
  const requests = countedFetch(stub.fetch)
  const stores = countedStore()
  const docId = freshDocId()
  const make = () =>
    new ElectricProvider({
      url: 'http://stub.test/api',
      docId,
      doc,
      awareness,
      fetch: requests.fetch,
      ...(isKept ? { persistence: stores.persistence } : {}),
    })
  const world: World = { doc, awareness, provider: make(), make }
  for (const name of steps) {
    await actions[name]?.(world)
    const { unsavedSince, stored } = world.provider
    // The page asks before closing while an edit would be lost. `stored` also covers the edits of others.
    const asks = page.listeners('beforeunload') > 0
    if (!isKept || name === 'type') expect(asks).toBe(unsavedSince !== null)
    else if (asks) expect([unsavedSince !== null, stored]).toEqual([true, false])
  }
  const destroyed = world.provider.destroy()
  // Listeners on the page are removed at once, without waiting for anything.
  expect(page.count()).toMatchObject({ listeners: 0, channels: 0 })
  await pass(0)
  await destroyed
  await pass(0)
  expect(page.count()).toEqual({ listeners: 0, channels: 0, locks: 0, waiting: 0 })
  expect([listenersOf(doc), listenersOf(awareness)]).toEqual(before)
  expect(timers.pending()).toEqual([])
  expect([requests.open(), stores.open()]).toEqual([0, 0])
  expect(listenersOf(world.provider)).toBe(0)
  const asked = ROUTES.map((route) => stub.count(route))
  doc.getText('body').insert(0, 'after the end')
  await pass(100_000)
  expect(ROUTES.map((route) => stub.count(route))).toEqual(asked)
  expect(page.count()).toEqual({ listeners: 0, channels: 0, locks: 0, waiting: 0 })
  doc.destroy()
}

test('the page counts: a working provider has listeners, timers, locks, a channel and a stream', async () => {
  const doc = new Y.Doc()
  const provider = new ElectricProvider({
    url: 'http://stub.test/api',
    docId: freshDocId(),
    doc,
    fetch: stub.fetch,
  })
  await pass(100)
  expect(provider.status).toBe('connected')
  expect(page.count()).toMatchObject({ channels: 1, locks: 2 })
  expect(timers.pending().length).toBeGreaterThan(0)
  for (const name of ['online', 'pagehide', 'pageshow']) expect(page.listeners(name)).toBe(1)
  expect(page.listeners('beforeunload')).toBe(0)
  doc.getText('body').insert(0, 'x')
  expect(page.listeners('beforeunload')).toBe(1)
  await pass(10)
  expect(page.listeners('beforeunload')).toBe(0)
  await provider.destroy()
})

test('warnOnClose: false adds no beforeunload listener', async () => {
  const doc = new Y.Doc()
  const provider = new ElectricProvider({
    url: 'http://stub.test/api',
    docId: freshDocId(),
    doc,
    fetch: stub.fetch,
    warnOnClose: false,
  })
  doc.getText('body').insert(0, 'x')
  expect(provider.unsavedSince).not.toBeNull()
  expect(page.listeners('beforeunload')).toBe(0)
  await provider.destroy()
})

test('a fetch that throws at once does not make destroy() throw', async () => {
  let isBroken = false
  const doc = new Y.Doc()
  const awareness = new Awareness(doc)
  awareness.setLocalState({ name: 'Ada' })
  const provider = new ElectricProvider({
    url: 'http://stub.test/api',
    docId: freshDocId(),
    doc,
    awareness,
    // This function is not async, so it throws instead of rejecting.
    fetch: (input, init) => {
      if (isBroken) throw new TypeError('this page is closing')
      return stub.fetch(input, init)
    },
  })
  await pass(1_000)
  isBroken = true
  await provider.destroy()
  expect(page.count()).toEqual({ listeners: 0, channels: 0, locks: 0, waiting: 0 })
  doc.destroy()
})

test('nothing leaks in any order of calls, with destroy() at any moment', async () => {
  const step = fc.constantFrom(...Object.keys(actions))
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.boolean(), live), {
    numRuns: isDeep ? 3_000 : 80,
    endOnFailure: true,
  })
})
