import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { restoreDeleted } from './wrong-deletes.ts'

function docOf(...updates: Uint8Array[]): Y.Doc {
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, update)
  return doc
}

test('what was deleted by mistake is put back in its place, with the content of a deleted type', () => {
  const ada = new Y.Doc()
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

  let next = 1
  Y.applyUpdate(there, restoreDeleted(there, before, () => next++) ?? new Uint8Array())
  expect(there.getText('text').toString()).toBe('from ada, at length')
  expect(there.getMap('map').toJSON()).toEqual({ key: 'value' })
  expect(there.getXmlFragment('xml').toString()).toBe('<p>in it</p>')
  expect(there.store.pendingStructs).toBeNull()
})

test('nothing is put back where nothing was deleted', () => {
  const doc = new Y.Doc()
  doc.getText('text').insert(0, 'text')
  expect(restoreDeleted(doc, docOf(Y.encodeStateAsUpdate(doc)), () => 1)).toBeNull()
})
