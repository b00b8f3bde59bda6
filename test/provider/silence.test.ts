// A stream stays open and delivers nothing while the server has newer rows. On every backend the reader
// detects this, reports it in its status, and reads the rows in another way.
import { openDocument } from '@y-electric/documents'
import { describe, expect, test } from 'vitest'
import { type ClientOptions, openClient, type TestClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { createGate } from '../e2e/gate.ts'
import { mutableShapes, withoutComments } from '../e2e/mute.ts'
import {
  DOCUMENT_BACKENDS,
  freshDocId,
  readStored,
  roll,
  serveApp,
  type TestBackend,
  useBackend,
} from '../e2e/server.ts'
import { expectConverged } from '../harness/oracle.ts'

/** Milliseconds in which an edit must arrive although the stream is silent. */
const NOTICED_MS = 15_000

/** Starts a server whose streams can be muted, and makes a document. `close` ends both. */
async function openStage({ pool, shapes }: TestBackend) {
  const line = mutableShapes(shapes)
  const server = await serveApp({ backend: { pool, shapes: line.shapes } })
  const docId = freshDocId('silence')
  const clients: TestClient[] = []

  /** Writes an edit through the server, outside all streams. */
  async function append(text: string): Promise<void> {
    const document = await openDocument(pool, docId)
    await document.transact((doc) => doc.getText('body').insert(0, text))
    document.close()
  }

  function open(options: Partial<ClientOptions> = {}): TestClient {
    const client = openClient({ url: server.url, docId, compaction: false, ...options })
    clients.push(client)
    return client
  }

  return {
    pool,
    docId,
    append,
    open,
    /** Opens a reader whose stream works, and mutes the stream. */
    async deaf(options: Partial<ClientOptions> = {}): Promise<TestClient> {
      const ada = open(options)
      await eventually(() => ada.provider.status === 'connected')
      await append('a')
      await eventually(() => ada.text.length === 1)
      line.mute()
      await eventually(() => line.silent() > 0)
      return ada
    },
    async expectHealed(ada: TestClient, text: string): Promise<void> {
      const before = ada.statuses.length
      await eventually(() => expect(ada.text.toString()).toBe(text), NOTICED_MS)
      await eventually(() => ada.provider.status === 'connected')
      expect(ada.statuses.slice(before - 1)).toEqual(['connected', 'connecting', 'connected'])
      expect([ada.provider.synced, ada.provider.saved]).toEqual([true, true])
      expect(ada.errors).toEqual([])
      expectConverged([ada.doc], await readStored(pool, docId))
    },
    async close(): Promise<void> {
      await Promise.all(clients.map((client) => client.close()))
      await server.close()
    },
  }
}

describe.each(DOCUMENT_BACKENDS)('a stream that stops delivering, on %s', (name) => {
  const backend = useBackend(name)
  type Stage = Awaited<ReturnType<typeof openStage>>

  /** In parallel, because they spend nearly all of their time waiting. */
  function testSilence(what: string, run: (stage: Stage) => Promise<void>): void {
    test.concurrent(what, async () => {
      const stage = await openStage(backend.current)
      try {
        await run(stage)
      } finally {
        await stage.close()
      }
    })
  }

  testSilence(
    'the reader gets the edits of others, and is not connected until it has them',
    async ({ append, deaf, expectHealed }) => {
      const ada = await deaf()
      await append('b')
      await expectHealed(ada, 'ba')
      // The reader polls now, so the next edit arrives at once.
      await append('c')
      await eventually(() => expect(ada.text.toString()).toBe('cba'), 2_000)
    },
  )

  testSilence(
    'the reader detects a missing seal and continues in the next segment',
    async ({ pool, docId, append, deaf, expectHealed }) => {
      const ada = await deaf()
      await roll(pool, docId)
      await append('b')
      await expectHealed(ada, 'ba')
    },
  )

  testSilence(
    'the reader detects the silence by its own acks if a proxy removes comments',
    async ({ append, deaf, expectHealed }) => {
      const ada = await deaf({ fetch: withoutComments })
      await append('b')
      ada.type('!')
      await ada.provider.whenSaved()
      await expectHealed(ada, 'ba!')
    },
  )

  testSilence(
    'a seal without a next segment does not cause a storm of requests, and the next segment is read once it is there',
    async ({ pool, docId, open }) => {
      const gate = createGate()
      const ada = open({ connect: false, fetch: gate.fetch, retry: { baseMs: 50, maxMs: 400 } })
      await pool.query('INSERT INTO ydoc_document (doc_id) VALUES ($1)', [docId])
      ada.provider.connect()
      await eventually(() => ada.provider.status === 'connected')
      await pool.query(`INSERT INTO ydoc_update (doc_id, segment, data) VALUES ($1, 0, '')`, [
        docId,
      ])
      // The next segment is refused, and state names the sealed one, after whose seal nothing comes.
      await eventually(() => gate.count('state') > 1)
      const before = gate.calls.length
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      // A storm would make thousands.
      expect(gate.calls.length - before).toBeLessThan(150)
      await pool.query('UPDATE ydoc_document SET segment = 1 WHERE doc_id = $1', [docId])
      const bob = open()
      await eventually(() => bob.provider.status === 'connected')
      bob.type('in the next segment')
      // The server announces the newest rows every few seconds.
      await eventually(() => ada.text.toString() === 'in the next segment', 45_000)
    },
  )
})
