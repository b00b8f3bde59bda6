// Documents whose rows together nest types deeper than recursion can go.
import { beforeAll, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { MAX_SHOWN_DEPTH, withShownDepth } from './depth.ts'
import { FORMAT_NAMES } from './formats.ts'
import { statsOf } from './stats.ts'
import { differenceOf } from './versions.ts'
import { writeContent } from './write.ts'

/** More levels than a stack holds, written level by level as several rows would. */
const LEVELS = 12_000
const KINDS = ['map', 'array', 'xml', 'text'] as const

function nested(kind: (typeof KINDS)[number], levels = LEVELS): Y.Doc {
  const doc = new Y.Doc()
  doc.transact(() => {
    if (kind === 'map') {
      let at = doc.getMap('r')
      for (let i = 0; i < levels; i++) at = at.set('k', new Y.Map())
    } else if (kind === 'array') {
      let at = doc.getArray('r')
      for (let i = 0; i < levels; i++) {
        const next = new Y.Array<unknown>()
        at.insert(0, [next])
        at = next
      }
    } else if (kind === 'xml') {
      let at: Y.XmlFragment = doc.getXmlFragment('r')
      for (let i = 0; i < levels; i++) {
        const next = new Y.XmlElement('p')
        at.insert(0, [next])
        at = next
      }
    } else {
      let at = doc.getText('r')
      for (let i = 0; i < levels; i++) {
        const next = new Y.Text()
        at.insertEmbed(0, next)
        at = next
      }
    }
  })
  return doc
}

describe.each(KINDS)('a document of nested %s types', (kind) => {
  const formats = FORMAT_NAMES.flatMap((name) => (name === 'stats' ? [] : [name])).filter(
    (name) => name !== 'prosemirror' || kind === 'xml' || kind === 'text',
  )

  // Every test leaves it as it was.
  let doc: Y.Doc
  let before: Uint8Array
  beforeAll(() => {
    doc = nested(kind)
    before = Y.encodeStateAsUpdate(doc)
  })

  test.each(formats)(
    'is written as %s, and the loss names the content that is too deep',
    (format) => {
      const { losses } = writeContent(doc, format, { root: 'r', type: kind })
      if (!format.startsWith('update')) {
        expect(losses).toContainEqual({
          kind: 'node',
          name: `content deeper than ${MAX_SHOWN_DEPTH} levels`,
          count: 1,
        })
      }
      // The types that looked empty are restored.
      expect(Buffer.from(Y.encodeStateAsUpdate(doc)).equals(before)).toBe(true)
      const cut = withShownDepth(doc, (count) => count)
      expect(cut).toBe(1)
    },
  )

  test('has statistics and differences', () => {
    const [root] = statsOf({ doc, leftOut: [], unreadableRows: 0 }).roots
    if (kind === 'xml') expect(root?.size).toBe(LEVELS)
    const to = Y.encodeStateAsUpdateV2(doc)
    const bounds = { maxEdits: 1_000, timeoutMs: 1_000 }
    const [from] = [Y.encodeStateAsUpdateV2(new Y.Doc())]
    expect(differenceOf({ from, to, bounds }).changes).not.toHaveLength(0)
  })
})

test('a document at exactly the depth limit is shown completely', () => {
  expect(writeContent(nested('array', MAX_SHOWN_DEPTH), 'json').losses).toEqual([])
})

/** Types that can hold other types, and how to nest into each. */
const HOLDERS: Readonly<
  Record<string, readonly [create: () => object, hold: (type: object, held: object) => void]>
> = {
  map: [() => new Y.Map(), (type, held) => (type as Y.Map<object>).set('k"', held)],
  array: [() => new Y.Array(), (type, held) => (type as Y.Array<object>).insert(0, [held])],
  text: [() => new Y.Text(), (type, held) => (type as Y.Text).insertEmbed(0, held)],
  xmlText: [() => new Y.XmlText(), (type, held) => (type as Y.XmlText).insertEmbed(0, held)],
  element: [
    () => new Y.XmlElement('p'),
    (type, held) => (type as Y.XmlElement).insert(0, [held as Y.XmlElement]),
  ],
  attribute: [
    () => new Y.XmlElement('p'),
    (type, held) => (type as Y.XmlElement<Record<string, object>>).setAttribute('a', held),
  ],
  textAttribute: [
    () => new Y.XmlText(),
    (type, held) => (type as Y.XmlText).setAttribute('a', held as never),
  ],
}
const NAMES = Object.keys(HOLDERS)

describe.each(NAMES)('forty levels of %s and', (outer) => {
  // An element holds only elements and texts.
  const inners = NAMES.filter(
    (name) => outer !== 'element' || !['map', 'array', 'text'].includes(name),
  )
  test.each(inners)(
    '%s, alternating, are written and compared without doubling at each level',
    (inner) => {
      const doc = new Y.Doc()
      doc.transact(() => {
        let at: object = doc.getMap('r')
        let hold = HOLDERS.map?.[1]
        for (let i = 0; i < 40; i++) {
          const [create, holdNext] = HOLDERS[i % 2 === 0 ? outer : inner] ?? []
          const next = create?.() ?? {}
          hold?.(at, next)
          at = next
          hold = holdNext
        }
      })
      for (const format of ['json', 'text', 'html', 'markdown'] as const) {
        const { body } = writeContent(doc, format, { root: 'r', type: 'map' })
        expect(body.length).toBeLessThan(1_000_000)
      }
      const to = Y.encodeStateAsUpdateV2(doc)
      const from = Y.encodeStateAsUpdateV2(new Y.Doc())
      const { changes } = differenceOf({ from, to, bounds: { maxEdits: 1_000, timeoutMs: 1_000 } })
      expect(JSON.stringify(changes).length).toBeLessThan(1_000_000)
    },
  )
})
