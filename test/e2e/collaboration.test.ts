// On every backend, the edits of one client reach the other client and Postgres.
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { expectConverged } from '../harness/oracle.ts'
import { type ClientOptions, openClient, type TestClient } from './client.ts'
import { eventually } from './eventually.ts'
import { foldBySql } from './fold.ts'
import {
  BACKENDS,
  freshDocId,
  readStored,
  readUpdateRows,
  roll,
  serveApp,
  type TestServer,
  useBackend,
} from './server.ts'

describe.each(BACKENDS)('on %s', (name) => {
  const backend = useBackend(name)
  const clients: TestClient[] = []
  let server: TestServer

  beforeAll(async () => {
    server = await serveApp({ backend: backend.current })
    return () => server.close()
  })
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()))
  })

  const open = (docId: string, options: Partial<ClientOptions> = {}): TestClient => {
    const client = openClient({ url: server.url, docId, ...options })
    clients.push(client)
    return client
  }
  const converged = async (docId: string, all: readonly TestClient[]) => {
    await Promise.all(all.map(({ provider }) => provider.whenSaved()))
    const stored = await readStored(server.pool, docId)
    await eventually(() =>
      expectConverged(
        all.map(({ doc }) => doc),
        stored,
      ),
    )
  }

  test.each(['sse', 'long-poll'] as const)('two people type at once (%s)', async (live) => {
    const docId = freshDocId()
    const [ada, bob] = [open(docId, { live }), open(docId, { live })]
    await Promise.all([ada.provider.whenSynced(), bob.provider.whenSynced()])
    for (let i = 0; i < 40; i++) {
      ada.type('a')
      bob.text.insert(0, 'b')
      if (i % 4 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await converged(docId, [ada, bob])
    expect(ada.text.length).toBe(80)
    const late = open(docId, { live })
    await late.provider.whenSynced()
    await converged(docId, [ada, bob, late])
    expect(ada.errors).toEqual([])
    expect(bob.errors).toEqual([])
  })

  test.each(['sse', 'long-poll'] as const)(
    'followers continue past seals while another client types (%s)',
    async (live) => {
      const docId = freshDocId()
      const [ada, bob] = [open(docId, { live }), open(docId, { live })]
      ada.type('x')
      await ada.provider.whenSaved()
      await eventually(() => bob.provider.status === 'connected' && bob.text.length === 1)
      await eventually(() => ada.provider.status === 'connected')

      const before = [ada.statuses.length, bob.statuses.length]
      let integrated = 0
      bob.doc.on('update', () => {
        integrated += 1
      })
      for (let round = 1; round <= 5; round++) {
        for (let i = 0; i < 4; i++) {
          ada.type(`${round}`)
          await new Promise((resolve) => setImmediate(resolve))
        }
        expect(await roll(server.pool, docId)).toBe(round)
        ada.type('-')
        await ada.provider.whenSaved()
        await eventually(() => bob.text.length === ada.text.length)
      }
      await converged(docId, [ada, bob])

      expect([ada.statuses.length, bob.statuses.length]).toEqual(before)
      expect(bob.provider.status).toBe('connected')
      const rows = await readUpdateRows(server.pool, docId)
      expect(rows.filter(({ data }) => data.byteLength === 0)).toHaveLength(5)
      // Each row of another client was integrated exactly once.
      expect(integrated).toBeLessThanOrEqual(rows.length - 5)
    },
  )

  test('a document whose segments are sealed and empty can be joined, followed and written', async () => {
    const docId = freshDocId()
    const ada = open(docId)
    ada.type('kept')
    await ada.provider.whenSaved()
    for (let i = 0; i < 3; i++) await roll(server.pool, docId)
    await eventually(() => ada.provider.status === 'connected')
    const bob = open(docId)
    await bob.provider.whenSynced()
    expect(bob.text.toString()).toBe('kept')
    bob.type('!')
    await eventually(() => ada.text.toString() === 'kept!')
    expect((await readUpdateRows(server.pool, docId)).at(-1)?.segment).toBe(3)
    await converged(docId, [ada, bob])
  })

  test('a folded segment sends a follower back to state', async () => {
    const docId = freshDocId()
    const ada = open(docId)
    ada.type('before the fold')
    await ada.provider.whenSaved()
    await roll(server.pool, docId)
    const bob = open(docId)
    await bob.provider.whenSynced()
    bob.provider.disconnect()

    expect(await foldBySql(server.pool, docId)).toBe(true)
    const carol = open(docId)
    await carol.provider.whenSynced()
    expect(carol.text.toString()).toBe('before the fold')
    carol.type(', after it')
    bob.provider.connect()
    await eventually(() => bob.text.toString() === 'before the fold, after it')
    await converged(docId, [ada, bob, carol])
  })

  test('content of every kind arrives as it was written', async () => {
    const docId = freshDocId()
    const [ada, bob] = [open(docId), open(docId)]
    await bob.provider.whenSynced()
    ada.doc.transact(() => {
      ada.text.insert(0, 'bold 👩‍👩‍👧', { bold: true })
      ada.doc.getMap('map').set('key', { nested: [1, null, 'x'], bytes: new Uint8Array([0, 255]) })
      ada.doc.getMap('map').set('key', 'overwritten')
      ada.doc.getArray('array').push([1, new Y.Map([['inner', true]])])
      const element = new Y.XmlElement('p')
      element.setAttribute('class', 'intro')
      ada.doc.getXmlFragment('xml').push([element])
      element.push([new Y.XmlText('in it')])
    })
    ada.text.delete(0, 2)
    ada.text.format(0, 3, { bold: null })
    await converged(docId, [ada, bob])
    expect(bob.doc.getMap('map').toJSON()).toEqual({ key: 'overwritten' })
  })
})
