// Generates random TipTap documents.
import fc from 'fast-check'
import type { Json } from './schema.ts'

const WORDS = [
  'a',
  'word',
  'Hello',
  'x1',
  '😀',
  '👩‍👩‍👧',
  'שלום',
  'ünïcode',
  '5 < 6 & 7',
  '"quoted"',
  '*stars*',
  '_low_',
  '# no heading',
  '[x]',
  'a|b',
  '`tick`',
  '<b>',
  '1. one',
  '- two',
  'https://a.example/b',
  '\\',
  '~~',
  '&amp;',
  '!',
  '+ plus',
  '===',
  '---',
]

const SPACES = [' ', '  ', '\t', '\n', '\u00a0']

export interface Shape {
  /** Includes white space that HTML collapses and Markdown cannot express. */
  readonly anySpace: boolean
  /** Includes custom nodes and marks. */
  readonly own: boolean
  /** Excludes content that Markdown cannot express. */
  readonly onlyMarkdown: boolean
}

const MARKS = ['bold', 'italic', 'strike', 'underline']

const text = ({ anySpace }: Shape): fc.Arbitrary<string> =>
  anySpace
    ? fc
        .array(fc.constantFrom(...WORDS, ...SPACES), { minLength: 1, maxLength: 5 })
        .map((parts) => parts.join(''))
    : fc
        .array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 4 })
        .map((parts) => parts.join(' '))

function inline(shape: Shape): fc.Arbitrary<Json[]> {
  const links = fc.constantFrom('https://example.com/?a=1&b=%20', 'mailto:a@b.example', '/relative')
  const marks = fc
    .tuple(
      fc.uniqueArray(fc.constantFrom(...MARKS), { maxLength: 2 }),
      fc.option(links, { freq: 5 }),
      fc.nat(9),
    )
    .map(([names, href, dice]): Json[] =>
      dice === 0 && href === null
        ? [{ type: 'code' }]
        : [
            ...names.map((type) => ({ type })),
            ...(href === null ? [] : [{ type: 'link', attrs: { href } }]),
          ],
    )
  const piece: fc.Arbitrary<Json> = fc.oneof(
    {
      weight: 8,
      arbitrary: fc
        .tuple(text(shape), marks)
        .map(([text, marks]) => ({ type: 'text', text, marks })),
    },
    { weight: 1, arbitrary: fc.constant({ type: 'hardBreak' }) },
    ...(shape.own
      ? [
          {
            weight: 1,
            arbitrary: fc
              .record({ id: fc.constantFrom('1', 'x'), label: fc.constantFrom('Ada', ' B  C') })
              .map((attrs) => ({ type: 'mention', attrs })),
          },
        ]
      : []),
  )
  return fc.array(piece, { maxLength: 4 })
}

const node = (type: string, content: readonly Json[], attrs?: Record<string, unknown>): Json => ({
  type,
  ...(attrs === undefined ? {} : { attrs }),
  ...(content.length > 0 ? { content } : {}),
})

/** Any document that the schema accepts. */
export function anyDocument(shape: Shape): fc.Arbitrary<Json> {
  const paragraph = inline(shape).map((content) => node('paragraph', content))
  const heading = fc
    .tuple(fc.integer({ min: 1, max: 6 }), inline(shape))
    .map(([level, content]) => node('heading', content, { level }))
  const code = fc
    .tuple(
      fc.option(fc.constantFrom('ts', 'c++', 'a b')),
      fc.array(fc.constantFrom('x = 1', '', '  <y>', '```', '\t&')),
    )
    .map(([language, lines]) =>
      node('codeBlock', lines.join('\n') === '' ? [] : [{ type: 'text', text: lines.join('\n') }], {
        language,
      }),
    )
  const image = fc
    .record({
      src: fc.constantFrom('https://example.com/i.png', '/a.svg', 'data:image/png;base64,AAAA'),
      alt: fc.constantFrom(null, 'alt', '"a"'),
      title: fc.constantFrom(null, 'title'),
    })
    .map((attrs) => node('image', [], attrs))
  const leaf = [paragraph, heading, code, image, fc.constant(node('horizontalRule', []))]
  const { blocks } = fc.letrec<{ blocks: Json[]; block: Json; items: Json[] }>((tie) => ({
    block: fc.oneof(
      { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
      { weight: 6, arbitrary: fc.oneof(...leaf) },
      { weight: 1, arbitrary: tie('blocks').map((content) => node('blockquote', content)) },
      { weight: 2, arbitrary: tie('items').map((items) => node('bulletList', items)) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.nat(12), tie('items'))
          .map(([start, items]) => node('orderedList', items, { start })),
      },
      {
        weight: 1,
        arbitrary: tie('items').map((items) =>
          node(
            'taskList',
            items.map((item, i) => ({
              ...item,
              type: 'taskItem',
              attrs: { checked: i % 2 === 0 },
            })),
          ),
        ),
      },
      {
        weight: 1,
        arbitrary: table(shape.onlyMarkdown ? paragraph.map((one) => [one]) : tie('blocks'), shape),
      },
      ...(shape.own
        ? [
            {
              weight: 1,
              arbitrary: tie('blocks').map((content) =>
                node('callout', content, { kind: 'x "y"', nested: { a: [1] } }),
              ),
            },
          ]
        : []),
    ),
    blocks: fc.array(tie('block'), { minLength: 1, maxLength: 4 }),
    items: fc.array(
      fc
        .tuple(paragraph, fc.option(tie('blocks'), { freq: 3 }))
        .map(([first, rest]) => node('listItem', [first, ...(rest ?? [])])),
      { minLength: 1, maxLength: 3 },
    ),
  }))
  return blocks.map((content) => node('doc', content))
}

function table(blocks: fc.Arbitrary<Json[]>, { onlyMarkdown }: Shape): fc.Arbitrary<Json> {
  const span = onlyMarkdown ? fc.constant(1) : fc.integer({ min: 1, max: 2 })
  const cell = (type: string) =>
    fc
      .tuple(span, span, blocks)
      .map(([colspan, rowspan, content]) => node(type, content, { colspan, rowspan }))
  return fc
    .tuple(
      fc.array(cell('tableHeader'), { minLength: 2, maxLength: 2 }),
      fc.array(fc.array(cell('tableCell'), { minLength: 2, maxLength: 2 }), { maxLength: 2 }),
    )
    .map(([head, rows]) =>
      node(
        'table',
        [head, ...rows].map((cells) => node('tableRow', cells)),
      ),
    )
}
