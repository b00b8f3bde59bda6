import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { rekeyUpdate, renumbered } from './rekey.ts'

const FROM = 7
const TO = 9

/** A document of one client, and its content as an update. */
function written(edit: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc()
  doc.clientID = FROM
  edit(doc)
  return Y.encodeStateAsUpdate(doc)
}
const all = new Map([[FROM, renumbered([{ clock: 0, len: 1_000 }], TO)]])
const clientsOf = (doc: Y.Doc) => [...doc.store.clients.keys()]
const docOf = (...updates: Uint8Array[]) => {
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, update)
  return doc
}

test('any document is the same after its edits get another client id', () => {
  const update = written((doc) => {
    const text = doc.getText('text')
    text.insert(0, 'formatted text', { bold: true })
    text.delete(3, 4)
    text.insertEmbed(2, { image: 'x.png' })
    const map = doc.getMap('map')
    map.set('list', Y.Array.from([1, 'two', { three: null }, new Uint8Array([4])]))
    map.set('key', 'old')
    map.set('key', 'new')
    doc.getMap('docs').set('sub', new Y.Doc({ guid: 'sub' }))
    const element = new Y.XmlElement('p')
    doc.getXmlFragment('xml').insert(0, [element])
    element.setAttribute('class', 'a')
    element.insert(0, [new Y.XmlText('in it')])
  })
  const [before, after] = [docOf(update), docOf(rekeyUpdate(update, all))]
  expect(clientsOf(after)).toEqual([TO])
  for (const doc of [before, after]) {
    doc.getText('text')
    doc.getMap('map')
    doc.getXmlFragment('xml')
  }
  expect(after.getText('text').toDelta()).toEqual(before.getText('text').toDelta())
  expect(after.getMap('map').toJSON()).toEqual(before.getMap('map').toJSON())
  expect(after.getXmlFragment('xml').toString()).toBe(before.getXmlFragment('xml').toString())
  expect(after.getMap<Y.Doc>('docs').get('sub')?.guid).toBe('sub')
  expect(after.store.pendingStructs).toBeNull()
})

describe('a document is the same after only some of its ids get another client id', () => {
  const renaming = new Map([
    [
      FROM,
      renumbered(
        [
          { clock: 2, len: 2 },
          { clock: 6, len: 4 },
        ],
        TO,
      ),
    ],
  ])
  const update = written((doc) => doc.getText('text').insert(0, '0123456789'))

  test('other edits are left out, and references to them stay the same', () => {
    const renamed = rekeyUpdate(update, renaming)
    expect(docOf(renamed).store.pendingStructs).not.toBeNull()
    const doc = docOf(update, renamed)
    expect(Y.getState(doc.store, TO)).toBe(6)
    expect([...doc.getText('text').toString()].sort().join('')).toBe('0122334566778899')
  })

  test('deletes follow renamed ids, and other deletes stay the same', () => {
    const deleting = written((doc) => {
      doc.getText('text').insert(0, '0123456789')
      doc.getText('text').delete(1, 6)
    })
    const doc = docOf(update, rekeyUpdate(deleting, renaming))
    expect([...doc.getText('text').toString()].sort().join('')).toBe('0236778899')
  })

  test('text of another writer among them keeps its position', () => {
    const doc = docOf(update)
    doc.clientID = 11
    doc.getText('text').insert(8, 'x')
    const renamed = rekeyUpdate(Y.encodeStateAsUpdate(doc), renaming)
    expect(docOf(update, renamed).getText('text').toString()).toContain('7x8')
  })
})
