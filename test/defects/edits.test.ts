// Tests this provider for defects of earlier providers, which lost edits or stored them repeatedly. The
// numbers are from the list in the project's issue 5.
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { eventually } from '../e2e/eventually.ts'
import { answer, dropAnswer, dropRequest, hang, sendTwice } from '../e2e/gate.ts'
import { freshDocId, readStored, readUpdateRows } from '../e2e/server.ts'
import { rebuild } from '../harness/oracle.ts'
import { createDevice } from '../persistence/device.ts'
import { createMeter } from '../persistence/meter.ts'
import { type GatedClient, useProviderSetup } from '../provider/setup.ts'

const setup = useProviderSetup()

const connected = async (client: GatedClient) => {
  await eventually(() => client.provider.status === 'connected')
  return client
}
const rowsOf = (docId: string) => readUpdateRows(setup.server.pool, docId)
async function textOnServer(docId: string): Promise<string> {
  const doc = rebuild(await readStored(setup.server.pool, docId))
  return doc.getText('body').toString()
}

test('defect 1: a failed write is retried, and does not count as done', async () => {
  const ada = await connected(setup.open())
  ada.gate.next('updates', answer(503, 'database_unavailable'))
  ada.type('kept')
  await ada.provider.whenSaved()
  const posts = ada.gate.calls.filter(({ route }) => route === 'updates')
  expect(posts.map(({ outcome }) => outcome)).toEqual([503, 201])
  expect(await textOnServer(ada.provider.docId)).toBe('kept')
})

test('defect 2: the next page sends edits that could not be sent, and later edits build on them', async () => {
  const docId = freshDocId()
  const device = createDevice()
  const first = device.page()
  const ada = setup.open({ docId, persistence: first.persistence })
  await connected(ada)
  ada.gate.use('updates', dropRequest)
  ada.type('failed ')
  await eventually(() => ada.provider.status === 'offline')
  ada.provider.disconnect()
  await eventually(() => ada.provider.stored)
  await first.crash()
  const again = setup.open({ docId, persistence: device.page().persistence })
  await eventually(() => again.text.length > 0)
  again.type('and later')
  await again.provider.whenSaved()
  expect(await textOnServer(docId)).toBe('failed and later')
})

describe('defect 3: reading', () => {
  test('does not mark an unsent edit as sent, whatever arrives meanwhile', async () => {
    const docId = freshDocId()
    const ada = await connected(setup.open({ docId }))
    const bob = await connected(setup.open({ docId }))
    const held = ada.gate.hold('updates')
    ada.type('unsent ')
    await held.arrived
    bob.type('news ')
    await eventually(() => ada.text.toString().includes('news'))
    expect(ada.provider.saved).toBe(false)
    ada.provider.disconnect()
    ada.provider.connect()
    await connected(ada)
    expect(ada.provider.saved).toBe(false)
    held.release()
    await setup.converged(ada, bob)
    expect(await textOnServer(docId)).toContain('unsent')
  })

  test('has its own status, separate from writing', async () => {
    const ada = await connected(setup.open())
    ada.gate.use('updates', hang)
    ada.type('a')
    expect([ada.provider.synced, ada.provider.saved]).toEqual([true, false])
  })
})

test('defect 4: a reload loads everything that was stored, resumes and reads nothing twice', async () => {
  const docId = freshDocId()
  const device = createDevice()
  const first = device.page()
  const ada = await connected(setup.open({ docId, persistence: first.persistence }))
  ada.type('kept')
  await ada.provider.whenSaved()
  await eventually(() => ada.provider.stored)
  await first.crash()
  const again = await connected(setup.open({ docId, persistence: device.page().persistence }))
  expect(again.text.toString()).toBe('kept')
  expect(again.gate.count('state')).toBe(0)
  expect(again.gate.calls[0]?.url.searchParams.get('offset')).not.toBe('-1')
})

test('defect 5: rows that are deleted, by a fold or by hand, break no client', async () => {
  const docId = freshDocId()
  const ada = await connected(setup.open({ docId }))
  const bob = await connected(setup.open({ docId }))
  ada.type('one ')
  await eventually(() => bob.text.toString() === 'one ')
  await setup.server.pool.query('DELETE FROM ydoc_update WHERE doc_id = $1', [docId])
  ada.type('two')
  await eventually(() => bob.text.toString() === 'one two')
  expect(bob.errors).toEqual([])
  expect(bob.provider.status).toBe('connected')
})

test('defect 6: a malformed row hides no other row, live and on joining', async () => {
  const docId = freshDocId()
  const ada = await connected(setup.open({ docId }))
  ada.type('before ')
  await ada.provider.whenSaved()
  await setup.server.pool.query(
    `INSERT INTO ydoc_update (doc_id, segment, batch_id, data) VALUES ($1, 0, gen_random_uuid(), '\\xffff')`,
    [docId],
  )
  const bob = await connected(setup.open({ docId }))
  bob.type('after')
  await eventually(() => ada.text.toString() === 'before after')
  expect(bob.text.toString()).toBe('before after')
  for (const { errors } of [ada, bob]) expect(errors.map(({ code }) => code)).toContain('bad_row')
})

test('defect 7: the earlier content of the document is sent, and the next keystroke builds on it', async () => {
  const doc = new Y.Doc()
  doc.getText('body').insert(0, 'seeded ')
  const ada = await connected(setup.open({ doc }))
  ada.type('typed')
  await ada.provider.whenSaved()
  expect(await textOnServer(ada.provider.docId)).toBe('seeded typed')
})

test('defect 8: a write that hangs is aborted with its connection, and is small enough for `keepalive`', async () => {
  const ada = await connected(setup.open())
  ada.gate.use('updates', hang)
  ada.type('a')
  await eventually(() => ada.gate.open().some(({ route }) => route === 'updates'))
  expect(ada.provider.saved).toBe(false)
  ada.provider.disconnect()
  expect(ada.gate.open()).toEqual([])
  // test/provider/deadlines.test.ts shows that it also has a deadline.
})

test('defect 9: an earlier write that fails late does not end the current connection', async () => {
  const ada = await connected(setup.open())
  const held = ada.gate.hold('updates')
  ada.type('a')
  await held.arrived
  ada.provider.disconnect()
  ada.provider.connect()
  held.release()
  await setup.converged(ada)
  await connected(ada)
  expect(ada.statuses).not.toContain('offline')
})

describe('defect 14: content from elsewhere', () => {
  test('is compared with the server, and only the difference is sent', async () => {
    const docId = freshDocId()
    const ada = setup.open({ docId })
    ada.type('a document of some length, written before')
    await ada.provider.whenSaved()
    const meter = createMeter()
    const bob = setup.open({ docId, fetch: meter.fetch })
    Y.applyUpdate(bob.doc, Y.encodeStateAsUpdate(ada.doc), { name: 'y-indexeddb' })
    await setup.converged(ada, bob)
    expect(meter.sent()).toBe(0)
  })

  test('is sent whatever origin the app gives it', async () => {
    const ada = await connected(setup.open())
    for (const origin of ['server', 'remote', null, ada.doc]) {
      ada.doc.transact(() => ada.type('x'), origin)
    }
    await ada.provider.whenSaved()
    expect(await textOnServer(ada.provider.docId)).toBe('xxxx')
  })
})

test('defect 15: a document with deletes sends nothing at its start if it has no news', async () => {
  const docId = freshDocId()
  const ada = setup.open({ docId })
  ada.type('many letters of which some go')
  for (let at = 20; at > 0; at -= 2) ada.text.delete(at, 1)
  await ada.provider.whenSaved()
  const doc = new Y.Doc()
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(ada.doc))
  const meter = createMeter()
  const bob = setup.open({ docId, doc, fetch: meter.fetch })
  await setup.converged(ada, bob)
  expect(meter.sent()).toBe(0)
})

test('defect 16: a lost answer does not create a second row', async () => {
  const ada = await connected(setup.open())
  ada.gate.next('updates', dropAnswer, sendTwice)
  ada.type('once')
  await ada.provider.whenSaved()
  expect(await rowsOf(ada.provider.docId)).toHaveLength(1)
})
