import fc from 'fast-check'
import type { PmMark, PmNode } from '../../prosemirror/nodes.ts'
import { nested } from './blocks.ts'
import { address, attrMark, docAttrs, image, inlineOf, maybe, node, simpleMark } from './parts.ts'

const COLOURS = ['red', '#ff0000', 'rgb(1, 2, 3)', 'url(javascript:alert(1))', 'x;y:z', 'var(--a)']

export const tiptapMark: fc.Arbitrary<PmMark> = fc.oneof(
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

/** StarterKit with tables, tasks, images, links, mentions, alignment, colours, comments and media. */
export const tiptap = fc
  .tuple(
    nested(tiptapLeaf, tiptapLine, (name) => name),
    docAttrs,
  )
  .map(([content, attrs]) => node('doc', content, attrs))
