// Connect, disconnect and destroy in any order, and listeners that throw.
import { describe, expect, test, vi } from 'vitest'
import { ElectricProvider, ElectricProviderError } from 'y-electric'
import * as Y from 'yjs'
import { eventually } from '../e2e/eventually.ts'
import { createGate, dropRequest, hang } from '../e2e/gate.ts'
import { freshDocId } from '../e2e/server.ts'
import { connected, type GatedClient, useProviderSetup } from './setup.ts'

const setup = useProviderSetup()

const streams = (client: GatedClient) =>
  client.gate.open().filter(({ route }) => route === 'segment')

describe('connect and disconnect', () => {
  test('connecting twice, at once or later, causes one stream and one read of state', async () => {
    const ada = setup.open()
    ada.provider.connect()
    ada.provider.connect()
    await connected(ada)
    await eventually(() => streams(ada).length === 1)
    ada.provider.connect()
    ada.type('a')
    await ada.provider.whenSaved()
    expect(ada.gate.count('state')).toBe(1)
    expect(streams(ada)).toHaveLength(1)
  })

  test('connect, disconnect, connect, as React StrictMode does, works', async () => {
    const ada = setup.open()
    ada.provider.disconnect()
    ada.provider.connect()
    await connected(ada)
    await eventually(() => streams(ada).length === 1)
    expect(ada.gate.open()).toHaveLength(1)
    ada.type('a')
    await setup.converged(ada)
  })

  test('nothing is lost in any order of calls while requests are in flight', async () => {
    const ada = setup.open()
    const bob = await connected(setup.open({ docId: ada.provider.docId }))
    for (let i = 0; i < 20; i++) {
      ada.type(`${i} `)
      if (i % 3 === 0) ada.provider.disconnect()
      if (i % 2 === 0) ada.provider.connect()
      if (i % 5 === 0) await new Promise((resolve) => setTimeout(resolve, i))
    }
    ada.provider.connect()
    await setup.converged(ada, bob)
    await eventually(() => ada.gate.open().length === 1)
    const batches = ada.gate.calls.map(({ batchId }) => batchId).filter((id) => id !== null)
    expect(new Set(batches).size).toBeLessThanOrEqual(20)
  })

  test('a post that an earlier connection made and lost does not end the new one', async () => {
    const ada = await connected(setup.open())
    const held = ada.gate.hold('updates')
    ada.type('a')
    await held.arrived
    ada.provider.disconnect()
    ada.provider.connect()
    held.release()
    await connected(ada)
    await setup.converged(ada)
    expect(ada.statuses).not.toContain('offline')
    const ids = ada.gate.calls.map(({ batchId }) => batchId).filter((id) => id !== null)
    expect(ids.length).toBe(2)
    expect(new Set(ids).size).toBe(1)
  })

  test('disconnecting gives up all requests and reports it', async () => {
    const ada = await connected(setup.open())
    ada.gate.use('updates', hang)
    ada.type('a')
    await eventually(() => ada.gate.open().length === 2)
    ada.provider.disconnect()
    expect(ada.gate.open()).toEqual([])
    expect(ada.provider.status).toBe('closed')
    expect([ada.provider.synced, ada.provider.saved]).toEqual([false, false])
    const calls = ada.gate.calls.length
    ada.type('b')
    await new Promise((resolve) => setTimeout(resolve, 40))
    expect(ada.gate.calls.length).toBe(calls)
  })
})

describe('destroy', () => {
  test('leaves no request, no listener and no timer', async () => {
    const doc = new Y.Doc()
    const listeners = () => [...doc._observers.values()].reduce((sum, set) => sum + set.size, 0)
    const before = listeners()
    const gate = createGate()
    const provider = new ElectricProvider({
      url: setup.server.url,
      docId: freshDocId(),
      doc,
      fetch: gate.fetch,
    })
    doc.getText('body').insert(0, 'a')
    await provider.whenSaved()
    await eventually(() => provider.status === 'connected')
    await provider.destroy()
    expect(gate.open()).toEqual([])
    expect(listeners()).toBe(before)
    expect(provider._observers.size).toBe(0)

    const calls = gate.calls.length
    doc.getText('body').insert(0, 'b')
    provider.connect()
    await new Promise((resolve) => setTimeout(resolve, 40))
    expect(gate.calls.length).toBe(calls)
    expect(provider.status).toBe('closed')
    await provider.destroy()
  })

  test.each(['state', 'updates', 'segment'] as const)(
    'works while a request of %s waits to be tried again',
    async (route) => {
      const ada = setup.open({ connect: false, retry: { baseMs: 5_000, maxMs: 5_000 } })
      ada.gate.use(route, dropRequest)
      ada.provider.connect()
      ada.type('a')
      await eventually(() => ada.provider.status === 'offline')
      const calls = ada.gate.calls.length
      await ada.provider.destroy()
      expect(ada.gate.open()).toEqual([])
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(ada.gate.calls.length).toBe(calls)
    },
  )

  test('happens when the document is destroyed', async () => {
    const ada = await connected(setup.open())
    ada.doc.destroy()
    expect(ada.provider.status).toBe('closed')
    expect(ada.gate.open()).toEqual([])
  })

  test('rejects pending and later waits', async () => {
    const ada = setup.open({ connect: false })
    ada.type('a')
    const waits = [ada.provider.whenSaved(), ada.provider.whenSynced()]
    const outcomes = Promise.allSettled(waits)
    await ada.provider.destroy()
    for (const outcome of await outcomes) {
      expect(outcome.status).toBe('rejected')
      if (outcome.status === 'rejected') {
        expect(outcome.reason).toBeInstanceOf(ElectricProviderError)
        expect(outcome.reason.code).toBe('destroyed')
      }
    }
    await expect(ada.provider.whenSaved()).rejects.toMatchObject({ code: 'destroyed' })
    await expect(ada.provider.whenSynced()).rejects.toMatchObject({ code: 'destroyed' })
  })

  test('works from a listener at any moment', async () => {
    for (const name of ['status', 'synced', 'saved'] as const) {
      const ada = setup.open({ connect: false })
      ada.type('a')
      const destroyed = new Promise<void>((resolve) => {
        ada.provider.on(name, () => void ada.provider.destroy().then(resolve))
      })
      ada.provider.connect()
      await destroyed
      await eventually(() => ada.gate.open().length === 0)
      const calls = ada.gate.calls.length
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(ada.gate.calls.length).toBe(calls)
    }
  })
})

describe('a listener that throws', () => {
  test('breaks neither the provider nor the other listeners', async () => {
    const complaints = vi.spyOn(console, 'error').mockImplementation(() => {})
    try {
      const ada = setup.open({ connect: false })
      const thrower = () => {
        throw new Error('a bug of the app')
      }
      for (const name of ['status', 'synced', 'sync', 'saved', 'error'] as const) {
        ada.provider.on(name, thrower)
      }
      const told: string[] = []
      ada.provider.on('status', ({ status }) => told.push(status))
      ada.gate.next('state', dropRequest)
      ada.type('a')
      const waits = Promise.all([ada.provider.whenSaved(), ada.provider.whenSynced()])
      ada.provider.connect()
      await waits
      await connected(ada)
      expect(told.at(-1)).toBe('connected')
      await setup.converged(ada)
      expect(complaints).toHaveBeenCalled()
      await ada.close()
    } finally {
      complaints.mockRestore()
    }
  })

  test('on the document does not stop it from being joined', async () => {
    const ada = await connected(setup.open())
    ada.type('one')
    await ada.provider.whenSaved()
    const bob = setup.open({ docId: ada.provider.docId, connect: false })
    let throws = true
    bob.text.observe(() => {
      if (throws) throw new Error('a bug of the app')
    })
    expect(() => bob.type('mine ')).toThrow('a bug of the app')
    bob.provider.connect()
    await connected(bob)
    throws = false
    await setup.converged(ada, bob)
  })

  test('on the document does not stop remote rows from arriving', async () => {
    const ada = await connected(setup.open())
    const bob = await connected(setup.open({ docId: ada.provider.docId }))
    let throws = true
    bob.text.observe(() => {
      if (throws) throw new Error('a bug of the app')
    })
    ada.type('one')
    await eventually(() => bob.text.toString() === 'one')
    ada.type(' two')
    await eventually(() => bob.text.toString() === 'one two')
    throws = false
    bob.type(' three')
    await setup.converged(ada, bob)
  })

  test('on the document does not stop a local edit from being sent', async () => {
    const ada = await connected(setup.open())
    ada.text.observe(() => {
      throw new Error('a bug of the app')
    })
    expect(() => ada.type('one')).toThrow('a bug of the app')
    expect(ada.provider.saved).toBe(false)
    await ada.provider.whenSaved()
    const late = setup.open({ docId: ada.provider.docId })
    await late.provider.whenSynced()
    expect(late.text.toString()).toBe('one')
  })
})

test('facts are true when the events about them are emitted', async () => {
  const ada = setup.open({ connect: false })
  const wrong: string[] = []
  ada.provider.on('status', ({ status }) => {
    if (ada.provider.status !== status) wrong.push(`status ${status}`)
  })
  ada.provider.on('synced', (synced) => {
    if (ada.provider.synced !== synced) wrong.push(`synced ${synced}`)
    // At this point the document is complete.
    if (synced && ada.provider.status === 'closed') wrong.push('synced while closed')
  })
  ada.provider.on('saved', (saved) => {
    if (ada.provider.saved !== saved) wrong.push(`saved ${saved}`)
  })
  ada.provider.connect()
  ada.type('a')
  await ada.provider.whenSaved()
  ada.provider.disconnect()
  expect(wrong).toEqual([])
})

describe('invalid options are refused:', () => {
  const doc = new Y.Doc()
  test.each(['', '.', '..', 'a\u0000b', 'x'.repeat(201), '\ud800'])('docId %j', (docId) => {
    const make = () => new ElectricProvider({ url: setup.server.url, docId, doc })
    expect(make).toThrow(expect.objectContaining({ code: 'invalid_doc_id' }))
  })

  test('a relative url without a page', () => {
    const make = () => new ElectricProvider({ url: '/api', docId: 'a', doc })
    expect(make).toThrow(expect.objectContaining({ code: 'invalid_request' }))
  })
})
