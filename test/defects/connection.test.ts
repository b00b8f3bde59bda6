import { describe, expect, test, vi } from 'vitest'
import * as yElectric from 'y-electric'
import { eventually } from '../e2e/eventually.ts'
import { createGate, dropRequest } from '../e2e/gate.ts'
import { freshDocId } from '../e2e/server.ts'
import { type Person, seeEachOther } from '../presence/people.ts'
import { usePeople } from '../presence/setup.ts'

const setup = usePeople()
const { open } = setup
const connected = (person: Person) => eventually(() => person.provider.status === 'connected')

describe('defect 10: a write that fails', () => {
  test('to the document ends no stream, and is retried', async () => {
    const gate = createGate()
    const ada = open('Ada', { fetch: gate.fetch })
    await connected(ada)
    const streams = () =>
      gate.calls.filter(
        ({ url }) =>
          url.pathname.includes('/segments/') && url.searchParams.get('live_sse') === 'true',
      ).length
    await eventually(() => streams() === 1)
    gate.next('updates', dropRequest)
    ada.type('a')
    await ada.provider.whenSaved()
    await connected(ada)
    expect(streams()).toBe(1)
  })

  test('to presence has no visible effect', async () => {
    const ada = open('Ada', {
      onPresence: async ({ method }, pass) => {
        if (method === 'PUT') throw new TypeError('no network')
        return pass()
      },
    })
    await connected(ada)
    await eventually(() => ada.puts().length > 2)
    expect(ada.provider.status).toBe('connected')
    expect(ada.errors).toEqual([])
  })
})

test('defect 11: a refused stream is reported, and the status is not connected', async () => {
  setup.decide = () => 'unauthenticated'
  const ada = open('Ada')
  await eventually(() => ada.provider.status === 'auth-failed')
  expect(ada.provider.synced).toBe(false)
  expect(ada.errors.map(({ code }) => code)).toContain('unauthenticated')
})

test('defect 12: connecting twice opens one stream, and destroying ends it', async () => {
  const gate = createGate()
  const ada = open('Ada', { fetch: gate.fetch })
  ada.provider.connect()
  ada.provider.connect()
  await connected(ada)
  const streams = () => gate.open().filter(({ url }) => url.pathname.endsWith('/segments/0')).length
  await eventually(() => streams() === 1)
  await ada.provider.destroy()
  expect(gate.open().filter(({ url }) => !url.pathname.includes('/awareness/'))).toEqual([])
})

test('defect 13: a closing page sends a leave, and destroying leaves no listener on the page', async () => {
  const listeners = new Map<string, Set<(event: Event) => void>>()
  vi.stubGlobal('addEventListener', (name: string, listener: (event: Event) => void) => {
    listeners.set(name, (listeners.get(name) ?? new Set()).add(listener))
  })
  vi.stubGlobal('removeEventListener', (name: string, listener: (event: Event) => void) => {
    listeners.get(name)?.delete(listener)
  })
  try {
    const [ada, bob] = [open('Ada'), open('Bob')]
    await seeEachOther(ada, bob)
    const [ofAda] = listeners.get('pagehide') ?? []
    ofAda?.(new Event('pagehide'))
    expect(ada.calls.at(-1)).toMatchObject({ method: 'DELETE', keepalive: true })
    await eventually(() => expect(bob.names()).toEqual(['Bob']))
    expect(ada.awareness.getLocalState()?.user.name).toBe('Ada')
    // The page returned from the back/forward cache.
    const shown = Object.assign(new Event('pageshow'), { persisted: true })
    for (const listener of listeners.get('pageshow') ?? []) listener(shown)
    await seeEachOther(ada, bob)
    await Promise.all([ada.provider.destroy(), bob.provider.destroy()])
    expect([...listeners.values()].map((set) => set.size).reduce((a, b) => a + b)).toBe(0)
  } finally {
    vi.unstubAllGlobals()
  }
})

test('defect 17: a state set before connecting is sent, and no client starts without one', async () => {
  const ada = open('Ada', { connect: false })
  ada.move(5)
  ada.provider.connect()
  const bob = open('Bob')
  await seeEachOther(ada, bob)
  expect(bob.awareness.getStates().get(ada.doc.clientID)?.cursor).toBe(5)
})

test('defect 18: disconnecting keeps the name and colour of the client', async () => {
  const [ada, bob] = [open('Ada'), open('Bob')]
  await seeEachOther(ada, bob)
  ada.provider.disconnect()
  expect(ada.awareness.getLocalState()).toEqual({ user: { name: 'Ada', color: '#30bced' } })
  ada.provider.connect()
  await seeEachOther(ada, bob)
})

test('defect 19: a leave is sent even while a cursor move is in flight', async () => {
  let letGo = () => {}
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  let isHeld = false
  const ada = open('Ada', {
    onPresence: async ({ method }, pass) => {
      if (isHeld && method === 'PUT') await held
      return pass()
    },
  })
  const bob = open('Bob')
  await seeEachOther(ada, bob)
  isHeld = true
  ada.move(1)
  await eventually(() => ada.puts().length >= 2)
  await ada.provider.destroy()
  await eventually(() => expect(bob.names()).toEqual(['Bob']))
  letGo()
})

test('defect 20: if the presence row of a client is deleted, its state stays and the row is written again', async () => {
  const [ada, bob] = [open('Ada'), open('Bob')]
  await seeEachOther(ada, bob)
  await setup.server.pool.query('DELETE FROM ydoc_awareness WHERE doc_id = $1 AND client_id = $2', [
    setup.docId,
    ada.doc.clientID,
  ])
  await eventually(() => ada.puts().length >= 2)
  ada.move(7)
  await eventually(() => bob.awareness.getStates().get(ada.doc.clientID)?.cursor === 7)
  await seeEachOther(ada, bob)
})

test('defect 21: an empty row is read, exports exist, and an id is not interpreted as SQL', async () => {
  const ada = open('Ada', { docId: `x' OR '1'='1 ${freshDocId()}` })
  ada.type('mine')
  await ada.provider.whenSaved()
  await setup.server.pool.query('SELECT ydoc_roll($1, 0)', [ada.provider.docId])
  await eventually(() => ada.provider.status === 'connected')
  const bob = open('Bob')
  await bob.provider.whenSynced()
  expect(bob.text.toString()).toBe('')
  expect(ada.errors).toEqual([])
  expect([typeof yElectric.indexeddb, typeof yElectric.memory]).toEqual(['function', 'function'])
  expect(ada.provider.awareness).toBe(ada.awareness)
})

test('defect 22: the store gets a copy, not an object that changes later', async () => {
  const places: unknown[] = []
  const store = yElectric.memory()
  const ada = open('Ada', {
    persistence: {
      async open(key, onLost) {
        const inner = await store.open(key, onLost)
        return {
          ...inner,
          async commit(change) {
            if (change.resume) places.push([change.resume, structuredClone(change.resume)])
            await inner.commit(change)
          },
        }
      },
    },
  })
  await connected(ada)
  for (let i = 0; i < 5; i++) {
    ada.type('x')
    await ada.provider.whenSaved()
  }
  await eventually(() => places.length > 2)
  for (const [now, then] of places as [unknown, unknown][]) expect(now).toEqual(then)
})
