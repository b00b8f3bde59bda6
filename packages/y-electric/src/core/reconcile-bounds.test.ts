import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { missingOnServer } from './reconcile.ts'

/** Yjs fails at these rows together. */
const attempts: (number | undefined)[] = []
const failing = (_sources: unknown, _gc: boolean, maxTries?: number): never => {
  attempts.push(maxTries)
  throw new Error('Yjs cannot use the rows together')
}

test('rows that fail together are not searched for while people type, and nothing is sent twice', () => {
  const [one, other] = [1, 2].map((clientId) => {
    const doc = new Y.Doc({ guid: 'made' })
    doc.clientID = clientId
    doc.getMap('m').set('key', clientId)
    return Y.encodeStateAsUpdate(doc)
  }) as [Uint8Array, Uint8Array]
  const doc = new Y.Doc({ guid: 'made' })
  Y.applyUpdate(doc, one)
  Y.applyUpdate(doc, other)
  // The document itself deletes one of the two values, so only a document built from both rows knows it.
  const rows = [one, new Uint8Array([1, 2, 3]), other].map((data, i) => ({
    seq: i + 1,
    segment: 0,
    data,
  }))
  const state = { activeSegment: 0, snapshot: null, rows }
  expect(missingOnServer(doc, state, [], [], failing)).toBeNull()
  expect(attempts).toEqual([0])

  doc.getMap('m').set('key', 'mine')
  const missing = missingOnServer(doc, state, [], [], failing)
  expect(missing).not.toBeNull()
})
