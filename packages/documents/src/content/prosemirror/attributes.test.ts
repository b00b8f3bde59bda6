import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { Losses } from '../losses.ts'
import { readContent } from '../read.ts'
import { restoreContent } from '../restore.ts'
import { listRoots } from '../roots.ts'
import { stored, write } from '../testing/stored.ts'
import type { PmNode } from './nodes.ts'

const doc = (content: PmNode[], more: object = {}) =>
  JSON.stringify({ type: 'doc', ...more, content })
const p = (text: string): PmNode => ({ type: 'paragraph', content: [{ type: 'text', text }] })

describe('attributes of a document', () => {
  const wide = doc([p('hi')], { attrs: { layout: 'wide' }, marks: [{ type: 'own', attrs: {} }] })

  test('are stored beside its content and read from the stored rows', () => {
    const made = readContent('prosemirror', wide)
    const copy = stored((copy) => Y.applyUpdate(copy, Y.encodeStateAsUpdate(made)))
    expect(JSON.parse(write(copy, 'prosemirror'))).toEqual(JSON.parse(wide))
    expect(listRoots(copy)).toEqual([{ name: 'default', type: 'xml' }])
  })

  test('are stored with an empty paragraph if the document has no content', () => {
    const made = readContent('prosemirror', doc([], { attrs: { layout: 'wide' } }))
    const copy = stored((copy) => Y.applyUpdate(copy, Y.encodeStateAsUpdate(made)))
    expect(JSON.parse(write(copy, 'prosemirror'))).toEqual({
      type: 'doc',
      attrs: { layout: 'wide' },
      content: [{ type: 'paragraph' }],
    })
  })

  test('are restored with the document', () => {
    const made = readContent('prosemirror', wide)
    const old = new Y.Doc()
    Y.applyUpdate(old, Y.encodeStateAsUpdate(made))
    const fragment = made.getXmlFragment('default')
    Y.XmlElement.prototype.setAttribute.call(fragment, 'layout', 'narrow')
    expect(write(made, 'prosemirror')).toContain('narrow')
    const update = restoreContent(made, old)
    if (update !== null) Y.applyUpdate(made, update)
    expect(JSON.parse(write(made, 'prosemirror'))).toEqual(JSON.parse(wide))
  })
})

describe('marks of a node other than text', () => {
  test('are stored in the attributes that y-tiptap uses, with a hash for a second mark of the same type', () => {
    const comment = (id: string) => ({ type: 'comment', attrs: { id } })
    const link = { type: 'link', attrs: { href: 'https://e.example' } }
    const image: PmNode = { type: 'image', marks: [link, comment('a'), comment('b')] }
    const made = readContent('prosemirror', doc([image]))
    const element = made.getXmlFragment('default').get(0) as Y.XmlElement
    const names = Object.keys(element.getAttributes())
    expect(names).toEqual([
      '__mark_link',
      expect.stringMatching(/^__mark_comment--[\w+/=]{8}$/),
      expect.stringMatching(/^__mark_comment--[\w+/=]{8}$/),
    ])
    expect(JSON.parse(write(made, 'prosemirror'))).toEqual({ type: 'doc', content: [image] })
  })
})

test('a loss is reported for content that a Yjs document cannot hold', () => {
  const losses = new Losses()
  const odd = { type: 'text', text: 'a\ud83d', attrs: { a: 1 } }
  const node = { type: 'paragraph', id: 'x', attrs: { ychange: { user: 1 } }, content: [odd] }
  readContent('prosemirror', JSON.stringify({ type: 'doc', content: [node] }), {}, losses)
  expect(losses.list().map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'attribute paragraph.id',
    'attribute paragraph.ychange',
    'attribute text.attrs',
    'text half a surrogate pair',
  ])
})
