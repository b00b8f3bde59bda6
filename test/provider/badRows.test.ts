// Stored bad rows: followers, joiners and device stores skip them, and agree (READ-1).
import { describe, expect, test } from 'vitest'
import { isSoundRow } from 'y-electric/protocol'
import * as Y from 'yjs'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, readStored } from '../e2e/server.ts'
import { BAD_ROWS, PROTO_ROW } from '../harness/badRows.ts'
import { expectConverged } from '../harness/oracle.ts'
import { pickBelow, seededRandom } from '../harness/random.ts'
import { createDevice } from '../persistence/device.ts'
import { editAtRandom } from '../simulation/edits.ts'
import { connected, type GatedClient, useProviderSetup } from './setup.ts'

const setup = useProviderSetup()

async function plant(docId: string, bad: Uint8Array): Promise<void> {
  await setup.server.pool.query('SELECT ydoc_append($1, gen_random_uuid(), $2)', [
    docId,
    Buffer.from(bad),
  ])
}

/** The document built from the valid rows. */
async function honestRows(docId: string) {
  const { updates, snapshot } = await readStored(setup.server.pool, docId)
  return { snapshot, updates: updates.filter((row) => row.byteLength === 0 || isSoundRow(row)) }
}

async function converge(...clients: readonly GatedClient[]): Promise<void> {
  await Promise.all(clients.map(({ provider }) => provider.whenSaved()))
  await eventually(async () =>
    expectConverged(
      clients.map(({ doc }) => doc),
      await honestRows(clients[0]?.provider.docId ?? ''),
    ),
  )
}

const badRowsIn = ({ errors }: GatedClient) => errors.filter(({ code }) => code === 'bad_row')

test('bad rows of every kind: followers and joiners skip each with one error, and agree', async () => {
  const docId = freshDocId()
  const ada = await connected(setup.open({ docId }))
  const bob = await connected(setup.open({ docId }))
  for (const [i, [, make]] of BAD_ROWS.entries()) {
    // Half of the bad rows use the client id of a normal writer, who continues to write.
    await plant(docId, make(i % 2 === 0 ? ada.doc.clientID : 77))
    ada.type(`${i} `)
    if (i % 5 === 0) bob.doc.getMap('map').set('key', i)
    await ada.provider.whenSaved()
  }
  const eve = await connected(setup.open({ docId }))
  await converge(ada, bob, eve)
  for (const client of [ada, bob, eve]) {
    expect(badRowsIn(client)).toHaveLength(BAD_ROWS.length)
    expect(client.provider.synced).toBe(true)
    expect(() => Y.encodeStateAsUpdateV2(client.doc)).not.toThrow()
  }
  // All clients still receive each other's edits.
  eve.type('the end')
  await converge(ada, bob, eve)
})

test('a bad row that a fold carries over is not reported again', async () => {
  const docId = freshDocId()
  const ada = await connected(setup.open({ docId }))
  await plant(docId, PROTO_ROW)
  await plant(docId, PROTO_ROW)
  ada.type('after')
  await ada.provider.whenSaved()
  const bob = await connected(setup.open({ docId }))
  await converge(ada, bob)
  await eventually(() => badRowsIn(ada).length > 0)
  expect([badRowsIn(ada).length, badRowsIn(bob).length]).toEqual([1, 1])
  expect(badRowsIn(bob)[0]?.message).toMatch(/^row \d+: update: .*a value has the key "__proto__"/)
})

test('a device that received a bad row continues at its resume point', async () => {
  const docId = freshDocId()
  const device = createDevice()
  const first = device.page()
  const ada = await connected(setup.open({ docId, persistence: first.persistence }))
  ada.type('before ')
  await plant(docId, PROTO_ROW)
  ada.type('after')
  await ada.provider.whenSaved()
  await eventually(() => badRowsIn(ada).length === 1 && ada.provider.stored)
  await first.crash()
  const again = await connected(setup.open({ docId, persistence: device.page().persistence }))
  expect(again.text.toString()).toBe('before after')
  expect(again.gate.count('state')).toBe(0)
  again.type('!')
  await converge(again)
  expect(again.errors).toEqual([])
})

test('a device that stored a bad row in an earlier version reads the document from the server', async () => {
  const docId = freshDocId()
  const device = createDevice()
  const { persistence } = device.page()
  const keys: string[] = []
  const open: typeof persistence.open = (key, onLost) => {
    keys.push(key)
    return persistence.open(key, onLost)
  }
  const ada = await connected(setup.open({ docId, persistence: { open } }))
  ada.type('honest')
  await ada.provider.whenSaved()
  await eventually(() => ada.provider.stored)
  await ada.provider.destroy()
  // The earlier version stored the updates that it had applied in this format.
  const store = await device.page().persistence.open(keys[0] ?? '', () => {})
  await store.load()
  await store.commit({ updates: [PROTO_ROW], edits: [], settled: [] })
  await store.close()
  const again = await connected(setup.open({ docId, persistence: device.page().persistence }))
  await eventually(() => again.text.toString() === 'honest')
  await converge(again)
  expect(() => Y.encodeStateAsUpdate(again.doc)).not.toThrow()
})

describe('a snapshot row that cannot be read', () => {
  test('does not end reading: a client that has the content sends it, and joiners show it', async () => {
    const docId = freshDocId()
    const ada = await connected(setup.open({ docId }))
    ada.type('kept by ada')
    await ada.provider.whenSaved()
    const { pool } = setup.server
    await pool.query('SELECT ydoc_roll($1, 0)', [docId])
    await pool.query(
      "INSERT INTO ydoc_snapshot (doc_id, through_segment, data) VALUES ($1, 0, '\\xdead')",
      [docId],
    )
    await pool.query('DELETE FROM ydoc_update WHERE doc_id = $1', [docId])
    ada.provider.disconnect()
    ada.provider.connect()
    await eventually(() => badRowsIn(ada).length > 0 && ada.provider.saved && ada.provider.synced)
    const bob = await connected(setup.open({ docId }))
    await eventually(() => bob.text.toString() === 'kept by ada')
  })
})

test('random edits around random bad rows: live clients, a joiner and the stored rows agree', async () => {
  const random = seededRandom(7)
  const docId = freshDocId()
  const clients = [await connected(setup.open({ docId })), await connected(setup.open({ docId }))]
  for (let step = 0; step < 40; step++) {
    const client = clients[pickBelow(random, clients.length)]
    if (client === undefined) continue
    if (random() < 0.3) {
      const make = BAD_ROWS[pickBelow(random, BAD_ROWS.length)]?.[1] ?? (() => PROTO_ROW)
      await plant(docId, make(client.doc.clientID))
    }
    editAtRandom(client.doc, random)
    if (step === 20) clients.push(await connected(setup.open({ docId })))
  }
  await converge(...clients, await connected(setup.open({ docId })))
})
