import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { idRange, noIds } from '../protocol/id-ranges.ts'
import { encodeStructs } from '../protocol/update-encoding.ts'
import { movedWith } from './derived-client.ts'
import { deletesOf, structsOf } from './readable.ts'
import { restoreDeleted, withoutWrongDeletes } from './wrong-deletes.ts'

const TWIN = 4711

function docOf(...updates: Uint8Array[]): Y.Doc {
  const doc = new Y.Doc({ guid: 'made' })
  for (const update of updates) Y.applyUpdate(doc, update)
  return doc
}

test('content that was deleted by mistake is restored in its place, including the content of a deleted type', () => {
  const ada = new Y.Doc({ guid: 'made' })
  const element = new Y.XmlElement('p')
  ada.getText('text').insert(0, 'from ada, at length')
  ada.getMap('map').set('key', 'value')
  ada.getXmlFragment('xml').insert(0, [element])
  element.insert(0, [new Y.XmlText('in it')])
  const before = docOf(Y.encodeStateAsUpdate(ada))
  ada.getText('text').delete(0, 4)
  ada.getText('text').delete(3, 2)
  ada.getMap('map').delete('key')
  ada.getXmlFragment('xml').delete(0, 1)
  const there = docOf(Y.encodeStateAsUpdate(ada))

  Y.applyUpdate(there, restoreDeleted(there, before, []) ?? new Uint8Array())
  expect(there.getText('text').toString()).toBe('from ada, at length')
  expect(there.getMap('map').toJSON()).toEqual({ key: 'value' })
  expect(there.getXmlFragment('xml').toString()).toBe('<p>in it</p>')
  expect(there.store.pendingStructs).toBeNull()
})

test('content is restored only where some was deleted', () => {
  const doc = new Y.Doc({ guid: 'made' })
  doc.getText('text').insert(0, 'text')
  expect(restoreDeleted(doc, docOf(Y.encodeStateAsUpdate(doc)), [])).toBeNull()
})

test('text that two writers restore is there once, even if one of them restores more', () => {
  const ada = new Y.Doc({ guid: 'made' })
  ada.clientID = TWIN
  ada.getText('text').insert(0, 'abcdef')
  const whole = Y.encodeStateAsUpdate(ada)
  const deleting = (clock: number, len: number) => encodeStructs([], idRange(TWIN, clock, len))
  const [bobs, cys] = [deleting(1, 3), deleting(2, 3)]
  const deletes = [bobs, cys].map(deletesOf)
  const restored = (there: Y.Doc, before: Y.Doc) =>
    restoreDeleted(there, before, deletes) ?? new Uint8Array()

  // Both read the same state. Each of them takes only the other's deletes as correct.
  const state = [whole, bobs, cys]
  const byBob = restored(docOf(...state), docOf(whole, deleting(4, 1)))
  const byCy = restored(docOf(...state), docOf(whole, deleting(1, 1)))
  expect(
    docOf(...state, byBob, byCy)
      .getText('text')
      .toString(),
  ).toBe('abcdef')

  // Bob does not know Cy's row yet, so he splits the text differently.
  const early = restoreDeleted(docOf(whole, bobs), docOf(whole), [deletesOf(bobs)])
  const known = [whole, bobs, early ?? new Uint8Array(), cys]
  const late = restored(docOf(...known), docOf(whole))
  expect(
    docOf(...known, late)
      .getText('text')
      .toString(),
  ).toBe('abcdef')
})

describe("another writer's delete", () => {
  const textBy = (client: number, text: string) => {
    const doc = new Y.Doc({ guid: 'made' })
    doc.clientID = client
    doc.getText('text').insert(0, text)
    return Y.encodeStateAsUpdate(doc)
  }
  const [shown, mine, others] = [textBy(TWIN, 'ada'), textBy(TWIN, 'bob'), textBy(TWIN, 'cys')]
  const deleting = encodeStructs([], idRange(TWIN, 0, 2))
  const movedToo = encodeStructs(
    [textBy(9, 'c'), textBy(movedWith(9), 'y')].flatMap(structsOf),
    idRange(TWIN, 0, 2),
  )
  const mineDeletes = { update: deleting, isOwn: true }

  test.each([
    ['is correct where only its sender and this writer had text', [deleting], true],
    ['is in doubt where a third writer had text before', [others, deleting], false],
    ['is correct where a third writer had text only later', [deleting, others], true],
    ['is correct in the row in which its sender moved text', [others, movedToo], true],
  ])('%s', (_, rows, isRight) => {
    const sent = [
      { update: shown, isOwn: false },
      { update: mine, isOwn: true },
      mineDeletes,
      ...rows.map((update) => ({ update, isOwn: false })),
    ]
    const kept = withoutWrongDeletes(sent, noIds(), idRange(TWIN, 0, 3))
    expect(
      docOf(...kept)
        .getText('text')
        .toString()
        .includes('ada'),
    ).toBe(!isRight)
  })

  test('does not affect other text that this writer deleted correctly', () => {
    const rows = [{ update: shown, isOwn: false }, mineDeletes]
    expect(
      docOf(...withoutWrongDeletes(rows, noIds(), noIds()))
        .getText('text')
        .toString(),
    ).toBe('a')
  })
})
