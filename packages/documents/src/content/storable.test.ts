import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { isDeep } from '../../../../test/harness/deep.ts'
import { readContent } from './read.ts'
import { codeOf, write } from './testing/stored.ts'

/** Values that Yjs v1, the format of rows, cannot write in an embed or a format. */
const NOT_JSON: readonly (readonly [name: string, json: unknown, value: unknown])[] = [
  ['a big integer', { $bigint: '1' }, 1n],
  ['undefined', { $undefined: true }, undefined],
  ['NaN', { $number: 'NaN' }, Number.NaN],
  ['an infinite number', { $number: 'Infinity' }, Number.POSITIVE_INFINITY],
  ['bytes', { $bytes: 'AQID' }, new Uint8Array([1, 2, 3])],
]

const imported = (delta: unknown): string =>
  codeOf(() => readContent('json', JSON.stringify({ text: { $delta: delta } })))

const asUpdate = (fill: (text: Y.Text) => void): Uint8Array => {
  const doc = new Y.Doc({ guid: 'made' })
  fill(doc.getText('text'))
  return Y.encodeStateAsUpdateV2(doc)
}

describe('an import is refused when an embed or a format holds', () => {
  test.each(NOT_JSON)('%s, in JSON', (_name, json) => {
    expect(imported([{ insert: { a: [json] } }])).toMatch(/^invalid_content: an embed/)
    expect(imported([{ insert: 'x', attributes: { a: { b: json } } }])).toMatch(
      /^invalid_content: the format "a"/,
    )
  })

  test.each(NOT_JSON)('%s, in a v2 update', (_name, _json, value) => {
    const embed = asUpdate((text) => text.insertEmbed(0, { a: [value] }))
    expect(codeOf(() => readContent('update-v2', embed))).toMatch(/^invalid_content: an embed/)
    const format = asUpdate((text) => text.insert(0, 'x', { a: { b: [value] } }))
    expect(codeOf(() => readContent('update-v2', format))).toMatch(/^invalid_content: the format/)
  })
})

test('a part of a text that inserts null is refused, at any depth', () => {
  const part = [{ insert: null }]
  expect(imported(part)).toMatch(/^invalid_content: each part of a delta/)
  expect(imported([{ insert: { $shared: { $delta: part } } }])).toMatch(
    /^invalid_content: each part/,
  )
  const nested = JSON.stringify({ map: { text: { $delta: part } } })
  expect(codeOf(() => readContent('json', nested))).toMatch(
    /^invalid_content: each part of a delta/,
  )
})

describe('content that is nested too deeply is refused with a message that says so', () => {
  const message =
    /^invalid_content: .*(the content is nested more than 200 levels deep|it nests more than 500 types|has more than 256 levels\))$/
  const nested = (depth: number, open: string, close: string): string =>
    `${open.repeat(depth)}${close.repeat(depth)}`
  const typesIn = (depth: number): Y.Doc => {
    const doc = new Y.Doc({ guid: 'made' })
    let map = doc.getMap<unknown>('map')
    doc.transact(() => {
      for (let level = 0; level < depth; level++) map = map.set('k', new Y.Map()) as Y.Map<unknown>
    })
    return doc
  }

  test.each([300, 20_000])('%i levels of values, nodes and quotes', (depth) => {
    const values = nested(depth, '[', ']')
    const quotes = nested(depth, '{"type":"blockquote","content":[', ']}')
    expect(codeOf(() => readContent('json', `{"a":${values}}`))).toMatch(message)
    expect(codeOf(() => readContent('json', `{"a":[{"$object":{"b":${values}}}]}`))).toMatch(
      message,
    )
    expect(
      codeOf(() => readContent('prosemirror', `{"type":"doc","content":[${quotes}]}`)),
    ).toMatch(message)
    expect(codeOf(() => readContent('html', nested(depth, '<blockquote>', '')))).toMatch(message)
    // micromark takes time in proportion to the square of the levels.
    const quoted = isDeep ? depth : Math.min(depth, 2_000)
    expect(codeOf(() => readContent('markdown', `${'> '.repeat(quoted)}x`))).toMatch(message)
  })

  test('shared types in updates, and values in them', () => {
    // The check of every update runs first, and has its own limit.
    const judged = /^invalid_content: update: it nests more than 500 types$/
    for (const [levels, expected] of [
      [300, message],
      [3_000, judged],
    ] as const) {
      const nest = typesIn(levels)
      expect(codeOf(() => readContent('update', Y.encodeStateAsUpdate(nest)))).toMatch(expected)
      expect(codeOf(() => readContent('update-v2', Y.encodeStateAsUpdateV2(nest)))).toMatch(
        expected,
      )
    }
    const doc = new Y.Doc({ guid: 'made' })
    doc.getMap('map').set('k', JSON.parse(nested(250, '[', ']')))
    expect(codeOf(() => readContent('update', Y.encodeStateAsUpdate(doc)))).toMatch(message)
  })

  test('content at the limit can be read in every format', () => {
    const doc = readContent('update', Y.encodeStateAsUpdate(typesIn(199)))
    expect(JSON.parse(write(doc, 'json'))).toHaveProperty(
      Array(199).fill('k').join('.').replace(/^/, 'map.'),
    )
    const quotes = nested(199, '{"type":"blockquote","content":[', ']}')
    const rich = readContent('prosemirror', `{"type":"doc","content":[${quotes}]}`)
    for (const format of ['html', 'markdown', 'prosemirror', 'text', 'json'] as const) {
      expect(typeof write(rich, format)).toBe('string')
    }
  })
})

test('embeds and formats of plain JSON are accepted', () => {
  const plain = { a: [1, -0, 'x', null, true, { b: {} }] }
  expect(imported([{ insert: plain }, { insert: 'x', attributes: { a: plain, b: null } }])).toBe(
    'no error',
  )
})
