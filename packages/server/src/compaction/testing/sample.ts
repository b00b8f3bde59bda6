// One document with every kind of content, small enough to name each of its ids.
import * as Y from 'yjs'
import { asRows, type Rows } from './documents.ts'
import type { Parts, Struct } from './encoder.ts'

export function sample(): { rows: Rows; doc: Y.Doc } {
  const updates: Uint8Array[] = []
  const doc = new Y.Doc({ guid: 'sample' })
  doc.clientID = 1
  doc.on('update', (update: Uint8Array) => updates.push(update))
  const text = doc.getText('text')
  text.insert(0, 'abcdef') // 1:0-5
  text.delete(2, 2) // cd
  text.format(0, 2, { bold: true })
  doc.getMap('map').set('key', 'old')
  doc.getMap('map').set('key', 'new')
  doc.getMap('map').set('other', 1)
  const paragraph = new Y.XmlElement('p')
  const inside = new Y.XmlText('inside')
  paragraph.insert(0, [inside])
  doc.getXmlFragment('xml').insert(0, [paragraph])
  paragraph.setAttribute('level', '1')
  const gone = new Y.XmlElement('div')
  gone.insert(0, [new Y.XmlText('deleted with its parent')])
  doc.getXmlFragment('xml').insert(1, [gone])
  doc.getXmlFragment('xml').delete(1, 1)
  doc.getArray('array').push([1, { deep: [true] }, new Uint8Array([1, 2])])
  doc.getArray('array').push([new Y.Doc({ guid: 'sub' })])
  text.insertEmbed(0, { image: 'a.png' })
  const other = new Y.Doc({ guid: 'sample' })
  other.clientID = 2
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc))
  const before = Y.encodeStateVector(other)
  other.getText('text').insert(3, 'XYZ')
  updates.push(Y.encodeStateAsUpdate(other, before))
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(other))
  return { rows: asRows(updates), doc }
}

const isItem = (struct: Struct): struct is Y.Item => struct instanceof Y.Item

/** @throws when there is no such item */
export function find(parts: Parts, wanted: (item: Y.Item) => boolean): Y.Item {
  const found = parts.structs.filter(isItem).find(wanted)
  if (found === undefined) throw new Error('the sample has no such item')
  return found
}
export const holds = (text: string) => (item: Y.Item) =>
  item.content instanceof Y.ContentString && item.content.str.includes(text)
export const swap = (parts: Parts, from: Struct, ...to: Struct[]) => {
  parts.structs.splice(parts.structs.indexOf(from), 1, ...to)
}
