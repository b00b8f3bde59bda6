import fc from 'fast-check'
import type { Json } from '../../json.ts'
import type { PmNode } from '../../prosemirror/nodes.ts'
import { type Attrs, address, docAttrs, marksOf, node, someText } from './parts.ts'
import { tiptapMark } from './tiptap.ts'

/** Names for documents that follow no schema: any node in any other, also known names in the wrong places. */
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
export const generic = fc
  .tuple(
    fc.array(anyTree, { minLength: 1, maxLength: 4 }),
    docAttrs,
    fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, anyMarks),
  )
  .map(([content, attrs, marks]): PmNode => ({ ...node('doc', content, attrs), ...marks }))
