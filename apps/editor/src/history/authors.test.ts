import { prosemirrorJSONToYXmlFragment } from '@tiptap/y-tiptap'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { schemaWith } from '../editor/content.ts'
import { PALETTE } from '../people/palette.ts'
import { authorsOf, rangesIn } from './authors.ts'

const schema = schemaWith({})
const words = (text: string, type = 'paragraph') => ({ type, content: [{ type: 'text', text }] })

/** A document that client 1 began, with its content as the editor shows it. */
function begun(...blocks: object[]) {
  const doc = new Y.Doc()
  doc.clientID = 1
  const fragment = doc.getXmlFragment('default')
  prosemirrorJSONToYXmlFragment(schema, { type: 'doc', content: blocks }, fragment)
  return { doc, fragment }
}

/** Client 2 edits a document that client 1 began. */
function editedBySecond(first: Y.Doc, edit: (fragment: Y.XmlFragment) => void): void {
  const second = new Y.Doc()
  second.clientID = 2
  Y.applyUpdate(second, Y.encodeStateAsUpdate(first))
  edit(second.getXmlFragment('default'))
  Y.applyUpdate(first, Y.encodeStateAsUpdate(second))
}

const textIn = (fragment: Y.XmlFragment, block: number) =>
  (fragment.get(block) as Y.XmlElement).get(0) as Y.XmlText

test('each part of the text has the client that wrote it, whatever its marks are', () => {
  const { doc, fragment } = begun(words('The lamp is out', 'heading'), words('We wait'))
  editedBySecond(doc, (seen) => {
    textIn(seen, 0).insert(4, 'new ')
    textIn(seen, 0).format(0, 6, { bold: {} })
    textIn(seen, 1).delete(0, 3)
  })
  const shown = schema.nodeFromJSON({
    type: 'doc',
    content: [words('The new lamp is out', 'heading'), words('wait')],
  })
  const parts = rangesIn(fragment, shown).map(({ from, to, client }) => [
    client,
    shown.textBetween(from, to),
  ])
  expect(parts).toEqual([
    [1, 'The '],
    [2, 'new '],
    [1, 'lamp is out'],
    [1, 'wait'],
  ])
})

test('lists, tables and pictures are walked through, and a picture is one part', () => {
  const list = { type: 'bulletList', content: [{ type: 'listItem', content: [words('one')] }] }
  const cell = { type: 'tableCell', content: [words('two')] }
  const table = { type: 'table', content: [{ type: 'tableRow', content: [cell] }] }
  const image = { type: 'image', attrs: { src: '/a.png' } }
  const content = [list, table, image, words('three')]
  const { fragment } = begun(...content)
  const shown = schema.nodeFromJSON({ type: 'doc', content })
  const parts = rangesIn(fragment, shown).map(({ from, to, isNode }) =>
    isNode ? shown.nodeAt(from)?.type.name : shown.textBetween(from, to),
  )
  expect(parts).toEqual(['one', 'two', 'image', 'three'])
})

test('a part that the editor does not show yet has no place', () => {
  const { fragment } = begun(words('one'), words('two', 'heading'))
  const shown = schema.nodeFromJSON({ type: 'doc', content: [words('one'), words('two')] })
  expect(rangesIn(fragment, shown)).toEqual([{ from: 1, to: 4, client: 1, isNode: false }])
})

const range = (client: number, letters: number) => ({
  from: 0,
  to: letters,
  client,
  isNode: false,
})

test('clients with one name are one author, and unknown ones come last', () => {
  const names = new Map([
    [1, 'Ada'],
    [2, 'Ada'],
    [3, 'Bob'],
  ])
  const { legend, of } = authorsOf([range(1, 2), range(2, 2), range(3, 5), range(9, 1)], names)
  expect(legend.map(({ name, share }) => [name, share])).toEqual([
    ['Bob', 0.5],
    ['Ada', 0.4],
    ['Somebody unknown', 0.1],
  ])
  expect(of(1)).toBe(of(2))
  expect(new Set(legend.map(({ color }) => color)).size).toBe(3)
})

test('with more authors than colours, those with the least text share an entry', () => {
  const clients = Array.from({ length: PALETTE.length + 2 }, (_, i) => i)
  const names = new Map(clients.map((client) => [client, `Person ${client}`]))
  const { legend, of } = authorsOf(
    clients.map((client) => range(client, 100 - client)),
    names,
  )
  expect(legend).toHaveLength(PALETTE.length + 1)
  expect(new Set(legend.map(({ color }) => color)).size).toBe(PALETTE.length + 1)
  expect(legend.at(-1)?.name).toBe('2 others')
  expect(of(PALETTE.length)).toBe(of(PALETTE.length + 1))
})
