// Connecting reconciles in both directions. A server that lost rows gets them back, and content from
// outside is never sent back.
import { describe, expect, test } from 'vitest'
import type * as Y from 'yjs'
import { eventually } from '../e2e/eventually.ts'
import { dropRequest } from '../e2e/gate.ts'
import { freshDocId, readUpdateRows, roll } from '../e2e/server.ts'
import { connected, useProviderSetup } from './setup.ts'

const setup = useProviderSetup()

describe('a server that lost everything (SYNC-2)', () => {
  const wipe = (docId: string) =>
    setup.server.pool.query(
      `WITH rows AS (DELETE FROM ydoc_update WHERE doc_id = $1 RETURNING doc_id)
       SELECT count(*) FROM rows`,
      [docId],
    )
  const forgetDocument = (docId: string) =>
    setup.server.pool.query('DELETE FROM ydoc_document WHERE doc_id = $1', [docId])

  test('gets it back after disconnect and connect', async () => {
    const ada = await connected(setup.open())
    ada.type('everything')
    ada.text.delete(0, 5)
    await ada.provider.whenSaved()
    ada.provider.disconnect()
    await wipe(ada.provider.docId)
    ada.provider.connect()
    await connected(ada)
    await setup.converged(ada)
    expect(await readUpdateRows(setup.server.pool, ada.provider.docId)).toHaveLength(1)
  })

  test('gets it back even if it has not opened the segment that the client followed', async () => {
    const docId = freshDocId()
    const ada = await connected(setup.open({ docId }))
    ada.type('everything')
    await ada.provider.whenSaved()
    await roll(setup.server.pool, docId)
    await eventually(() => ada.gate.calls.some(({ url }) => url.pathname.endsWith('/segments/1')))
    await connected(ada)
    const away = ada.gate.use('segment', dropRequest)
    ada.gate.cut()
    await eventually(() => ada.provider.status === 'offline')
    await wipe(docId)
    await forgetDocument(docId)
    await setup.backend.dropShape(docId, 0)
    await setup.backend.dropShape(docId, 1)
    away()
    await connected(ada)
    await setup.converged(ada)
    expect(ada.statuses).not.toContain('refused')
  })
})

test('updates from outside have the provider as their origin, and are not sent back', async () => {
  const ada = await connected(setup.open())
  const bob = await connected(setup.open({ docId: ada.provider.docId }))
  const origins: unknown[] = []
  const locals: boolean[] = []
  bob.doc.on('afterTransaction', (transaction: Y.Transaction) => {
    origins.push(transaction.origin)
    locals.push(transaction.local)
  })
  ada.type('hello')
  await eventually(() => bob.text.toString() === 'hello')
  expect(new Set(origins)).toEqual(new Set([bob.provider]))
  expect(new Set(locals)).toEqual(new Set([false]))
  const late = setup.open({ docId: ada.provider.docId, connect: false })
  late.doc.on('afterTransaction', (transaction: Y.Transaction) => {
    origins.push(transaction.origin === late.provider ? bob.provider : transaction.origin)
    locals.push(transaction.local)
  })
  late.provider.connect()
  await connected(late)
  expect(new Set(origins)).toEqual(new Set([bob.provider]))
  expect(new Set(locals)).toEqual(new Set([false]))
  expect(bob.gate.count('updates') + late.gate.count('updates')).toBe(0)
})

test('an edit that a listener makes in response to a remote one is sent', async () => {
  const ada = await connected(setup.open())
  const bob = setup.open({ docId: ada.provider.docId, connect: false })
  const answers = bob.doc.getMap('answers')
  bob.text.observe(() => answers.set('length', bob.text.length))
  bob.provider.connect()
  await connected(bob)
  ada.type('hello')
  await eventually(() => ada.doc.getMap('answers').get('length') === 5)
  await setup.converged(ada, bob)
})
