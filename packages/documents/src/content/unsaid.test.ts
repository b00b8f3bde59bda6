// Exports report the content that they leave out: in plain text, and in roots that the caller did
// not name.
import { describe, expect, test } from 'vitest'
import type * as Y from 'yjs'
import { Losses } from './losses.ts'
import { readContent } from './read.ts'
import { codeOf, json, stored, write } from './testing/stored.ts'
import { type ContentFormat, writeContent } from './write.ts'

const lossesOf = (doc: Y.Doc, format: ContentFormat, choice = {}) =>
  writeContent(doc, format, choice).losses.map(
    ({ kind, name, count }) => `${count} ${kind} ${name}`,
  )

describe('an export as plain text', () => {
  test.each<[string, string[]]>([
    ['<p>plain</p><p>lines</p>', []],
    ['<p><b>x</b> <a href="https://a.example/">y</a></p>', ['1 mark bold', '1 mark link']],
    ['<h2>x</h2>', ['1 structure heading', '1 attribute heading.level']],
    ['<p style="text-align: center">x</p>', ['1 attribute paragraph.textAlign']],
    ['<p>x</p><hr>', ['1 node horizontalRule']],
    [
      '<img src="https://i.example/x.png" alt="Alt" width="5">',
      ['1 structure image', '1 attribute image.src', '1 attribute image.width'],
    ],
    ['<p><span data-type="mention" data-label="Ada"></span></p>', ['1 structure mention']],
  ])('reports the losses of %j', (html, losses) => {
    expect(lossesOf(readContent('html', html), 'text')).toEqual(losses)
  })

  test('reports the formats of a text root', () => {
    const doc = stored((one) => {
      one
        .getText('quill')
        .applyDelta([
          { insert: 'a', attributes: { bold: true } },
          { insert: '\n', attributes: { align: 'right' } },
          { insert: { divider: true } },
        ])
    })
    expect(write(doc, 'text')).toBe('a\n')
    expect(lossesOf(doc, 'text')).toEqual([
      '1 attribute paragraph.textAlign',
      '1 mark bold',
      '1 node $embed',
    ])
  })
})

describe('a document of several roots', () => {
  const doc = () =>
    stored((one) => {
      one.getText('notes').insert(0, 'words')
      one.getMap('settings').set('theme', 'dark')
      one.getArray('log').push([1])
    })

  test.each(['text', 'html', 'markdown', 'prosemirror'] as const)(
    'names in %s each root that is left out, unless the caller named one',
    (format) => {
      expect(lossesOf(doc(), format)).toEqual(['1 node log', '1 node settings'])
      expect(lossesOf(doc(), format, { root: 'notes' })).toEqual([])
    },
  )

  test('is complete in json', () => expect(lossesOf(doc(), 'json')).toEqual([]))
})

test('the attributes of a text root are in html, and come back from json', () => {
  const doc = stored((one) => {
    one.getText('notes').insert(0, 'words')
    one.getText('notes').setAttribute('lang', 'de')
  })
  expect(write(doc, 'html')).toMatch(/data-y-attrs="[^"]*lang/)
  expect(json(readContent('json', write(doc, 'json')))).toEqual(json(doc))
})

test.each(['abc', '1', ''])('the number %j, which no export writes, is refused', (text) => {
  const body = JSON.stringify({ m: { n: { $number: text } } })
  expect(codeOf(() => readContent('json', body))).toMatch(/^invalid_content: \$number cannot hold/)
})

test('text without a block is a line of a text root', () => {
  const body = JSON.stringify({
    type: 'doc',
    marks: [{ type: 'x' }],
    content: [{ type: 'text', text: 'bare' }, { type: 'paragraph' }],
  })
  const losses = new Losses()
  const doc = readContent('prosemirror', body, { root: 'q', type: 'text' }, losses)
  expect(json(doc)).toEqual({ q: 'bare\n\n' })
  expect(losses.list()).toEqual([{ kind: 'mark', name: 'x', count: 1 }])
})

test.each([{}, { attrs: { value: null } }])('an embed without a value is refused: %j', (embed) => {
  const body = JSON.stringify({ type: 'doc', content: [{ type: '$embed', ...embed }] })
  for (const type of ['xml', 'text'] as const) {
    expect(codeOf(() => readContent('prosemirror', body, { root: 'q', type }))).toBe(
      'invalid_content: doc.content[0]: an $embed must have a value',
    )
  }
})
