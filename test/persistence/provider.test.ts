// A device store through the provider: reloads, crashes, and a missing network.
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import type { TestClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { answer, dropAnswer, dropRequest, type Gate } from '../e2e/gate.ts'
import { freshDocId, readStored, readUpdateRows } from '../e2e/server.ts'
import { rebuild } from '../harness/oracle.ts'
import { useProviderSetup } from '../provider/setup.ts'
import { createDevice } from './device.ts'

const setup = useProviderSetup()

const stored = (client: TestClient) => eventually(() => client.provider.stored)
const connected = (client: TestClient) => eventually(() => client.provider.status === 'connected')
const rows = (docId: string) => readUpdateRows(setup.server.pool, docId)
const ROUTES = ['updates', 'state', 'segment'] as const
const unplug = (gate: Gate) => {
  const heals = ROUTES.map((route) => gate.use(route, dropRequest))
  return () => {
    for (const heal of heals) heal()
  }
}
/** The document on the server, as read by a new client. */
async function textOnServer(docId: string): Promise<string> {
  const doc = rebuild(await readStored(setup.server.pool, docId))
  return doc.getText('body').toString()
}

describe('a reload', () => {
  test('shows the content of a join before the network answers', async () => {
    const docId = freshDocId()
    const bob = setup.open({ docId })
    bob.type('from somebody else')
    await bob.provider.whenSaved()
    const device = createDevice()
    const page = device.page()
    const ada = setup.open({ docId, persistence: page.persistence })
    await connected(ada)
    await stored(ada)
    await page.crash()

    const again = setup.open({ docId, persistence: device.page().persistence, connect: false })
    unplug(again.gate)
    again.provider.connect()
    await eventually(() => again.text.toString() === 'from somebody else')
    expect(again.provider.synced).toBe(false)
  })

  test('shows rows that arrived live, and continues after them', async () => {
    const docId = freshDocId()
    const device = createDevice()
    const page = device.page()
    const ada = setup.open({ docId, persistence: page.persistence })
    const bob = setup.open({ docId })
    await Promise.all([connected(ada), connected(bob)])
    bob.type('one ')
    await eventually(() => ada.text.toString() === 'one ')
    await stored(ada)
    await page.crash()
    bob.type('two ')
    await bob.provider.whenSaved()

    const again = setup.open({ docId, persistence: device.page().persistence })
    await eventually(() => again.text.toString() === 'one two ')
    expect(again.gate.count('state')).toBe(0)
    await setup.converged(again, bob)
  })

  test('keeps content that the document held before the provider, even if the server already had it', async () => {
    const docId = freshDocId()
    const bob = setup.open({ docId })
    bob.type('the same')
    await bob.provider.whenSaved()
    const doc = new Y.Doc()
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(bob.doc))
    const device = createDevice()
    const page = device.page()
    const ada = setup.open({ docId, doc, persistence: page.persistence })
    await connected(ada)
    await stored(ada)
    await page.crash()
    const again = setup.open({ docId, persistence: device.page().persistence })
    await connected(again)
    await setup.converged(again, bob)
  })

  test('sends everything to a server that lost its data meanwhile', async () => {
    const docId = freshDocId()
    const device = createDevice()
    const page = device.page()
    const ada = setup.open({ docId, persistence: page.persistence })
    await connected(ada)
    ada.type('kept here')
    await ada.provider.whenSaved()
    await eventually(() => ada.gate.open().length === 1)
    await stored(ada)
    await page.crash()
    for (const table of ['ydoc_update', 'ydoc_snapshot', 'ydoc_document']) {
      await setup.server.pool.query(`DELETE FROM ${table} WHERE doc_id = $1`, [docId])
    }
    await setup.backend.dropShape(docId, 0)
    const again = setup.open({ docId, persistence: device.page().persistence })
    await eventually(async () => (await textOnServer(docId)) === 'kept here')
    await setup.converged(again)
  })
})

describe('offline edits', () => {
  test('survive a crash and arrive once', async () => {
    const docId = freshDocId()
    const device = createDevice()
    const page = device.page()
    const ada = setup.open({ docId, persistence: page.persistence, connect: false })
    for (const letter of 'offline') {
      ada.type(letter)
      await Promise.resolve()
    }
    await stored(ada)
    expect(ada.provider.saved).toBe(false)
    await page.crash()
    const again = setup.open({ docId, persistence: device.page().persistence })
    await eventually(async () => (await textOnServer(docId)) === 'offline')
    await setup.converged(again)
    expect(await rows(docId)).toHaveLength(1)
  })

  test('are posted again under their batch id if a post had no answer', async () => {
    const docId = freshDocId()
    const device = createDevice()
    const page = device.page()
    const ada = setup.open({ docId, persistence: page.persistence })
    await connected(ada)
    ada.gate.use('updates', dropAnswer)
    ada.type('once')
    await eventually(async () => (await rows(docId)).length === 1)
    await stored(ada)
    await page.crash()
    const again = setup.open({ docId, persistence: device.page().persistence })
    await eventually(() => again.gate.count('updates') === 1)
    await again.provider.whenSaved()
    expect(await rows(docId)).toHaveLength(1)
    await eventually(() => again.provider.stored)
    await again.close()
    const third = setup.open({ docId, persistence: device.page().persistence })
    await connected(third)
    expect(third.gate.count('updates')).toBe(0)
    await setup.converged(third)
  })

  test('survive a crash even if they are larger than one batch', async () => {
    const docId = freshDocId()
    const device = createDevice()
    const page = device.page()
    const ada = setup.open({
      docId,
      persistence: page.persistence,
      connect: false,
      maxUpdateBytes: 500,
    })
    const map = ada.doc.getMap('map')
    for (let i = 0; i < 40; i++) map.set(`key ${i}`, `sentence ${i} of a long story`)
    await stored(ada)
    await page.crash()
    const again = setup.open({
      docId,
      persistence: device.page().persistence,
      maxUpdateBytes: 500,
    })
    await again.provider.whenSaved()
    const all = await rows(docId)
    expect(again.doc.getMap('map').size).toBe(40)
    expect(Math.max(...all.map(({ data }) => data.byteLength))).toBeLessThanOrEqual(500)
    await setup.converged(again)
  })

  test('are kept even if they were made before the device store was read', async () => {
    const docId = freshDocId()
    const device = createDevice()
    const ada = setup.open({ docId, persistence: device.page().persistence, connect: false })
    ada.type('typed at once')
    await ada.provider.destroy()
    const again = await eventually(async () => {
      const persistence = device.page().persistence
      const client = setup.open({ docId, persistence, connect: false })
      await stored(client)
      if (client.text.length > 0) return client
      await client.close()
      return false
    })
    if (again === false) throw new Error('nothing was kept')
    again.provider.connect()
    await again.provider.whenSaved()
    expect(await textOnServer(docId)).toBe('typed at once')
  })

  test('keep their batch id after a reload if the server has refused them', async () => {
    const docId = freshDocId()
    const device = createDevice()
    const page = device.page()
    const ada = setup.open({ docId, persistence: page.persistence })
    await connected(ada)
    ada.gate.use('updates', answer(413, 'update_too_large'))
    ada.type('too much')
    await eventually(() => ada.provider.status === 'refused')
    const [refused] = ada.errors
    await stored(ada)
    await page.crash()
    const again = setup.open({ docId, persistence: device.page().persistence })
    await again.provider.whenSaved()
    const [row] = await rows(docId)
    expect(row?.batchId).toBe(refused?.batchId)
    expect(await textOnServer(docId)).toBe('too much')
  })
})
