import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { around, type Block, blocksOf, isTouched } from './blocks.ts'
import { changedIdsOf, NOTHING_CHANGED } from './changedIds.ts'

/** A document that keeps deleted content, and the row of its last transaction. */
function recorded() {
  const doc = new Y.Doc({ gc: false })
  let last = new Uint8Array()
  doc.on('update', (row: Uint8Array) => {
    last = new Uint8Array(row)
  })
  return { doc, blocks: () => blocksOf(doc, changedIdsOf(last)).map(drawn) }
}

const SIGNS = { added: '+', removed: '-' }

/** A block in the notation `paragraph: same [+added] [-removed]`. */
function drawn({ kind, depth, pieces, mark, isReformatted }: Block): string {
  const text = pieces.map((piece) =>
    piece.mark === null ? piece.text : `[${SIGNS[piece.mark]}${piece.text}]`,
  )
  const sign = mark === null ? '' : SIGNS[mark]
  return `${'  '.repeat(depth)}${sign}${kind}: ${text.join('')}${isReformatted ? ' ~' : ''}`
}

function paragraph(text: string): Y.XmlElement {
  const node = new Y.XmlElement('paragraph')
  node.insert(0, [new Y.XmlText(text)])
  return node
}

describe('blocksOf', () => {
  test('letters that a row adds and deletes are marked where they are', () => {
    const { doc, blocks } = recorded()
    const text = doc.getText('text')
    text.insert(0, 'low tide')
    expect(blocks()).toEqual(['root: [+low tide]'])
    text.insert(3, ' and high')
    expect(blocks()).toEqual(['root: low[+ and high] tide'])
    text.delete(1, 4)
    expect(blocks()).toEqual(['root: l[-ow a]nd high tide'])
    text.insert(0, 'x')
    expect(blocks()).toEqual(['root: [+x]lnd high tide'])
  })

  test('paragraphs are lines, and a row that adds, deletes or reformats one marks it', () => {
    const { doc, blocks } = recorded()
    const root = doc.getXmlFragment('default')
    root.push([paragraph('One.'), paragraph('Two.')])
    expect(blocks()).toEqual(['+paragraph: [+One.]', '+paragraph: [+Two.]'])
    root.delete(0, 1)
    expect(blocks()).toEqual(['-paragraph: [-One.]', 'paragraph: Two.'])
    const second = root.get(0) as Y.XmlElement
    second.setAttribute('align', 'right')
    expect(blocks()).toEqual(['paragraph: Two. ~'])
    const words = second.get(0) as Y.XmlText
    words.format(0, 3, { bold: true })
    expect(blocks()).toEqual(['paragraph: Two. ~'])
  })

  test('nodes in nodes are indented, and a node without text shows its attributes', () => {
    const { doc, blocks } = recorded()
    const list = new Y.XmlElement('bulletList')
    const item = new Y.XmlElement('listItem')
    const image = new Y.XmlElement('image')
    image.setAttribute('src', 'a.png')
    item.insert(0, [paragraph('One.'), image])
    list.insert(0, [item])
    doc.getXmlFragment('default').push([list, new Y.XmlElement('paragraph')])
    expect(blocks()).toEqual([
      '    +paragraph: [+One.]',
      '    +image: [+src=a.png]',
      '+paragraph: ',
    ])
  })

  test('entries of maps and values of arrays are lines, and a replaced value is shown with the new one', () => {
    const { doc, blocks } = recorded()
    const map = doc.getMap('map')
    map.set('title', 'Draft')
    map.set('title', 'Report')
    expect(blocks()).toEqual(['-entry: title: [-“Draft”]', '+entry: title: [+“Report”]'])
    doc.getArray('list').push([1, 'two'])
    expect(blocks()).toEqual(['entry: title: “Report”', '+value: [+1, “two”]'])
    const nested = new Y.Map()
    map.set('author', nested)
    nested.set('name', 'Ada')
    expect(blocks()).toContain('  +entry: name: [+“Ada”]')
  })

  test('content that a row both adds and deletes is not shown', () => {
    const { doc, blocks } = recorded()
    const text = doc.getText('text')
    doc.transact(() => {
      text.insert(0, 'abc')
      text.delete(1, 1)
    })
    expect(blocks()).toEqual(['root: [+ac]'])
  })
})

test('the blocks around the first change are shown', () => {
  const plain = Array.from({ length: 10 }, (_, index) => index)
  const doc = new Y.Doc()
  doc.getXmlFragment('default').push(plain.map((index) => paragraph(`${index}`)))
  const blocks = blocksOf(doc, NOTHING_CHANGED)
  expect(around(blocks, 20)).toEqual({ shown: blocks, before: 0, after: 0 })
  expect(around(blocks, 4)).toEqual({ shown: blocks.slice(0, 4), before: 0, after: 6 })
  const changed = blocks.map((block, index) =>
    index === 8 ? { ...block, isReformatted: true } : block,
  )
  expect(around(changed, 4)).toEqual({ shown: changed.slice(6, 10), before: 6, after: 0 })
  expect(changed.filter(isTouched)).toHaveLength(1)
})
