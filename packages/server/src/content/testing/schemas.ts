// Random documents of the schemas that people use, as ProseMirror JSON.
import fc from 'fast-check'
import type { Json } from '../json.ts'
import type { PmMark, PmNode } from '../prosemirror/nodes.ts'

type Attrs = Record<string, Json>

const node = (type: string, content: readonly PmNode[] = [], attrs: Attrs = {}): PmNode => ({
  type,
  ...(Object.keys(attrs).length > 0 ? { attrs } : {}),
  ...(content.length > 0 ? { content } : {}),
})

const PARTS = [
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
const SPACES = [' ', '  ', '\t', '\n', '\u00a0', '\r', '\u200b', '\n\n']

const words = fc
  .array(
    fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...PARTS) }, fc.constantFrom(...SPACES)),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((parts) => parts.join(''))
const simple = fc.constantFrom('plain text', 'Some words, and more.', 'a', 'x y')
const someText = fc.oneof({ weight: 2, arbitrary: simple }, words, words)

const ADDRESSES = [
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
const address = fc.constantFrom(...ADDRESSES)
const maybe = <T extends Json>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 2 })

const simpleMark = (...names: string[]) =>
  fc.constantFrom(...names).map((type): PmMark => ({ type }))

const attrMark = (type: string, attrs: Record<string, fc.Arbitrary<Json>>) =>
  fc.record(attrs).map((value): PmMark => ({ type, attrs: value }))

const COLOURS = ['red', '#ff0000', 'rgb(1, 2, 3)', 'url(javascript:alert(1))', 'x;y:z', 'var(--a)']

const tiptapMark: fc.Arbitrary<PmMark> = fc.oneof(
  { weight: 4, arbitrary: simpleMark('bold', 'italic', 'strike', 'underline') },
  { weight: 1, arbitrary: simpleMark('code', 'subscript', 'superscript') },
  {
    weight: 2,
    arbitrary: attrMark('link', {
      href: address,
      target: fc.constantFrom('_blank', null, '_self'),
      rel: fc.constantFrom('noopener noreferrer nofollow', null, 'a  b'),
      class: maybe(fc.constantFrom('c d', 'x')),
    }),
  },
  { weight: 1, arbitrary: attrMark('highlight', { color: maybe(fc.constantFrom(...COLOURS)) }) },
  {
    weight: 1,
    arbitrary: attrMark('textStyle', {
      color: maybe(fc.constantFrom(...COLOURS)),
      fontFamily: maybe(fc.constantFrom('Inter, "Comic Sans"', 'a{b}')),
    }),
  },
  { weight: 1, arbitrary: attrMark('comment', { id: fc.constantFrom('c1', 'c2') }) },
)

const marksOf = (mark: fc.Arbitrary<PmMark>) =>
  fc
    .uniqueArray(mark, { maxLength: 3, selector: ({ type }) => type })
    .map((marks) => (marks.length > 0 ? { marks } : {}))

function inlineOf(mark: fc.Arbitrary<PmMark>, atoms: fc.Arbitrary<PmNode>): fc.Arbitrary<PmNode[]> {
  const text = someText.map((value): PmNode => ({ type: 'text', text: value }))
  const marked = fc
    .tuple(
      fc.oneof({ weight: 6, arbitrary: text }, atoms),
      fc.oneof(marksOf(mark), fc.constant({})),
    )
    .map(([one, marks]): PmNode => ({ ...one, ...marks }))
  return fc.array(marked, { maxLength: 4 })
}

const image = fc
  .record({
    src: fc.oneof(address, fc.constantFrom('data:image/png;base64,AA', 'blob:x', 'upload://1')),
    alt: maybe(fc.constantFrom('alt', '"a" ]', '', 'a\nb')),
    title: maybe(fc.constantFrom('t', 'a "b"', '')),
    width: maybe(fc.constantFrom(240, '50%')),
  })
  .map((attrs) => node('image', [], attrs))

const atoms = fc.oneof(
  fc.constant(node('hardBreak')),
  fc
    .record({
      id: fc.constantFrom('u1', 'u"2'),
      label: maybe(fc.constantFrom('Ada', ' B  C', '*x*', 'a\n\n- b')),
    })
    .map((attrs) => node('mention', [], attrs)),
  fc.constantFrom('E=mc^2', '\\frac{a}{b}').map((latex) => node('inlineMath', [], { latex })),
  image,
)

/** Blocks that may lie in each other, from those that do not and from how a list's items are made. */
function nested(
  leaf: fc.Arbitrary<PmNode>,
  line: fc.Arbitrary<PmNode[]>,
  names: (name: string) => string,
): fc.Arbitrary<PmNode[]> {
  const align = fc.constantFrom(null, null, 'left', 'center', 'right')
  const { blocks } = fc.letrec<{ blocks: PmNode[]; block: PmNode; items: PmNode[][] }>((tie) => ({
    block: fc.oneof(
      { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
      { weight: 6, arbitrary: leaf },
      { weight: 1, arbitrary: tie('blocks').map((content) => node('blockquote', content)) },
      {
        weight: 2,
        arbitrary: tie('items').map((items) =>
          node(
            names('bulletList'),
            items.map((content) => node(names('listItem'), content)),
          ),
        ),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.constantFrom(0, 1, 3, 12), tie('items'), fc.constantFrom(null, true, false))
          .map(([start, items, checked]) =>
            node(
              names('orderedList'),
              items.map((content) =>
                node(names('listItem'), content, checked === null ? {} : { checked }),
              ),
              { start },
            ),
          ),
      },
      {
        weight: 1,
        arbitrary: tie('items').map((items) =>
          node(
            'taskList',
            items.map((content, i) => node('taskItem', content, { checked: i % 2 === 0 })),
          ),
        ),
      },
      {
        weight: 2,
        arbitrary: table(
          fc.oneof(
            { weight: 3, arbitrary: line.map((content) => [node('paragraph', content)]) },
            tie('blocks'),
          ),
          align,
        ),
      },
    ),
    blocks: fc.array(tie('block'), { minLength: 1, maxLength: 4 }),
    items: fc.array(
      fc
        .tuple(line, fc.option(tie('blocks'), { freq: 3 }))
        .map(([first, rest]) => [node('paragraph', first), ...(rest ?? [])]),
      { minLength: 1, maxLength: 3 },
    ),
  }))
  return blocks
}

function table(
  blocks: fc.Arbitrary<PmNode[]>,
  align: fc.Arbitrary<string | null>,
): fc.Arbitrary<PmNode> {
  return fc
    .tuple(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 2 }),
      fc.constantFrom(true, true, false),
      fc.array(fc.tuple(blocks, fc.constantFrom(1, 1, 1, 1, 1, 2), align), {
        minLength: 9,
        maxLength: 9,
      }),
      fc.boolean(),
    )
    .map(([columns, rows, header, cells, even]) =>
      node(
        'table',
        Array.from({ length: rows + 1 }, (_, row) =>
          node(
            'tableRow',
            Array.from({ length: columns }, (_, column) => {
              const [content, colspan, own] = cells[row * 3 + column] ?? [[], 1, null]
              const align = even ? (cells[column]?.[2] ?? null) : own
              return node(header && row === 0 ? 'tableHeader' : 'tableCell', content, {
                colspan: even ? 1 : colspan,
                rowspan: 1,
                ...(align === null ? {} : { align }),
              })
            }),
          ),
        ),
      ),
    )
}

const code = (inline: fc.Arbitrary<PmNode[]>) =>
  fc
    .tuple(
      maybe(fc.constantFrom('ts', 'c++', 'a b', '`')),
      fc.array(fc.constantFrom('x = 1', '', '  <y>', '```', '\t&', ' '), { maxLength: 4 }),
      fc.option(inline, { freq: 3, nil: [] }),
    )
    .map(([language, lines, more]) => {
      const text = lines.join('\n')
      const content: PmNode[] = [...(text === '' ? [] : [{ type: 'text', text }]), ...more]
      return node('codeBlock', content, { language })
    })

const video = fc
  .record({ src: address, title: maybe(fc.constant('T')), autoplay: maybe(fc.boolean()) })
  .chain((attrs) =>
    fc.constantFrom('video', 'audio', 'iframe', 'youtube').map((type) => node(type, [], attrs)),
  )

const tiptapLine = inlineOf(tiptapMark, atoms)
const textAlign = fc.constantFrom(null, null, null, 'center', 'x')

const tiptapLeaf = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(tiptapLine, textAlign)
      .map(([content, align]) =>
        node('paragraph', content, align === null ? {} : { textAlign: align }),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.integer({ min: 1, max: 6 }), tiptapLine)
      .map(([level, content]) => node('heading', content, { level })),
  },
  code(tiptapLine),
  image,
  fc
    .tuple(image, attrMark('link', { href: address }))
    .map(([one, mark]): PmNode => ({ ...one, marks: [mark] })),
  fc.constant(node('horizontalRule')),
  video,
  fc.constantFrom('2025-05-01').map((value) => node('date', [], { value })),
)

const docAttrs = fc.constantFrom<Attrs>(
  {},
  {},
  {},
  { layout: 'wide' },
  { frontmatter: 'title: x\nb: "c"' },
)

/** StarterKit with tables, tasks, images, links, mentions, alignment, colours, comments and media. */
const tiptap = fc
  .tuple(
    nested(tiptapLeaf, tiptapLine, (name) => name),
    docAttrs,
  )
  .map(([content, attrs]) => node('doc', content, attrs))

/** prosemirror-schema-basic and -list: other names for the same. */
const basicLine = inlineOf(
  fc.oneof(
    simpleMark('strong', 'em', 'code'),
    attrMark('link', { href: address, title: maybe(fc.constant('t')) }),
  ),
  fc.oneof(fc.constant(node('hard_break')), image),
)
const SNAKE: Readonly<Record<string, string>> = {
  bulletList: 'bullet_list',
  orderedList: 'ordered_list',
  listItem: 'list_item',
}
const basic = nested(
  fc.oneof(
    basicLine.map((content) => node('paragraph', content)),
    basicLine.map((content) => node('heading', content, { level: 2 })),
    fc.constant(node('horizontal_rule')),
    fc.constant(node('code_block', [{ type: 'text', text: 'a\n  b' }])),
  ),
  basicLine,
  (name) => SNAKE[name] ?? name,
).map((content) => node('doc', content))

/** BlockNote: every block in a container, its properties on it, marks with a value. */
const blockNoteLine = inlineOf(
  fc.oneof(
    simpleMark('bold', 'italic', 'underline', 'strike', 'code'),
    attrMark('textColor', { stringValue: fc.constantFrom('red', 'blue') }),
    attrMark('link', { href: address }),
  ),
  fc.oneof(fc.constant(node('hardBreak')), fc.constant(node('mention', [], { user: 'Ada' }))),
)
const look = fc.record({
  textColor: fc.constantFrom('default', 'red'),
  backgroundColor: fc.constant('default'),
  textAlignment: fc.constantFrom('left', 'center'),
})
const blockNoteBlock = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          'paragraph',
          'bulletListItem',
          'numberedListItem',
          'checkListItem',
          'quote',
        ),
        blockNoteLine,
        look,
      )
      .map(([type, content, attrs]) => node(type, content, attrs)),
  },
  fc
    .tuple(blockNoteLine, look)
    .map(([content, attrs]) => node('heading', content, { ...attrs, level: 2 })),
  fc
    .record({
      url: address,
      caption: fc.constantFrom('', 'Cap'),
      name: fc.constantFrom('', 'p.png'),
      previewWidth: fc.constant(240),
    })
    .chain((attrs) =>
      fc.constantFrom('image', 'video', 'file').map((type) => node(type, [], attrs)),
    ),
)
const { group: blockNoteGroup } = fc.letrec<{ group: PmNode; container: PmNode }>((tie) => ({
  group: fc
    .array(tie('container'), { minLength: 1, maxLength: 3 })
    .map((containers) => node('blockGroup', containers)),
  container: fc
    .tuple(blockNoteBlock, fc.option(tie('group'), { freq: 4, maxDepth: 2 }), fc.uuid())
    .map(([block, group, id]) =>
      node('blockContainer', group === null ? [block] : [block, group], { id }),
    ),
}))
const blockNote = blockNoteGroup.map((group) => node('doc', [group]))

/** What nobody's schema says: any node in any, with any attributes, known names in the wrong places too. */
const NAMES = [
  'callout',
  'own"><script>',
  'paragraph',
  'heading',
  'blockquote',
  'bulletList',
  'listItem',
]
const MORE = [
  'table',
  'tableRow',
  'tableCell',
  'codeBlock',
  'image',
  'hardBreak',
  'horizontalRule',
  'x-y',
  'video',
  'taskItem',
  'taskList',
  'mention',
]
const anyAttrs = fc.dictionary(
  fc.constantFrom(
    'a',
    'id',
    'src',
    'href',
    'level',
    'start',
    'checked',
    'align',
    'label',
    'nested',
  ),
  fc.oneof(
    fc.constantFrom<Json>(1, 0, -1.5, true, false, 'x', '', 'a\nb', '<i>', null, [1, null], {
      b: 'é',
    }),
    address,
  ),
  { maxKeys: 3 },
)
const anyMarks = marksOf(
  fc.oneof(
    tiptapMark,
    fc
      .tuple(fc.constantFrom('own', 'insertion', 'em'), anyAttrs)
      .map(([type, attrs]) => ({ type, attrs })),
  ),
)
const { tree: anyTree } = fc.letrec<{ tree: PmNode }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, depthSize: 'medium', withCrossShrink: true },
    fc
      .tuple(someText, fc.oneof(anyMarks, fc.constant({})))
      .map(([text, marks]) => ({ type: 'text', text, ...marks })),
    fc
      .tuple(
        fc.constantFrom(...NAMES, ...MORE),
        fc.array(tie('tree'), { maxLength: 3 }),
        anyAttrs,
        fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, anyMarks),
      )
      .map(([type, content, attrs, marks]) => ({
        ...node(type, content, attrs as Attrs),
        ...marks,
      })),
  ),
}))
const generic = fc
  .tuple(
    fc.array(anyTree, { minLength: 1, maxLength: 4 }),
    docAttrs,
    fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, anyMarks),
  )
  .map(([content, attrs, marks]): PmNode => ({ ...node('doc', content, attrs), ...marks }))

/** Random documents, by the schema that they are of. */
export const SCHEMAS: Readonly<Record<string, fc.Arbitrary<PmNode>>> = {
  'TipTap StarterKit and its extensions': tiptap,
  'prosemirror-schema-basic': basic,
  BlockNote: blockNote,
  'any nodes in any': generic,
}
