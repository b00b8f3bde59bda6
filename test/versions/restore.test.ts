// Restores versions on a real server while clients type.
import { inspectDocument, restoreSnapshot, seedDocument } from '@y-electric/documents'
import { keepSnapshot, listSnapshots } from '@y-electric/server'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { openClient, type TestClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { foldBySql } from '../e2e/fold.ts'
import { createGate } from '../e2e/gate.ts'
import {
  DOCUMENT_BACKENDS,
  freshDocId,
  readStored,
  readUpdateRows,
  roll,
  serveApp,
  useBackend,
} from '../e2e/server.ts'
import { isDeep } from '../harness/deep.ts'
import { expectConverged } from '../harness/oracle.ts'
import { seededRandom } from '../harness/random.ts'
import { editAtRandom } from '../simulation/edits.ts'

const MEGABYTE = 1024 * 1024

/** The visible content of a document of `editAtRandom`. It reads a copy, because reading gives roots their types. */
function contentOf(doc: Y.Doc) {
  const copy = new Y.Doc()
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  return {
    body: copy.getText('body').toDelta() as unknown,
    map: copy.getMap('map').toJSON(),
    array: copy.getArray('array').toJSON(),
  }
}

describe.each(DOCUMENT_BACKENDS)('on %s', (name) => {
  const backend = useBackend(name)
  const open: { close(): unknown }[] = []
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close()
  })
  const closing = <T extends { close(): unknown }>(one: T): T => {
    open.push(one)
    return one
  }
  async function people(count: number, docId = freshDocId('restore')) {
    const server = closing(await serveApp({ backend: backend.current }))
    const gates = Array.from({ length: count }, createGate)
    const clients = gates.map(({ fetch }) =>
      closing(openClient({ url: server.url, docId, fetch, compaction: false })),
    )
    await Promise.all(clients.map(({ provider }) => provider.whenSynced()))
    return { docId, clients, gates }
  }
  const converged = (docId: string, clients: readonly TestClient[]) =>
    eventually(async () => {
      await Promise.all(clients.map(({ provider }) => provider.whenSaved()))
      expectConverged(
        clients.map(({ doc }) => doc),
        await readStored(backend.current.pool, docId),
      )
    })

  test('a restore appears in every client at once, keeps carets in place, and can itself be restored', async () => {
    const { pool } = backend.current
    const { docId, clients } = await people(2)
    const [ada, bob] = clients as [TestClient, TestClient]
    ada.type('Some words to keep.')
    await ada.provider.whenSaved()
    const { seq } = await keepSnapshot(pool, docId, { label: 'good', createdBy: 'ada' })
    await eventually(() => expect(bob.text.toString()).toBe('Some words to keep.'))
    bob.text.delete(5, 6)
    bob.text.insert(0, '> ')
    await bob.provider.whenSaved()
    await eventually(() => expect(ada.text.toString()).toBe('> Some to keep.'))
    const caret = Y.createRelativePositionFromTypeIndex(ada.text, '> Some to'.length)
    // The version still has content that was collected as garbage in the rows.
    await roll(pool, docId)
    await foldBySql(pool, docId)
    const restored = await restoreSnapshot(pool, docId, seq, { createdBy: 'carol' })
    expect(restored).toMatchObject({ docId, seq: expect.any(Number), kept: expect.any(Number) })
    for (const { text } of clients) {
      await eventually(() => expect(text.toString()).toBe('Some words to keep.'))
    }
    const at = Y.createAbsolutePositionFromRelativePosition(caret, ada.doc)?.index
    expect(at).toBe('Some words to'.length)
    await converged(docId, clients)
    const [before] = await listSnapshots(pool, docId)
    expect(before).toMatchObject({
      seq: restored.kept,
      kind: 'kept',
      createdBy: 'carol',
      label: 'before restoring good',
    })

    await restoreSnapshot(pool, docId, restored.kept ?? 0)
    for (const { text } of clients) {
      await eventually(() => expect(text.toString()).toBe('> Some to keep.'))
    }
    await converged(docId, clients)
  })

  test('a restore without changes writes nothing', async () => {
    const { pool } = backend.current
    const docId = freshDocId('restore')
    await seedDocument(pool, docId, (doc) => doc.getText('body').insert(0, 'as it is'))
    const { seq } = await keepSnapshot(pool, docId, { label: 'now' })
    expect(await restoreSnapshot(pool, docId, seq)).toEqual({ docId, seq: null, kept: null })
    expect(await readUpdateRows(pool, docId)).toHaveLength(1)
    expect(await listSnapshots(pool, docId)).toHaveLength(1)
    await expect(restoreSnapshot(pool, docId, 10 ** 9)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('concurrent edits are kept during a restore, and all clients converge', {
    timeout: 600_000,
  }, async () => {
    const { pool } = backend.current
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const random = seededRandom(seed)
        const { docId, clients, gates } = await people(3)
        for (let i = 0; i < 12; i++) {
          for (const { doc } of clients) editAtRandom(doc, random)
        }
        await Promise.all(clients.map(({ provider }) => provider.whenSaved()))
        const { seq } = await keepSnapshot(pool, docId, { label: 'version' })
        for (let i = 0; i < 12; i++) {
          for (const { doc } of clients) editAtRandom(doc, random)
        }
        await Promise.all(clients.map(({ provider }) => provider.whenSaved()))

        // These edits are typed before the restore, and sent after it.
        const held = gates.map((gate) => gate.hold('updates'))
        for (const [index, { text }] of clients.entries()) {
          text.insert(Math.floor(random() * (text.length + 1)), `${'①②③'[index]}`)
        }
        await Promise.all(held.map(({ arrived }) => arrived))
        await restoreSnapshot(pool, docId, seq)
        for (const { release } of held) release()
        await converged(docId, clients)
        for (const { text } of clients) {
          for (const sign of '①②③') expect(text.toString()).toContain(sign)
        }

        // A restore without concurrent edits is exact.
        await restoreSnapshot(pool, docId, seq)
        const version = await inspectDocument(pool, docId, { format: 'update', at: seq })
        const then = new Y.Doc()
        Y.applyUpdate(then, version.body as Uint8Array)
        for (const { doc } of clients) {
          await eventually(() => expect(contentOf(doc)).toEqual(contentOf(then)))
        }
        await converged(docId, clients)
        for (const one of open.splice(0).reverse()) await one.close()
      }),
      { numRuns: isDeep ? 40 : 2, endOnFailure: true },
    )
  })

  test('a restore of five megabytes is stored in rows of the usual size', {
    skip: !isDeep,
  }, async () => {
    const { pool } = backend.current
    const docId = freshDocId('large')
    const content = 'All work and no play. '.repeat((5 * MEGABYTE) / 22)
    await seedDocument(pool, docId, (doc) => doc.getText('body').insert(0, content))
    const { seq } = await keepSnapshot(pool, docId, { label: 'long' })
    const { clients } = await people(1, docId)
    const [ada] = clients as [TestClient]
    ada.text.delete(0, ada.text.length)
    ada.type('Nothing left')
    await ada.provider.whenSaved()
    await restoreSnapshot(pool, docId, seq)
    for (const { data } of await readUpdateRows(pool, docId)) {
      expect(data.byteLength).toBeLessThanOrEqual(MEGABYTE)
    }
    await eventually(() => expect(ada.text.length).toBe(content.length))
    expect(ada.text.toString() === content).toBe(true)
    await converged(docId, clients)
  })
})
