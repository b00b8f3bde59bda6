// Content that the provider did not create itself: it was seeded before, or is from another page of this
// device.
import { describe, expect, test } from 'vitest'
import { memory } from 'y-electric'
import * as Y from 'yjs'
import type { TestClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, readStored } from '../e2e/server.ts'
import { expectConverged, rebuild } from '../harness/oracle.ts'
import { useProviderSetup } from '../provider/setup.ts'
import { createDevice } from './device.ts'

const setup = useProviderSetup()

const stored = (client: TestClient) => eventually(() => client.provider.stored)
const connected = (client: TestClient) => eventually(() => client.provider.status === 'connected')
async function textOnServer(docId: string): Promise<string> {
  const doc = rebuild(await readStored(setup.server.pool, docId))
  return doc.getText('body').toString()
}

describe('content from before the provider', () => {
  test('is kept while offline, sent after a reload, and not saved before', async () => {
    const docId = freshDocId()
    const device = createDevice()
    const page = device.page()
    const doc = new Y.Doc()
    doc.getText('body').insert(0, 'seeded')
    const ada = setup.open({ docId, doc, persistence: page.persistence, connect: false })
    await stored(ada)
    expect(ada.provider.saved).toBe(false)
    await page.crash()
    const again = setup.open({ docId, persistence: device.page().persistence, connect: false })
    await eventually(() => again.text.toString() === 'seeded')
    expect(again.provider.saved).toBe(false)
    again.provider.connect()
    await again.provider.whenSaved()
    expect(await textOnServer(docId)).toBe('seeded')
  })

  test('is sent even if this device has an earlier resume point', async () => {
    const docId = freshDocId()
    const device = createDevice()
    const first = device.page()
    const ada = setup.open({ docId, persistence: first.persistence })
    await connected(ada)
    ada.type('earlier ')
    await ada.provider.whenSaved()
    await stored(ada)
    await first.crash()

    const doc = new Y.Doc()
    doc.getText('other').insert(0, 'seeded')
    const second = device.page()
    const bob = setup.open({ docId, doc, persistence: second.persistence, connect: false })
    await eventually(() => bob.text.toString() === 'earlier ')
    await stored(bob)
    await second.crash()

    const again = setup.open({ docId, persistence: device.page().persistence })
    await eventually(() => again.provider.synced && again.provider.saved)
    const there = rebuild(await readStored(setup.server.pool, docId))
    expect(there.getText('other').toString()).toBe('seeded')
    expectConverged([again.doc], await readStored(setup.server.pool, docId))
  })
})

describe('two pages on one device', () => {
  test('do not send the edits that the other page still gathers', async () => {
    const docId = freshDocId()
    const persistence = memory()
    const ada = setup.open({ docId, persistence, connect: false })
    ada.type('a')
    await stored(ada)
    const bob = setup.open({ docId, persistence })
    await connected(bob)
    await bob.provider.whenSaved()
    ada.type('b')
    ada.provider.connect()
    await ada.provider.whenSaved()
    expect(await textOnServer(docId)).toBe('ab')
    await setup.converged(ada, bob)
  })

  test("may delete each other's edits before they are sent: neither page reports a conflict", async () => {
    const docId = freshDocId()
    const persistence = memory()
    const ada = setup.open({ docId, persistence, connect: false })
    ada.type('written by one page')
    ada.doc.getMap('map').set('key', 'of the first page')
    await stored(ada)
    const bob = setup.open({ docId, persistence, connect: false })
    bob.doc.getMap('map').set('key', 'of the second page')
    await eventually(() => bob.text.length > 0)
    bob.text.delete(0, 'written '.length)
    bob.provider.connect()
    await bob.provider.whenSaved()
    ada.provider.connect()
    await Promise.all([connected(ada), connected(bob)])
    await setup.converged(ada, bob)
    expect(ada.text.toString()).toBe('by one page')
    expect([...ada.errors, ...bob.errors]).toEqual([])
  })
})
