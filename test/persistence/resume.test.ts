// The cost of a start: a reload without news, a document seeded from elsewhere, and a second store of the
// document beside the provider, for example y-indexeddb.
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { type ClientOptions, openClient, type TestClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import {
  DOCUMENT_BACKENDS,
  freshDocId,
  readStored,
  readUpdateRows,
  serveApp,
  type TestServer,
  useBackend,
} from '../e2e/server.ts'
import { expectConverged } from '../harness/oracle.ts'
import { createDevice } from './device.ts'
import { createMeter } from './meter.ts'

describe.each(DOCUMENT_BACKENDS)('on %s', (name) => {
  const backend = useBackend(name)
  let server: TestServer
  let clients: TestClient[] = []

  beforeAll(async () => {
    server = await serveApp({ backend: backend.current })
    return () => server.close()
  })
  afterEach(async () => {
    for (const client of clients) await client.close()
    clients = []
  })

  const open = (docId: string, options: Partial<ClientOptions> = {}) => {
    const client = openClient({ url: server.url, docId, compaction: false, ...options })
    clients.push(client)
    return client
  }
  const connected = (client: TestClient) => eventually(() => client.provider.status === 'connected')
  const settled = async (client: TestClient) => {
    await connected(client)
    await client.provider.whenSaved()
  }

  /** Writes a document with many edits and deletes to the server. */
  async function writeDocument(docId: string): Promise<Y.Doc> {
    const { doc, text, provider } = open(docId)
    for (let i = 0; i < 200; i++) {
      text.insert(text.length, `sentence ${i}. `)
      if (i % 3 === 0) text.delete(Math.floor(text.length / 2), 3)
    }
    await provider.whenSaved()
    return doc
  }

  test('a reload without news costs at most two requests and 2 KB', async () => {
    const docId = freshDocId()
    await writeDocument(docId)
    const device = createDevice()
    const first = device.page()
    const ada = open(docId, { persistence: first.persistence })
    await settled(ada)
    await eventually(() => ada.provider.stored)
    await first.crash()
    await ada.close()

    const meter = createMeter()
    const again = open(docId, { persistence: device.page().persistence, fetch: meter.fetch })
    await eventually(() => again.text.length > 0)
    await settled(again)
    // Any further requests would be sent once the stream is open.
    await eventually(() => meter.requests().some((url) => url.includes('live_sse=true')))
    again.type('!')
    await again.provider.whenSaved()
    const posts = meter.requests().filter((one) => one.startsWith('POST'))
    expect(meter.requests().length - posts.length).toBeLessThanOrEqual(2)
    expect(meter.bytes()).toBeLessThan(2_048)
    expectConverged([again.doc], await readStored(server.pool, docId))
  })

  test('only new edits are sent if the document was loaded from elsewhere before', async () => {
    const docId = freshDocId()
    const whole = Y.encodeStateAsUpdate(await writeDocument(docId))
    const rows = (await readUpdateRows(server.pool, docId)).length
    const doc = new Y.Doc()
    Y.applyUpdate(doc, whole)
    const meter = createMeter()
    await settled(open(docId, { doc, fetch: meter.fetch }))
    expect(meter.sent()).toBe(0)

    const newer = new Y.Doc()
    Y.applyUpdate(newer, whole)
    newer.getText('body').insert(0, 'typed elsewhere')
    newer.getText('body').delete(20, 1)
    meter.reset()
    await settled(open(docId, { doc: newer, fetch: meter.fetch }))
    expect(meter.sent()).toBeGreaterThan(0)
    expect(meter.sent()).toBeLessThan(100)
    expect(await readUpdateRows(server.pool, docId)).toHaveLength(rows + 1)
    expectConverged([newer], await readStored(server.pool, docId))
  })

  describe('a second store that loads the document after the provider was created', () => {
    const foreign = { name: 'another provider' }

    test.each(['at once', 'once connected'])(
      'sends nothing that the server has (%s)',
      async (when) => {
        const docId = freshDocId()
        const whole = Y.encodeStateAsUpdate(await writeDocument(docId))
        const meter = createMeter()
        const ada = open(docId, { fetch: meter.fetch })
        if (when === 'once connected') await settled(ada)
        Y.applyUpdate(ada.doc, whole, foreign)
        await settled(ada)
        expect(meter.sent()).toBe(0)
        expectConverged([ada.doc], await readStored(server.pool, docId))
      },
    )

    test.each(['at once', 'while offline', 'once connected'])(
      'loses nothing that the server lacks (%s)',
      async (when) => {
        const docId = freshDocId()
        const kept = new Y.Doc()
        Y.applyUpdate(kept, Y.encodeStateAsUpdate(await writeDocument(docId)))
        kept.getText('body').insert(0, 'only kept here ')
        const ada = open(docId, { connect: when !== 'while offline' })
        if (when === 'once connected') await settled(ada)
        Y.applyUpdate(ada.doc, Y.encodeStateAsUpdate(kept), foreign)
        expect(ada.provider.saved).toBe(false)
        ada.provider.connect()
        await settled(ada)
        expect(ada.text.toString().startsWith('only kept here ')).toBe(true)
        expectConverged([ada.doc], await readStored(server.pool, docId))
      },
    )

    test('loses nothing if the page crashes before the edits were sent, even with persistence', async () => {
      const docId = freshDocId()
      const device = createDevice()
      const first = device.page()
      const ada = open(docId, { persistence: first.persistence })
      await settled(ada)
      await eventually(() => ada.provider.stored)
      await first.crash()

      const second = device.page()
      const bob = open(docId, { persistence: second.persistence, connect: false })
      const kept = new Y.Doc()
      kept.getText('body').insert(0, 'only kept here')
      Y.applyUpdate(bob.doc, Y.encodeStateAsUpdate(kept), foreign)
      await eventually(() => bob.provider.stored)
      await second.crash()

      const again = open(docId, { persistence: device.page().persistence })
      await eventually(() => again.text.toString() === 'only kept here')
      await settled(again)
      expectConverged([again.doc], await readStored(server.pool, docId))
    })
  })
})
