// The building blocks of random documents in every schema: texts, addresses, marks, lines.
import fc from 'fast-check'
import type { Json } from '../../json.ts'
import type { PmMark, PmNode } from '../../prosemirror/nodes.ts'

export type Attrs = Record<string, Json>

export const node = (type: string, content: readonly PmNode[] = [], attrs: Attrs = {}): PmNode => ({
  type,
  ...(Object.keys(attrs).length > 0 ? { attrs } : {}),
  ...(content.length > 0 ? { content } : {}),
})

export const PARTS = [
  ...['a', 'word', 'Hello', '😀', 'שלום', 'ünï', '5 < 6 & 7', '"quoted"', '*stars*', '_low_'],
  ...[
    '# no',
    '[x]',
    '[x](y)',
    'a|b',
    '`tick`',
    '``',
    '<b>',
    '1. one',
    '- two',
    '\\',
    '~~',
    '&amp;',
  ],
  ...['!', '+ plus', '===', '---', '> q', 'https://a.example/b', 'www.a.example', 'a@b.example'],
  ...[
    '[^1]',
    '[a]: b',
    '$x$',
    '</p>',
    '<!--',
    '{}',
    ':--',
    '| a | b |',
    '```',
    '\u0007',
    '*',
    '**',
  ],
]
export const SPACES = [' ', '  ', '\t', '\n', '\u00a0', '\r', '\u200b', '\n\n']

export const words = fc
  .array(
    fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...PARTS) }, fc.constantFrom(...SPACES)),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((parts) => parts.join(''))
export const simple = fc.constantFrom('plain text', 'Some words, and more.', 'a', 'x y')
export const someText = fc.oneof({ weight: 2, arbitrary: simple }, words, words)

export const ADDRESSES = [
  'https://e.example/?a=1&b=%20',
  'Https://e.example/X',
  'mailto:a@b.example',
  'Tel:+49123',
  '/relative',
  ' https://e.example/space',
  'https://e.example/ü (x)',
  'obsidian://open?x=1',
  'JavaScript:alert(1)',
  'java\tscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  '#anchor',
  '',
]
export const address = fc.constantFrom(...ADDRESSES)
export const maybe = <T extends Json>(value: fc.Arbitrary<T>) =>
  fc.option(value, { nil: null, freq: 2 })

export const simpleMark = (...names: string[]) =>
  fc.constantFrom(...names).map((type): PmMark => ({ type }))

export const attrMark = (type: string, attrs: Record<string, fc.Arbitrary<Json>>) =>
  fc.record(attrs).map((value): PmMark => ({ type, attrs: value }))

export const marksOf = (mark: fc.Arbitrary<PmMark>) =>
  fc
    .uniqueArray(mark, { maxLength: 3, selector: ({ type }) => type })
    .map((marks) => (marks.length > 0 ? { marks } : {}))

export function inlineOf(
  mark: fc.Arbitrary<PmMark>,
  atoms: fc.Arbitrary<PmNode>,
): fc.Arbitrary<PmNode[]> {
  const text = someText.map((value): PmNode => ({ type: 'text', text: value }))
  const marked = fc
    .tuple(
      fc.oneof({ weight: 6, arbitrary: text }, atoms),
      fc.oneof(marksOf(mark), fc.constant({})),
    )
    .map(([one, marks]): PmNode => ({ ...one, ...marks }))
  return fc.array(marked, { maxLength: 4 })
}

export const image = fc
  .record({
    src: fc.oneof(address, fc.constantFrom('data:image/png;base64,AA', 'blob:x', 'upload://1')),
    alt: maybe(fc.constantFrom('alt', '"a" ]', '', 'a\nb')),
    title: maybe(fc.constantFrom('t', 'a "b"', '')),
    width: maybe(fc.constantFrom(240, '50%')),
    caption: maybe(fc.constantFrom('Cap', ' a  b', 'a\n\n- b', '<b>&', '')),
  })
  .map((attrs) => node('image', [], attrs))

export const docAttrs = fc.constantFrom<Attrs>(
  {},
  {},
  {},
  { layout: 'wide' },
  { frontmatter: 'title: x\nb: "c"' },
)
