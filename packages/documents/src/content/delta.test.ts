import fc from 'fast-check'
import { equalityDeep } from 'lib0/function'
import { describe, expect, test } from 'vitest'
import type * as Y from 'yjs'
import { isDeep } from '../../../../test/harness/deep.ts'
import { Losses } from './losses.ts'
import { readContent } from './read.ts'
import type { DeltaOp } from './shared-values.ts'
import { stored, write } from './testing/stored.ts'

const runs = isDeep ? 2_000 : 30

const CHOICE = { root: 'quill', type: 'text' } as const

const quill = (ops: readonly DeltaOp[]): Y.Doc =>
  stored((doc) => doc.getText('quill').applyDelta(ops as DeltaOp[]))

function again(doc: Y.Doc, format: 'html' | 'prosemirror' | 'json' | 'markdown') {
  const losses = new Losses()
  // json covers all roots; the other formats cover one.
  const choice = format === 'json' ? {} : CHOICE
  const read = readContent(format, write(doc, format), choice, losses)
  return { ops: opsOf(read), losses: losses.list() }
}

/**
 * The text's delta. Names of table rows are numbered in order, because they are arbitrary; runs with equal
 * formats, which Yjs keeps apart if a value is an object, are merged.
 */
function opsOf(doc: Y.Doc): DeltaOp[] {
  let [row, rows]: [unknown, number] = [undefined, 0]
  const ops: DeltaOp[] = []
  for (const { insert, attributes } of doc.getText('quill').toDelta() as DeltaOp[]) {
    const { table } = attributes ?? {}
    if (table !== undefined && table !== row) rows++
    if (insert !== undefined && String(insert).includes('\n')) row = table
    const numbered = table === undefined ? {} : { table: `row-${rows}` }
    const op = { insert, ...(attributes && { attributes: { ...attributes, ...numbered } }) }
    const last = ops.at(-1)
    const isOne = typeof last?.insert === 'string' && typeof insert === 'string'
    if (isOne && equalityDeep(last.attributes, op.attributes)) {
      ops[ops.length - 1] = { ...op, insert: `${last.insert}${insert}` }
    } else ops.push(op)
  }
  return ops
}

describe('a Quill text in HTML', () => {
  test.each<[string, readonly DeltaOp[], RegExp]>([
    [
      'the size, alt text and link of an image',
      [
        {
          insert: { image: 'https://i.example/p.png' },
          attributes: { width: '240', height: '80', alt: 'Pic', link: 'https://l.example' },
        },
        { insert: '\n' },
      ],
      /<a href="https:\/\/l\.example[^>]*><img[^>]*(alt="Pic"|width="240"|height="80")/,
    ],
    [
      'a format on an embed',
      [{ insert: { mention: { id: 'u1' } }, attributes: { bold: true } }, { insert: '\n' }],
      /<strong><span/,
    ],
    [
      'the indent of a paragraph',
      [{ insert: 'x' }, { insert: '\n', attributes: { indent: 2 } }],
      /indent/,
    ],
    [
      'the alignment of a heading',
      [{ insert: 'h' }, { insert: '\n', attributes: { header: 1, align: 'center' } }],
      /<h1 style="text-align: center">/,
    ],
    [
      'the alignment of a list item',
      [{ insert: 'l' }, { insert: '\n', attributes: { list: 'bullet', align: 'right' } }],
      /<li><p style="text-align: right">/,
    ],
    [
      'the alignment of a quote',
      [{ insert: 'l' }, { insert: '\n', attributes: { blockquote: true, align: 'right' } }],
      /<blockquote><p style="text-align: right">/,
    ],
    [
      'the cells of a table',
      [
        { insert: 'a' },
        { insert: '\n', attributes: { table: 'r1' } },
        { insert: 'b' },
        { insert: '\n', attributes: { table: 'r1' } },
        { insert: 'c' },
        { insert: '\n', attributes: { table: 'r2' } },
      ],
      /<tr><td><p>a<\/p><\/td><td><p>b<\/p><\/td><\/tr><tr><td><p>c<\/p><\/td><\/tr>/,
    ],
    [
      'an embed in code',
      [
        { insert: 'x' },
        { insert: { image: 'https://i.example/p.png' } },
        { insert: '\n', attributes: { 'code-block': true } },
      ],
      /<pre><code>x<img[^>]*p\.png/,
    ],
    [
      'a custom line format',
      [{ insert: 'x' }, { insert: '\n', attributes: { callout: 'warning' } }],
      /callout/,
    ],
  ])('has %s', (_what, ops, expected) => {
    const doc = quill(ops)
    expect(write(doc, 'html')).toMatch(expected)
    expect(again(doc, 'html').ops).toEqual(opsOf(quill(ops)))
  })
})

test('a random Quill text comes back unchanged from every format', () => {
  const words = fc.string({
    minLength: 1,
    maxLength: 5,
    unit: fc.constantFrom('a', 'b', ' c', '<', 'ü'),
  })
  const formats = fc.record(
    {
      bold: fc.constant(true),
      color: fc.constantFrom('red', '#00f'),
      link: fc.constant('https://example.com/'),
      script: fc.constantFrom('sub', 'super'),
      comment: fc.constant({ id: 'c1' }),
    },
    { requiredKeys: [] },
  )
  const inline = fc.oneof(
    { weight: 4, arbitrary: fc.record({ insert: words, attributes: formats }) },
    fc.record({
      insert: fc.constant({ image: 'https://example.com/p.png' }),
      attributes: fc.record(
        { alt: words, width: fc.constant('9'), bold: fc.constant(true) },
        { requiredKeys: [] },
      ),
    }),
    fc.record({ insert: fc.constant({ formula: 'x^2' }), attributes: formats }),
  )
  const line = fc.oneof(
    fc.record({ header: fc.integer({ min: 1, max: 6 }) }),
    fc.record(
      {
        list: fc.constantFrom('bullet', 'ordered', 'checked', 'unchecked'),
        indent: fc.integer({ min: 1, max: 3 }),
      },
      { requiredKeys: ['list'] },
    ),
    fc.record({ blockquote: fc.constant(true) }),
    fc.record({ table: fc.constantFrom('r1', 'r2') }),
    fc.record({ 'code-block': fc.constantFrom(true, 'js', 'plain') }),
    fc.record({ indent: fc.integer({ min: 1, max: 8 }) }),
    fc.record({ callout: fc.constantFrom('warning', true) }),
    fc.constant({}),
  )
  const aligned = fc
    .tuple(line, fc.record({ align: fc.constantFrom('center', 'right') }, { requiredKeys: [] }))
    .map(([one, other]) => ({ ...one, ...other }))
  const lines = fc.array(fc.tuple(fc.array(inline, { maxLength: 3 }), aligned), {
    minLength: 1,
    maxLength: 8,
  })
  fc.assert(
    fc.property(lines, (given) => {
      const ops = given.flatMap(([content, attributes]): DeltaOp[] => [
        ...content,
        { insert: '\n', attributes },
      ])
      const expected = opsOf(quill(ops))
      for (const format of ['json', 'prosemirror', 'html', 'markdown'] as const) {
        const { ops: found, losses } = again(quill(ops), format)
        expect(losses, format).toEqual([])
        expect(found, format).toEqual(expected)
      }
    }),
    { numRuns: runs },
  )
})
