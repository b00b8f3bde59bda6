import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { readContent } from '../read.ts'
import { json, stored, write } from '../testing/stored.ts'

/** A block as Lexical's binding keeps it. */
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
})
