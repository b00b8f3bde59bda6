import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { missingOnServer } from './reconcile.ts'

const docOf = (edit: (doc: Y.Doc) => void, clientId?: number) => {
  const doc = new Y.Doc({ guid: 'made' })
  if (clientId !== undefined) doc.clientID = clientId
  edit(doc)
  return doc
}
const stateOf = (...updates: Uint8Array[]) => ({
  activeSegment: 0,
  snapshot: null,
  rows: updates.map((data, i) => ({ seq: i + 1, segment: 0, data })),
})
const EMPTY = stateOf()

/** The document that the server would hold after it stores the missing part. */
function rebuilt(updates: readonly (Uint8Array | null)[]): Y.Doc {
  const doc = new Y.Doc({ guid: 'made' })
  for (const update of updates) if (update !== null) Y.applyUpdate(doc, update)
  return doc
}

describe('SYNC-2: edits that the document holds and the server lacks are sent', () => {
  test('an empty document misses nothing', () => {
    expect(missingOnServer(new Y.Doc({ guid: 'made' }), EMPTY, [])).toBeNull()
  })

  test('content from before the first connection is sent', () => {
    const doc = docOf((d) => d.getText('t').insert(0, 'seeded'))
    const missing = missingOnServer(doc, EMPTY, [])
    expect(rebuilt([missing]).getText('t').toString()).toBe('seeded')
  })

  test('edits and deletes that the server has are not sent again', () => {
    const doc = docOf((d) => {
      d.getText('t').insert(0, 'hello')
      d.getText('t').delete(1, 2)
    })
    const stored = Y.encodeStateAsUpdate(doc)
    expect(missingOnServer(doc, stateOf(stored), [])).toBeNull()
    const folded = {
      activeSegment: 1,
      snapshot: { seq: 9, throughSegment: 0, data: Y.encodeStateAsUpdateV2(doc) },
      rows: [],
    }
    expect(missingOnServer(doc, folded, [])).toBeNull()
  })

  test('a delete alone is found, which a state vector would not show', () => {
    const doc = docOf((d) => d.getText('t').insert(0, 'hello'))
    const stored = Y.encodeStateAsUpdate(doc)
    doc.getText('t').delete(0, 4)
    const missing = missingOnServer(doc, stateOf(stored), [])
    expect(rebuilt([stored, missing]).getText('t').toString()).toBe('o')
    expect(missing?.byteLength).toBeLessThan(20)
  })

  test('only new deletes are sent, not the whole delete set', () => {
    const doc = docOf((d) => {
      for (let i = 0; i < 500; i++) d.getText('t').insert(0, 'ab')
      for (let i = 0; i < 400; i++) d.getText('t').delete(i, 1)
    })
    const stored = Y.encodeStateAsUpdate(doc)
    doc.getText('t').insert(0, '!')
    const missing = missingOnServer(doc, stateOf(stored), [])
    expect(missing?.byteLength).toBeLessThan(30)
    expect(rebuilt([stored, missing]).getText('t').toString()).toBe(doc.getText('t').toString())
  })

  test('edits that are already being sent are not sent twice', () => {
    const updates: Uint8Array[] = []
    const doc = new Y.Doc({ guid: 'made' })
    doc.on('update', (update: Uint8Array) => updates.push(update))
    doc.getText('t').insert(0, 'a')
    doc.getText('t').insert(1, 'b')
    expect(missingOnServer(doc, stateOf(updates[0] as Uint8Array), updates.slice(1))).toBeNull()
  })

  test('the content of an unreadable row is sent again', () => {
    const doc = docOf((d) => d.getText('t').insert(0, 'kept'))
    const missing = missingOnServer(doc, stateOf(new Uint8Array([255, 1, 2])), [])
    expect(rebuilt([missing]).getText('t').toString()).toBe('kept')
  })

  test('pending edits that wait for others are sent too', () => {
    const updates: Uint8Array[] = []
    const author = new Y.Doc({ guid: 'made' })
    author.on('update', (update: Uint8Array) => updates.push(update))
    author.getText('t').insert(0, 'a')
    author.getText('t').insert(1, 'b')
    const [first, second] = updates as [Uint8Array, Uint8Array]
    const doc = docOf((d) => Y.applyUpdate(d, second))
    const missing = missingOnServer(doc, EMPTY, [])
    expect(rebuilt([first, missing]).getText('t').toString()).toBe('ab')
  })

  test('edits of another page are sent as it wrote them, although the document has deleted them since', () => {
    const page = docOf((d) => {
      d.getText('t').insert(0, 'deleted by hand')
      d.getMap('m').set('key', 'overwritten')
    }, 1)
    const written = Y.encodeStateAsUpdate(page)
    const doc = docOf((d) => d.getMap('m').set('key', 'won'), 2)
    Y.applyUpdate(doc, written)
    doc.getText('t').delete(0, 7)
    const missing = missingOnServer(doc, EMPTY, [], [new Uint8Array([255]), written])
    const sent = Y.decodeUpdate(missing as Uint8Array).structs.filter(({ id }) => id.client === 1)
    expect(sent).toEqual(Y.decodeUpdate(written).structs)
    const there = rebuilt([missing])
    expect(there.getText('t').toString()).toBe(' by hand')
    expect(there.getMap('m').toJSON()).toEqual({ key: 'won' })
  })

  test('a delete that no update names, because every document makes it itself, is not sent', () => {
    const [one, other] = [1, 2].map((clientId) => {
      const doc = new Y.Doc({ guid: 'made' })
      doc.clientID = clientId
      doc.getMap('m').set('key', clientId)
      return doc
    }) as [Y.Doc, Y.Doc]
    const rows = [one, other].map((doc) => Y.encodeStateAsUpdate(doc))
    const doc = rebuilt(rows)
    expect(missingOnServer(doc, stateOf(...rows), [])).toBeNull()
    expect(missingOnServer(doc, stateOf(...rows.slice(0, 1)), rows.slice(1))).toBeNull()
  })
})
