// The provider reports when edits were made and saved, and destroy() waits until edits are stored.
import { expect, test } from 'vitest'
import { type DeviceStore, memory, type Persistence } from 'y-electric'
import * as Y from 'yjs'
import { eventually } from '../e2e/eventually.ts'
import { dropRequest } from '../e2e/gate.ts'
import { freshDocId } from '../e2e/server.ts'
import { createDevice } from '../persistence/device.ts'
import { connected, type GatedClient, useProviderSetup } from './setup.ts'

const setup = useProviderSetup()

const since = ({ provider }: GatedClient): number => provider.unsavedSince ?? Number.NaN
const now = () => Date.now()

test('a document without edits has neither unsavedSince nor lastSavedAt', async () => {
  const ada = await connected(setup.open())
  expect([ada.provider.unsavedSince, ada.provider.lastSavedAt]).toEqual([null, null])
})

test('unsavedSince is the time of the oldest edit without an ack, and lastSavedAt that of the last ack', async () => {
  const ada = await connected(setup.open())
  const first = ada.gate.hold('updates')
  const made = now()
  ada.type('a')
  expect(since(ada)).toBeGreaterThanOrEqual(made)
  const oldest = since(ada)
  await first.arrived
  await eventually(() => now() > oldest + 5)
  ada.type('b')
  expect(since(ada)).toBe(oldest)
  expect(ada.provider.lastSavedAt).toBeNull()

  const told: unknown[] = []
  ada.provider.on('saved', (saved) => told.push([saved, ada.provider.unsavedSince]))
  const second = ada.gate.hold('updates')
  first.release()
  await second.arrived
  // The first edit is saved. The second was made later, and has its own age.
  await eventually(() => since(ada) > oldest)
  expect(ada.provider.lastSavedAt).toBeGreaterThan(oldest)
  expect(ada.provider.saved).toBe(false)
  second.release()
  await ada.provider.whenSaved()
  expect(ada.provider.unsavedSince).toBeNull()
  expect(ada.provider.lastSavedAt).toBeLessThanOrEqual(now())
  expect(told).toEqual([[true, null]])
})

test('disconnecting keeps the age of the edits', async () => {
  const ada = setup.open({ connect: false })
  ada.type('a')
  const made = since(ada)
  await eventually(() => now() > made + 5)
  ada.gate.next('updates', dropRequest)
  ada.provider.connect()
  ada.provider.disconnect()
  expect(since(ada)).toBe(made)
  ada.provider.connect()
  await ada.provider.whenSaved()
  expect(ada.provider.unsavedSince).toBeNull()
})

test('earlier content of the document counts as unsaved from the moment it is found until state is read', async () => {
  const doc = new Y.Doc()
  doc.getText('body').insert(0, 'seeded')
  const before = now()
  const ada = setup.open({ doc, connect: false })
  expect(since(ada)).toBeGreaterThanOrEqual(before)
  ada.provider.connect()
  await ada.provider.whenSaved()
  expect(ada.provider.unsavedSince).toBeNull()

  const same = setup.open({ doc: new Y.Doc(), docId: ada.provider.docId, connect: false })
  Y.applyUpdate(same.doc, Y.encodeStateAsUpdate(doc), { name: 'y-indexeddb' })
  expect(since(same)).toBeGreaterThanOrEqual(before)
  same.provider.connect()
  await same.provider.whenSaved()
  expect([same.provider.unsavedSince, same.provider.lastSavedAt]).toEqual([null, null])
})

test('saved and unsavedSince never contradict each other', async () => {
  const ada = setup.open({ connect: false })
  const wrong: string[] = []
  const look = (when: string) => {
    const { saved, unsavedSince } = ada.provider
    if (saved !== (unsavedSince === null)) wrong.push(`${when}: ${saved}, ${unsavedSince}`)
  }
  for (const name of ['status', 'synced', 'saved'] as const) ada.provider.on(name, () => look(name))
  look('at the beginning')
  ada.type('a')
  look('typed')
  ada.gate.next('updates', dropRequest)
  ada.provider.connect()
  for (let i = 0; i < 10; i++) {
    ada.type('x')
    look('typing')
    if (i % 3 === 0) ada.provider.disconnect()
    if (i % 3 === 1) ada.provider.connect()
    await Promise.resolve()
  }
  ada.provider.connect()
  await ada.provider.whenSaved()
  look('at the end')
  expect(wrong).toEqual([])
})

test('edits of an earlier page keep the time at which that page made them', async () => {
  const docId = freshDocId()
  const device = createDevice()
  const first = device.page()
  const ada = setup.open({ docId, persistence: first.persistence, connect: false })
  await eventually(() => ada.provider.stored)
  ada.type('made long ago')
  const made = since(ada)
  await eventually(() => ada.provider.stored)
  await first.crash()
  await eventually(() => now() > made + 20)
  const again = setup.open({ docId, persistence: device.page().persistence, connect: false })
  // Before the store has been read, the provider knows of no unsaved edit.
  expect([again.provider.saved, again.provider.unsavedSince]).toEqual([false, null])
  await eventually(() => again.text.length > 0)
  again.type('!')
  expect(since(again)).toBe(made)
  again.provider.connect()
  await again.provider.whenSaved()
  expect(again.provider.unsavedSince).toBeNull()
})

/** A store whose commits wait until they are released. */
function slowStore(inner: Persistence): {
  persistence: Persistence
  waiting(): number
  go(): void
} {
  const waiting: (() => void)[] = []
  let isOpen = false
  const slow = (store: DeviceStore): DeviceStore => ({
    ...store,
    async commit(change) {
      if (!isOpen) await new Promise<void>((resolve) => waiting.push(resolve))
      await store.commit(change)
    },
  })
  return {
    persistence: { open: async (key, onLost) => slow(await inner.open(key, onLost)) },
    waiting: () => waiting.length,
    go() {
      isOpen = true
      for (const each of waiting.splice(0)) each()
    },
  }
}

test('destroy() resolves when the last edit is stored, and a page that opens then finds it', async () => {
  const docId = freshDocId()
  const device = memory()
  const store = slowStore(device)
  const ada = setup.open({ docId, persistence: store.persistence, connect: false })
  await eventually(() => ada.provider.stored)
  ada.type('first')
  await eventually(() => store.waiting() === 1)
  ada.type(', last')
  let isDone = false
  const destroyed = ada.provider.destroy().then(() => {
    isDone = true
  })
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(isDone).toBe(false)
  // A second call has no further effect.
  const again = ada.provider.destroy()
  store.go()
  await Promise.all([destroyed, again])
  const next = setup.open({ docId, persistence: device, connect: false })
  await eventually(() => next.text.length > 0)
  expect(next.text.toString()).toBe('first, last')
})

test('destroy() right after an edit, before the store is open, does not lose the edit', async () => {
  const docId = freshDocId()
  const device = memory()
  const ada = setup.open({ docId, persistence: device, connect: false })
  ada.type('typed too early')
  await ada.provider.destroy()
  const next = setup.open({ docId, persistence: device, connect: false })
  await eventually(() => expect(next.text.toString()).toBe('typed too early'))
})
