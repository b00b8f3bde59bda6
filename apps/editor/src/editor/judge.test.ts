import type { Node } from '@tiptap/pm/model'
import { initProseMirrorDoc } from '@tiptap/y-tiptap'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findForeign, forget, type Known } from 'y-electric/tiptap'
import * as Y from 'yjs'
import { isDeep } from '../../../../test/harness/deep.ts'
import { schemaWith } from './content.ts'

const schema = schemaWith({})

type Child = Y.XmlElement | Y.XmlText

function el(name: string, attrs: object | null = null, ...children: Child[]): Y.XmlElement {
  const element = new Y.XmlElement(name)
  for (const [key, value] of Object.entries(attrs ?? {})) element.setAttribute(key, value)
  element.insert(0, children)
  return element
}

function text(insert: string | object, attributes: object = {}): Y.XmlText {
  const made = new Y.XmlText()
  made.applyDelta([{ insert, attributes }])
  return made
}

const p = (words: string, marks: object = {}) => el('paragraph', null, text(words, marks))

function docOf(...children: Child[]): Y.XmlFragment {
  // Yjs needs longer for a random guid than for such a document.
  const fragment = new Y.Doc({ guid: 'judge' }).getXmlFragment('default')
  fragment.insert(0, children)
  return fragment
}

const foreignIn = (...children: Child[]) => findForeign(docOf(...children), schema).foreign

test.each<[string, () => Child[], string[]]>([
  ['an empty document', () => [], []],
  ['a paragraph', () => [p('a', { bold: {} })], []],
  ['a mark as ProseMirror makes it', () => [p('a', { bold: Object.create(null) })], []],
  ['a mark with the value true', () => [p('a', { bold: true })], []],
  ['marks that exclude each other', () => [p('a', { bold: {}, code: {} })], []],
  ['a video', () => [el('video', { src: 'https://a.org/1.mp4' })], []],
  ['a frame', () => [el('iframe', { src: 'https://a.org' })], []],
  ['a mention', () => [el('paragraph', null, el('mention', { id: 'u1' }))], []],
  ['a colour', () => [p('a', { textStyle: { color: 'red' } })], []],
  ['a picture without a caption', () => [el('image', { src: 'a', width: 240 })], []],
  ['a caption', () => [el('image', { src: 'a', caption: 'A lamp' })], []],
  [
    'a caption that is no text',
    () => [el('image', { caption: 5 })],
    ['image with a wrong caption'],
  ],
  ['an unknown block', () => [el('callout', null, p('a'))], ['callout']],
  ['an unknown block deep inside', () => [el('blockquote', null, el('chart'))], ['chart']],
  ['unknown blocks, each named once', () => [el('x', null, el('y')), el('x')], ['x', 'y']],
  ['an unknown mark', () => [p('a', { comment: {} })], ['comment']],
  ['an unknown mark with a hash', () => [p('a', { 'comment--abcdefgh': {} })], ['comment']],
  ['a link twice', () => [p('a', { 'link--abcdefgh': { href: 'https://a.org' } })], ['link']],
  ['a link mark with a text as its value', () => [p('a', { link: 'https://a.org' })], ['link']],
  ['a mark named like a method', () => [p('a', { constructor: {} })], ['constructor']],
  ['an element named like a method', () => [el('constructor')], ['constructor']],
  ['an element called text', () => [el('paragraph', null, el('text'))], ['text']],
  ['an object in a text', () => [el('paragraph', null, text({ a: 1 }))], ['an object in a text']],
  ['text by itself', () => [text('a')], ['text outside of a block']],
  ['a hook', () => [new Y.XmlHook('a') as unknown as Child], ['text outside of a block']],
  ['a block in a text', () => [el('paragraph', null, p('a'))], ['paragraph in paragraph']],
  ['an item by itself', () => [el('listItem', null, p('a'))], ['listItem in doc']],
  ['two adjacent texts', () => [el('paragraph', null, text('a'), text('b'))], []],
  [
    'three adjacent texts',
    () => [el('paragraph', null, text('a'), text('b'), text('c'))],
    ['a text in pieces'],
  ],
  ['an empty list', () => [el('bulletList')], ['incomplete bulletList']],
  ['a mark in code', () => [el('codeBlock', null, text('a', { bold: {} }))], ['bold in codeBlock']],
])('finds the foreign parts of %s', (_name, children, foreign) => {
  expect(foreignIn(...children())).toEqual(foreign)
})

test('only elements without content may be tidied up', () => {
  const tidied = (child: Child) => findForeign(docOf(child), schema, { mayTidy: true }).foreign
  expect(tidied(el('bulletList'))).toEqual([])
  expect(tidied(el('bulletList', null, el('listItem')))).toEqual([])
  expect(tidied(el('paragraph', null, el('paragraph')))).toEqual([])
  expect(tidied(el('paragraph', null, p('a')))).toEqual(['paragraph in paragraph'])
  expect(tidied(el('paragraph', null, el('image', { src: 'a' })))).toEqual(['image in paragraph'])
  expect(tidied(el('chart'))).toEqual(['chart'])
})

test('unknown attributes are listed by the type that has them', () => {
  const fragment = docOf(
    el('heading', { level: 2, id: 'a' }, text('a', { link: { href: 'x', by: 'Ada' } })),
    el('heading', { id: 'b', at: 1 }),
  )
  const { foreign, extra } = findForeign(fragment, schema)
  expect({ foreign, extra }).toEqual({
    foreign: [],
    extra: { heading: ['id', 'at'], link: ['by'] },
  })
  expect(findForeign(fragment, schemaWith(extra)).extra).toEqual({})
  const node = initProseMirrorDoc(fragment, schemaWith(extra)).doc
  expect(node.firstChild?.attrs).toMatchObject({ level: 2, id: 'a', at: null })
})

test('blocks nested too deeply are foreign', () => {
  const fragment = docOf()
  let here: Y.XmlFragment = fragment
  for (let depth = 0; depth < 2_000; depth++) {
    const inner = el('blockquote')
    here.insert(0, [inner])
    here = inner
  }
  expect(findForeign(fragment, schema).foreign).toEqual(['blocks more than 200 deep'])
})

const names = ['paragraph', 'bulletList', 'listItem', 'codeBlock', 'table', 'tableRow', 'tableCell']
const anyName = fc.constantFrom(...names, 'hardBreak', 'image', 'text', 'doc', 'callout')
const anyMarks = fc.dictionary(
  fc.constantFrom('bold', 'link', 'code', 'comment', 'bold--abcdefgh'),
  fc.constantFrom({}, { href: 'https://a.org' }),
  { maxKeys: 2 },
)

/** Plain shapes, because a Yjs type can be inserted only once. */
type Shape =
  | { readonly words: string; readonly marks: Record<string, object> }
  | { readonly name: string; readonly children: readonly Shape[] }

const { shape } = fc.letrec<{ shape: Shape; element: Shape }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.record({ words: fc.constantFrom('', 'a', 'Words.'), marks: anyMarks }),
    tie('element'),
  ),
  element: fc.record({ name: anyName, children: fc.array(tie('shape'), { maxLength: 3 }) }),
}))
const valid = fc.constantFrom<Shape>(
  { name: 'paragraph', children: [{ words: 'Words.', marks: { bold: {} } }] },
  {
    name: 'bulletList',
    children: [{ name: 'listItem', children: [{ name: 'paragraph', children: [] }] }],
  },
)
const shapes = fc.array(
  fc.oneof(
    valid,
    shape.filter((each) => 'name' in each),
  ),
  { maxLength: 3 },
)

function made(each: Shape): Child {
  if ('name' in each) return el(each.name, null, ...each.children.map(made))
  return each.words === '' ? new Y.XmlText() : text(each.words, each.marks)
}

/** The same document on another client: y-tiptap joins adjacent texts that were created locally. */
function elsewhere({ doc }: Y.XmlFragment): Y.XmlFragment {
  const other = new Y.Doc()
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc as Y.Doc))
  return other.getXmlFragment('default')
}

const snapshotOf = ({ doc }: Y.XmlFragment): Y.Snapshot => Y.snapshot(doc as Y.Doc)

test('y-tiptap deletes nothing from a document without foreign parts', () => {
  fc.assert(
    fc.property(shapes, (all) => {
      const fragment = elsewhere(docOf(...all.map(made)))
      const before = snapshotOf(fragment)
      const { foreign } = findForeign(fragment, schema)
      expect(Y.equalSnapshots(snapshotOf(fragment), before)).toBe(true)
      const node = readAsEditor(fragment)
      const isKept = Y.equalSnapshots(snapshotOf(fragment), before)
      if (!isKept || node === null) expect(foreign).not.toEqual([])
      if (foreign.length === 0 && fragment.length > 0) {
        expect(node?.type.validContent(node.content)).toBe(true)
      }
    }),
    { numRuns: isDeep ? 20_000 : 400 },
  )
})

/** Null if it throws. */
function readAsEditor(fragment: Y.XmlFragment): Node | null {
  try {
    return initProseMirrorDoc(fragment, schema).doc
  } catch {
    return null
  }
}

const wordsOf = (fragment: Y.XmlFragment): string =>
  fragment
    .toArray()
    .map(String)
    .join('')
    .replace(/<[^>]*>/g, '')

test('with mayTidy, y-tiptap deletes no word from a document without foreign parts', () => {
  fc.assert(
    fc.property(shapes, fc.boolean(), (all, isOwn) => {
      const own = docOf(...all.map(made))
      const fragment = isOwn ? own : elsewhere(own)
      const { foreign } = findForeign(fragment, schema, { mayTidy: true })
      if (foreign.length > 0) return
      const words = wordsOf(fragment)
      readAsEditor(fragment)
      expect(wordsOf(fragment)).toBe(words)
    }),
    { numRuns: isDeep ? 20_000 : 400 },
  )
})

test('checking only the changed parts finds the same as checking everything', () => {
  const change = fc.record({ at: fc.nat(), isInsert: fc.boolean(), shape })
  fc.assert(
    fc.property(shapes, fc.array(change, { maxLength: 8 }), (all, changes) => {
      const fragment = docOf(...all.map(made))
      const known: Known = new WeakMap()
      fragment.doc?.on('beforeObserverCalls', (transaction: Y.Transaction) =>
        forget(known, transaction.changed.keys()),
      )
      for (const { at, isInsert, shape } of changes) {
        findForeign(fragment, schema, { known })
        const texts = [...fragment.createTreeWalker(() => true)] as unknown as Child[]
        const here = texts[at % Math.max(1, texts.length)]
        if (here instanceof Y.XmlText) {
          if (isInsert) here.insert(0, 'new', { comment: {} })
          else here.format(0, here.length, { comment: null })
        } else if (here instanceof Y.XmlElement) {
          if (isInsert) here.insert(0, [made(shape)])
          else here.delete(0, here.length)
        }
        expect(findForeign(fragment, schema, { known })).toEqual(findForeign(fragment, schema))
      }
    }),
    { numRuns: isDeep ? 5_000 : 300 },
  )
})
