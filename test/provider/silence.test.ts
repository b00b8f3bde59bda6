// A stream that stays open and brings nothing, while the server has newer rows: on every back end the
// reader notices, says so, and reads them in another way.
import { openDocument } from '@y-electric/server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ClientOptions, openClient, type TestClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { type MutableShapes, mutableShapes, withoutComments } from '../e2e/mute.ts'
import {
  BACKENDS,
  freshDocId,
  readStored,
  roll,
  serveApp,
  type TestServer,
  useBackend,
} from '../e2e/server.ts'
import { expectConverged } from '../harness/oracle.ts'

/** Within this time an edit is to come, however silent the stream is. Milliseconds. */
const NOTICED_MS = 15_000

describe.each(BACKENDS)('a stream that falls silent, on %s', (name) => {
  const backend = useBackend(name)
  let line: MutableShapes
  let server: TestServer
  let docId: string
  const clients: TestClient[] = []

  beforeEach(async () => {
    const { pool, shapes } = backend.current
    line = mutableShapes(shapes)
    server = await serveApp({ backend: { pool, shapes: line.shapes } })
    docId = freshDocId('silence')
  })
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()))
    await server.close()
  })

  async function join(options: Partial<ClientOptions> = {}): Promise<TestClient> {
    const client = openClient({ url: server.url, docId, compaction: false, ...options })
    clients.push(client)
    await eventually(() => client.provider.status === 'connected')
    return client
  }

  /** Somebody writes through the server, beside all streams. */
  async function append(text: string): Promise<void> {
    const document = await openDocument(backend.current.pool, docId)
    await document.transact((doc) => doc.getText('body').insert(0, text))
    document.close()
  }

  /** A reader whose stream works, and is then muted. */
  async function deaf(options: Partial<ClientOptions> = {}): Promise<TestClient> {
    const ada = await join(options)
    await append('a')
    await eventually(() => ada.text.length === 1)
    line.mute()
    await eventually(() => line.silent() > 0)
    return ada
  }

  async function expectHealed(ada: TestClient, text: string): Promise<void> {
    const before = ada.statuses.length
    await eventually(() => expect(ada.text.toString()).toBe(text), NOTICED_MS)
    await eventually(() => ada.provider.status === 'connected')
    expect(ada.statuses.slice(before - 1)).toEqual(['connected', 'connecting', 'connected'])
    expect([ada.provider.synced, ada.provider.saved]).toEqual([true, true])
    expect(ada.errors).toEqual([])
    expectConverged([ada.doc], await readStored(backend.current.pool, docId))
  }

  test('the reader gets what others write, and is not connected until it has it', async () => {
    const ada = await deaf()
    await append('b')
    await expectHealed(ada, 'ba')
    // It polls now, which brings the next one at once.
    await append('c')
    await eventually(() => expect(ada.text.toString()).toBe('cba'), 2_000)
  })

  test('the reader notices a seal that does not come, and crosses it', async () => {
    const ada = await deaf()
    await roll(backend.current.pool, docId)
    await append('b')
    await expectHealed(ada, 'ba')
  })

  test('where comments do not come through, its own acks tell it', async () => {
    const ada = await deaf({ fetch: withoutComments })
    await append('b')
    ada.type('!')
    await ada.provider.whenSaved()
    await expectHealed(ada, 'ba!')
  })
})
