// Many documents of one page through one response (`live: 'shared'`).
import { type Authorize, allowAll } from '@y-electric/server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { type ClientOptions, openClient, type TestClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { createGate, type Gate } from '../e2e/gate.ts'
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

const SECRET = 'the-secret-of-the-operator'

describe.each(DOCUMENT_BACKENDS)('one response for many documents on %s', (name) => {
  const backend = useBackend(name)
  let clients: TestClient[] = []
  let server: TestServer
  let authorize: Authorize
  /** All clients of the page send their requests through this gate. */
  let gate: Gate

  const serve = (port = 0) => {
    const { listen } = backend.current
    return serveApp({
      backend: backend.current,
      authorize: (request) => authorize(request),
      revoke: SECRET,
      port,
      ...(listen !== undefined && { listen }),
    })
  }
  const open = (options: Partial<ClientOptions> = {}): TestClient => {
    const client = openClient({ url: server.url, docId: freshDocId(), ...options })
    clients.push(client)
    return client
  }
  const shared = (options: Partial<ClientOptions> = {}): TestClient =>
    open({ live: 'shared', fetch: gate.fetch, compaction: false, ...options })
  const isJoint = ({ url }: { url: URL }) => url.pathname.endsWith('/live')
  const openJoint = () =>
    gate.calls.filter((call) => isJoint(call) && call.signal?.aborted !== true).length
  const openAlone = () => gate.open().filter((call) => call.url.searchParams.has('live_sse')).length
  const live = (client: TestClient) => eventually(() => client.provider.status === 'connected')

  beforeEach(async () => {
    authorize = allowAll
    gate = createGate()
    server = await serve()
  })
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()))
    clients = []
    await server.close()
  })

  test('twelve documents with presence are followed through one response', async () => {
    const page = Array.from({ length: 12 }, () => {
      const doc = new Y.Doc()
      return shared({ doc, awareness: new Awareness(doc) })
    })
    await Promise.all(page.map(live))
    await eventually(() => openJoint() === 1)
    expect(openAlone()).toBe(0)
    for (const { provider } of page) {
      const doc = new Y.Doc()
      const awareness = new Awareness(doc)
      const other = open({ doc, awareness, docId: provider.docId, compaction: false })
      awareness.setLocalStateField('user', 'ada')
      other.type(`for ${provider.docId}`)
    }
    await eventually(() =>
      page.every(({ text, provider }) => text.toString() === `for ${provider.docId}`),
    )
    await eventually(() =>
      page.every(({ provider }) =>
        [...provider.awareness.getStates().values()].some(({ user }) => user === 'ada'),
      ),
    )
    await eventually(() => expect([openJoint(), openAlone()]).toEqual([1, 0]))
  })

  test('documents that are opened and closed while others type lose and repeat nothing', async () => {
    const reader = shared()
    await live(reader)
    let updates = 0
    reader.doc.on('update', () => {
      updates += 1
    })
    const writer = open({ docId: reader.provider.docId, compaction: false })
    await live(writer)
    for (let round = 0; round < 12; round++) {
      const guest = shared()
      for (let i = 0; i < 5; i++) {
        writer.type(`${round}.${i} `)
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
      await live(guest)
      guest.type('x')
      await guest.provider.whenSaved()
      if (round % 2 === 0) await guest.close()
    }
    await writer.provider.whenSaved()
    const stored = await readStored(server.pool, reader.provider.docId)
    await eventually(() => expectConverged([reader.doc, writer.doc], stored))
    const rows = await readUpdateRows(server.pool, reader.provider.docId)
    expect(updates).toBe(rows.length)
    expect(reader.errors).toEqual([])
    expect(openAlone()).toBe(0)
  })

  test('a response that is cut off is resumed for all documents', async () => {
    const page = [shared(), shared(), shared()]
    await Promise.all(page.map(live))
    await eventually(() => openJoint() === 1)
    const before = gate.calls.length
    gate.cut('reset')
    for (const { provider } of page)
      open({ docId: provider.docId, compaction: false }).type('after')
    await eventually(() => page.every(({ text }) => text.toString() === 'after'))
    await Promise.all(page.map(live))
    const again = gate.calls.slice(before).filter(isJoint)
    await eventually(() => again.filter(({ signal }) => signal?.aborted !== true).length === 1)
  })

  test('all documents reconnect to a server that restarts', async () => {
    const page = [shared(), shared()]
    await Promise.all(page.map(live))
    await server.close()
    await eventually(() => page.every(({ provider }) => provider.status === 'offline'))
    server = await serve(server.port)
    await Promise.all(page.map(live))
    for (const { provider } of page)
      open({ docId: provider.docId, compaction: false }).type('after')
    await eventually(() => page.every(({ text }) => text.toString() === 'after'))
  })

  test('a document whose right is revoked ends, and the others continue', async () => {
    const page = [shared(), shared(), shared()]
    await Promise.all(page.map(live))
    const [gone, ...others] = page as [TestClient, TestClient, TestClient]
    authorize = ({ docId }) => (docId === gone.provider.docId ? 'forbidden' : 'allow')
    await fetch(`${server.url}/revoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${SECRET}` },
      body: JSON.stringify({ docId: gone.provider.docId }),
    })
    await eventually(() => gone.provider.status === 'refused')
    expect(gone.provider.error?.code).toBe('forbidden')
    for (const { provider } of others) open({ docId: provider.docId, compaction: false }).type('on')
    await eventually(() => others.every(({ text }) => text.toString() === 'on'))
    expect(others.map(({ statuses }) => statuses.includes('offline'))).toEqual([false, false])
  })

  test('a document that is refused does not stop the others from being followed', async () => {
    const refused = freshDocId()
    authorize = ({ docId }) => (docId === refused ? 'forbidden' : 'allow')
    const page = [shared(), shared({ docId: refused }), shared()]
    await eventually(() => page[1]?.provider.status === 'refused')
    await Promise.all([page[0], page[2]].map((client) => live(client as TestClient)))
  })

  test('providers with different credentials do not share a response', async () => {
    const ada = [shared({ headers: { 'x-user': 'ada' } }), shared({ headers: { 'x-user': 'ada' } })]
    const bob = shared({ headers: async () => ({ 'x-user': 'bob' }) })
    await Promise.all([...ada, bob].map(live))
    await eventually(() => {
      const users = gate.calls.filter(isJoint).map(({ headers }) => headers.get('x-user'))
      expect(new Set(users)).toEqual(new Set(['ada', 'bob']))
    })
    await eventually(() => openJoint() === 2)
  })

  test('a server that does not join streams gets one request for each stream', async () => {
    gate.use('segment', async (call, pass) =>
      isJoint(call) ? new Response('not found', { status: 404 }) : pass(),
    )
    const page = [shared(), shared()]
    await Promise.all(page.map(live))
    await eventually(() => openAlone() === 2)
    open({ docId: page[0]?.provider.docId ?? '', compaction: false }).type('x')
    await eventually(() => page[0]?.text.toString() === 'x')
    expect(gate.calls.filter(isJoint).length).toBeLessThan(3)
  })
})
