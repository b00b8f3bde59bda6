import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { readContent } from '../read.ts'
import { normal } from '../testing/normal.ts'
import { json, stored, write } from '../testing/stored.ts'

/** A block as Lexical's binding stores it. */
function block(
  parent: Y.XmlText,
  type: string,
  parts: readonly (string | ((block: Y.XmlText) => void))[] = [],
  properties: Record<string, unknown> = {},
): Y.XmlText {
  const text = new Y.XmlText()
  parent.insertEmbed(parent.length, text)
  text.setAttribute('__type', type)
  for (const [name, value] of Object.entries(properties)) text.setAttribute(name, value)
  for (const part of parts) {
    if (typeof part === 'string') run(part)(text)
    else part(text)
  }
  return text
}

const run =
  (words: string, properties: Record<string, unknown> = {}) =>
  (parent: Y.XmlText): void => {
    const map = new Y.Map()
    parent.insertEmbed(parent.length, map)
    for (const [key, value] of Object.entries({ __type: 'text', __format: 0, ...properties })) {
      map.set(key, value)
    }
    parent.insert(parent.length, words)
  }

const nested =
  (...given: Parameters<typeof block> extends [unknown, ...infer Rest] ? Rest : never) =>
  (parent: Y.XmlText): void => {
    block(parent, ...given)
  }

const lexical = (fill: (root: Y.XmlText) => void) =>
  stored((doc) => fill(doc.get('root', Y.XmlText)))

const shoppingList = () =>
  lexical((root) => {
    block(root, 'heading', ['Shopping'], { __tag: 'h2' })
    block(root, 'paragraph', ['Before noon.'], { __format: 2 })
    block(root, 'paragraph', ['Milk ', run('fresh', { __format: 1 | 16, __style: 'color: red' })])
    block(root, 'paragraph', ['Bread'], { __dir: 'ltr' })
    block(
      root,
      'list',
      [
        nested('listitem', ['Eggs'], { __checked: true }),
        nested('listitem', ['Tea'], { __checked: false }),
      ],
      { __listType: 'check', __tag: 'ul' },
    )
    block(root, 'code', ['a = 1', run('', { __type: 'linebreak' }), 'b = 2'], { __language: 'py' })
    block(root, 'paragraph', [nested('link', ['the shop'], { __url: 'https://shop.example/' })])
    const poll = new Y.XmlElement('poll')
    root.insertEmbed(root.length, poll)
    poll.setAttribute('__type', 'poll')
    const state = new Y.Map<unknown>([['votes', Y.Array.from([1, 2])]])
    poll.setAttribute('__state', state as unknown as string)
  })

describe('a Lexical document', () => {
  test('has a line of text for each block', () => {
    expect(write(shoppingList(), 'text')).toBe(
      'Shopping\nBefore noon.\nMilk fresh\nBread\nEggs\nTea\na = 1\nb = 2\nthe shop',
    )
  })

  test('has its blocks, formats and links in HTML and Markdown', () => {
    const html = write(shoppingList(), 'html')
    expect(html).toMatch(/<h2[^>]*>Shopping<\/h2>/)
    expect(html).toContain('<p style="text-align: center">Before noon.</p>')
    expect(html).toContain('<strong><code>')
    expect(html).toContain('<a href="https://shop.example/"')
    const markdown = write(shoppingList(), 'markdown')
    expect(markdown).toContain('## Shopping')
    expect(markdown).toContain('* [x] Eggs')
    expect(markdown).toContain('```py\na = 1\nb = 2\n```')
    expect(markdown).toContain('[the shop](https://shop.example/)')
  })

  test('comes back from json unchanged, including shared types in attributes', () => {
    const doc = shoppingList()
    const again = readContent('json', JSON.stringify(json(doc)))
    expect(json(again)).toEqual(json(doc))
    const editor = new Y.Doc()
    Y.applyUpdate(editor, Y.encodeStateAsUpdate(again))
    expect(editor.get('root', Y.XmlText).toDelta()).toHaveLength(8)
    const poll = again.getXmlFragment('root').toArray().at(-1) as Y.XmlElement
    const state = (poll.getAttributes() as Record<string, unknown>).__state
    expect(state).toBeInstanceOf(Y.Map)
    expect((state as Y.Map<unknown>).get('votes')).toBeInstanceOf(Y.Array)
  })

  test.each(['json', 'text', 'html', 'markdown', 'prosemirror'] as const)(
    'is written as %s for every requested kind of root',
    (format) => {
      for (const type of ['xml', 'text'] as const) {
        const said = write(shoppingList(), format, { root: 'root', type })
        for (const word of ['Milk', 'Bread', 'Eggs', 'b = 2', 'the shop']) {
          expect(said).toContain(word)
        }
        expect(said).not.toContain('MilkBread')
        expect(said).not.toContain('EggsTea')
      }
    },
  )

  describe('keeps in its nodes', () => {
    const nodesOf = (fill: (root: Y.XmlText) => void): string => {
      const said = write(lexical(fill), 'prosemirror', { root: 'root', type: 'text' })
      // HTML can express everything in the nodes, and an import restores it.
      const html = write(lexical(fill), 'html', { root: 'root', type: 'text' })
      const again = write(readContent('html', html), 'prosemirror')
      expect(normal(JSON.parse(again))).toEqual(normal(JSON.parse(said)))
      return said
    }
    const decorator =
      (type: string, properties: Record<string, unknown>) =>
      (parent: Y.XmlText): void => {
        const element = new Y.XmlElement()
        parent.insertEmbed(parent.length, element)
        element.setAttribute('__type', type)
        for (const [name, value] of Object.entries(properties)) {
          element.setAttribute(name, value as string)
        }
      }

    test.each([
      [256, '"lowercase"'],
      [512 | 1, '"bold"},{"type":"uppercase"'],
      [1024, '"capitalize"'],
      [2 ** 20, `"__format":${2 ** 20}`],
    ])('the format %i of a text', (bits, said) => {
      expect(nodesOf((root) => block(root, 'paragraph', [run('x', { __format: bits })]))).toContain(
        said,
      )
    })

    test.each([
      [
        'a zero, an empty text and false of a decorator',
        decorator('poll', { __votes: 0, __note: '', __open: false }),
        ['"__votes":0', '"__note":""', '"__open":false'],
      ],
      [
        'the mode and detail of a text',
        run('x', { __mode: 1, __detail: 2 }),
        ['"__mode":1', '"__detail":2'],
      ],
    ] as const)('%s', (_what, part, said) => {
      const all = nodesOf((root) => block(root, 'paragraph', [part]))
      for (const one of said) expect(all).toContain(one)
    })

    test('marks and decorators in code', () => {
      const all = nodesOf((root) =>
        block(root, 'code', [
          'let ',
          run('x', { __format: 1 }),
          run('', { __type: 'linebreak' }),
          decorator('mention', { __name: 'Ada' }),
        ]),
      )
      for (const one of ['"bold"', '"mention"', '"Ada"']) expect(all).toContain(one)
    })

    test('the header of a column, and attributes of the root', () => {
      const all = nodesOf((root) => {
        root.setAttribute('__dir', 'rtl')
        const table = block(root, 'table')
        const row = block(table, 'tablerow')
        block(row, 'tablecell', [nested('paragraph', ['x'])], { __headerState: 3 })
      })
      for (const one of ['"__headerState":3', '"__dir":"rtl"']) expect(all).toContain(one)
    })
  })
})
