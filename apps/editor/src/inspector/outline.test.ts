import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { childCount, childrenOf, rootsOf, type TreeNode, titleIn } from './outline.ts'
import { writersIn } from './writers.ts'

/** A document read from bytes, as on the page: no root has been requested by its type. */
function reread(write: (doc: Y.Doc) => void): Y.Doc {
  const doc = new Y.Doc()
  write(doc)
  const read = new Y.Doc()
  Y.applyUpdate(read, Y.encodeStateAsUpdate(doc))
  return read
}

/** The tree as text, one line per node. */
function drawn(nodes: readonly TreeNode[], depth = 0): string[] {
  return nodes.flatMap((node) => {
    const { name, kind, detail, size, branch } = node
    const line = [name === '' ? '' : `${name}:`, kind, detail, size === '' ? '' : `(${size})`]
    return [
      '  '.repeat(depth) + line.filter((part) => part !== '').join(' '),
      ...(branch === null ? [] : drawn(childrenOf(branch, 100), depth + 1)),
    ]
  })
}

function paragraph(text: string): Y.XmlElement {
  const element = new Y.XmlElement('paragraph')
  if (text !== '') element.insert(0, [new Y.XmlText(text)])
  return element
}

test('the outline shows a document of the editor', () => {
  const doc = reread((source) => {
    const heading = new Y.XmlElement('heading')
    // The types of yjs allow only text here; editors store numbers.
    heading.setAttribute('level', 2 as unknown as string)
    const words = new Y.XmlText('The lighthouse')
    heading.insert(0, [words])
    const item = new Y.XmlElement('listItem')
    item.insert(0, [paragraph('')])
    source.getXmlFragment('default').insert(0, [heading, paragraph('gone'), item])
    words.format(4, 5, { bold: true, link: { href: '/' } })
    source.getXmlFragment('default').delete(1, 1)
  })
  expect(drawn(rootsOf(doc))).toEqual([
    'default: fragment (2 nodes)',
    '  heading level=2 (1 node)',
    '    text “The lighthouse” · bold, link (14 letters)',
    '  listItem (1 node)',
    '    paragraph (empty)',
  ])
  expect(titleIn(doc)).toBe('The lighthouse')
  const [root] = rootsOf(doc)
  const [first, last] = root?.branch ? childrenOf(root.branch, 9) : []
  expect([root?.preview, first?.preview, last?.preview]).toEqual(['', '“The lighthouse”', ''])
})

test('the outline shows maps, arrays, texts, bytes and subdocuments', () => {
  const doc = reread((source) => {
    const map = source.getMap('settings')
    map.set('title', 'Minutes')
    map.set('old', 1)
    map.delete('old')
    map.set('nested', new Y.Map([['deep', new Y.Text('words')]]))
    source.getArray('list').insert(0, [1, 'two', null, { three: 3 }, new Uint8Array(5)])
    source.getArray('list').push([new Y.Doc({ guid: 'the-other' })])
    source.getText('notes').insert(0, `${'long '.repeat(40)}`)
    source.getText('emptied').insert(0, 'x')
    source.getText('emptied').delete(0, 1)
  })
  expect(drawn(rootsOf(doc))).toEqual([
    'settings: map (2 entries)',
    '  title: string “Minutes”',
    '  nested: map (1 entry)',
    '    deep: text “words” (5 letters)',
    'list: array (6 values)',
    '  number 1',
    '  string “two”',
    '  null',
    '  object {"three":3}',
    '  bytes 5 bytes',
    '  subdocument the-other',
    `notes: text “${`${'long '.repeat(40)}`.slice(0, 79)}…” (200 letters)`,
    'emptied: empty (empty)',
  ])
})

describe('a large document', () => {
  test('is read only as far as it is shown', () => {
    const doc = reread((source) => {
      const items = Array.from({ length: 2_000 }, (_, index) => paragraph(`line ${index}`))
      source.getXmlFragment('default').insert(0, items)
    })
    const branch = rootsOf(doc)[0]?.branch
    if (branch === undefined || branch === null) throw new Error('no root')
    expect(childCount(branch)).toBe(2_000)
    const some = childrenOf(branch, 30)
    expect(some).toHaveLength(30)
    expect(new Set(childrenOf(branch, 9_999).map(({ key }) => key)).size).toBe(2_000)
    // A second read returns the same nodes, so that open nodes stay open.
    expect(
      childrenOf(branch, 31)
        .slice(0, 30)
        .map(({ key }) => key),
    ).toEqual(some.map(({ key }) => key))
  })
})

test('an empty document has no roots and no title', () => {
  expect(rootsOf(new Y.Doc())).toEqual([])
  expect(titleIn(new Y.Doc())).toBe('')
})

test('the writers are listed with how much of their content remains', () => {
  const doc = new Y.Doc()
  for (const [client, text] of [
    [1, 'some'],
    [2, 'much more'],
  ] as const) {
    doc.clientID = client
    doc.getText('t').insert(0, text)
  }
  doc.getText('t').delete(0, 4)
  expect(writersIn(doc)).toEqual([
    { client: 2, ids: 9, living: 5 },
    { client: 1, ids: 4, living: 4 },
  ])
})
