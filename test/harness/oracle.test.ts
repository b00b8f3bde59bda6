import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { expectConverged, rebuild } from './oracle.ts'

/**
 * Edits of two clients with all shared types, nested types, deletions and formatting. Each edit is one
 * stored row.
 */
function writeTogether(): { ada: Y.Doc; bob: Y.Doc; updates: Uint8Array[] } {
  const [ada, bob] = [new Y.Doc(), new Y.Doc()]
  ada.clientID = 1
  bob.clientID = 2
  const updates: Uint8Array[] = []
  ada.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin !== 'remote') updates.push(update)
  })
  bob.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin !== 'remote') updates.push(update)
  })

  ada.getText('body').insert(0, 'Hello world')
  ada.getMap('meta').set('title', 'Draft')
  bob.getText('body').insert(0, 'Bob: ')
  exchange(ada, bob)
  ada.getText('body').delete(2, 4)
  bob.getText('body').format(0, 3, { bold: true })
  bob.getMap('meta').set('title', 'Final')
  const paragraph = new Y.XmlElement('paragraph')
  bob.getXmlFragment('page').insert(0, [paragraph])
  paragraph.insert(0, [new Y.XmlText('one')])
  exchange(ada, bob)
  ada.getArray('list').push([1, { two: [3, null] }, new Uint8Array([1, 2])])
  ada.getXmlFragment('page').insert(1, [new Y.XmlElement('rule')])
  exchange(ada, bob)
  return { ada, bob, updates }
}

function exchange(left: Y.Doc, right: Y.Doc): void {
  Y.applyUpdate(left, Y.encodeStateAsUpdate(right), 'remote')
  Y.applyUpdate(right, Y.encodeStateAsUpdate(left), 'remote')
}

function copyOf(doc: Y.Doc): Y.Doc {
  const copy = new Y.Doc()
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  return copy
}

function itemsOf(doc: Y.Doc, client: number): Y.Item[] {
  const structs = doc.store.clients.get(client) ?? []
  return structs.filter((struct) => struct instanceof Y.Item)
}

function firstItem(doc: Y.Doc, fits: (item: Y.Item) => boolean): Y.Item {
  const found = [...itemsOf(doc, 1), ...itemsOf(doc, 2)].find(fits)
  if (!found) throw new Error('the fixture has no such item')
  return found
}

describe('documents that converged', () => {
  test('pass the check together with the document built from the rows in any order', () => {
    const { ada, bob, updates } = writeTogether()
    for (const seed of [1, 2, 3, 4, 5]) {
      expectConverged([ada, bob, copyOf(ada)], { updates }, { seed })
    }
  })

  test('pass the check if a snapshot row replaces the first rows, and seals are between the others', () => {
    const { ada, bob, updates } = writeTogether()
    const snapshot = Y.encodeStateAsUpdateV2(rebuild({ updates: updates.slice(0, 4) }))
    expectConverged([ada, bob], { snapshot, updates: [...updates.slice(4), new Uint8Array()] })
  })

  test('pass the check if one document has split its structs differently', () => {
    const typed = new Y.Doc()
    const received = new Y.Doc()
    typed.on('update', (update: Uint8Array) => Y.applyUpdate(received, update))
    for (const letter of 'letters')
      typed.getText('body').insert(typed.getText('body').length, letter)
    Y.applyUpdate(received, Y.encodeStateAsUpdate(typed))
    Y.transact(received, (transaction) => {
      Y.getItemCleanStart(transaction, Y.createID(typed.clientID, 3))
      expect(received.store.clients.get(typed.clientID)).toHaveLength(2)
      expectConverged([typed, received])
    })
  })

  test('pass the check if one document keeps deleted content for undo that the other has collected', () => {
    const { ada } = writeTogether()
    const text = ada.getText('body')
    const undo = new Y.UndoManager(text)
    text.delete(0, 4)
    expectConverged([ada, copyOf(ada)])
    undo.destroy()
  })
})

describe('the check fails for', () => {
  const expectRefusal = (docs: Y.Doc[], reason: RegExp) =>
    expect(() => expectConverged(docs)).toThrow(reason)

  test('an empty list of documents', () => expectRefusal([], /no document/))

  test('an edit that one document lacks', () => {
    const { ada, bob } = writeTogether()
    bob.getText('body').insert(3, '!')
    expectRefusal([ada, bob], /content of "body".*here.*there/)
    expectRefusal([ada, bob], /state vector of client 2/)
    expectRefusal([ada, bob], /struct 2:\d+ is missing/)
  })

  test('a difference in a type that only one document has opened', () => {
    const { ada, bob } = writeTogether()
    bob.getMap('settings').set('dark', true)
    expectRefusal([ada, bob], /content of "settings"/)
  })

  test('a deletion that one document lacks', () => {
    const { ada, bob } = writeTogether()
    bob.getXmlFragment('page').delete(1, 1)
    expectRefusal([ada, bob], /delete set from \d+/)
    expectRefusal([ada, bob], /content of "page"/)
  })

  test('a difference only in formatting', () => {
    const { ada, bob } = writeTogether()
    bob.getText('body').format(0, 1, { italic: true })
    expectRefusal([ada, bob], /content of "body"/)
  })

  test('pending structs and deletions', () => {
    const { ada, updates } = writeTogether()
    const gap = new Y.Doc()
    for (const update of updates.slice(1)) Y.applyUpdate(gap, update)
    expectRefusal([ada, gap], /doc 1 holds back structs that wait for 1:0/)

    const deletion = new Y.Doc()
    const last = updates.length
    ada.getText('body').delete(0, 1)
    for (const update of updates.slice(last)) Y.applyUpdate(deletion, update)
    expectRefusal([deletion], /doc 0 holds back deletions/)
  })

  test('different letters under the same clocks', () => {
    const { ada } = writeTogether()
    const forged = copyOf(ada)
    const { content } = firstItem(
      forged,
      (item) => item.content instanceof Y.ContentString && !item.deleted,
    )
    if (content instanceof Y.ContentString) content.str = content.str.toUpperCase()
    expectRefusal([ada, forged], /struct \d:\d+: text "[^"]*" here, text "[A-Z: ]*" there/)
  })

  test('a different origin of the same content', () => {
    const { ada } = writeTogether()
    const forged = copyOf(ada)
    firstItem(forged, (item) => item.origin !== null).origin = Y.createID(9, 9)
    expectRefusal([ada, forged], /struct \d:\d+: in .* after .* here, in .* after 9:9/)
  })

  test('the same letters in the same structs in a different order', () => {
    const original = new Y.Doc()
    original.getText('body').insert(0, 'aa')
    original.getText('body').insert(1, 'a')
    const forged = copyOf(original)
    expectConverged([original, forged])
    const body = forged.getText('body')
    const [first, second] = [body._start, body._start?.right]
    if (!first || !second) throw new Error('the fixture has two items')
    first.right = second.right
    second.right = first
    body._start = second
    expectRefusal([original, forged], /^.*differ: order in "body"/)
  })

  test('a missing row, and an additional one', () => {
    const { ada, bob, updates } = writeTogether()
    const last = updates.slice(0, -1)
    expect(() => expectConverged([ada, bob], { updates: last })).toThrow(
      /the stored rows \(there\)/,
    )
    expect(() => expectConverged([ada, bob], { updates: updates.slice(1) })).toThrow(
      /the stored rows shuffled by seed 1 holds back/,
    )
    const stranger = new Y.Doc()
    stranger.getText('body').insert(0, 'x')
    const more = [...updates, Y.encodeStateAsUpdate(stranger)]
    expect(() => expectConverged([ada, bob], { updates: more })).toThrow(/state vector/)
  })
})
