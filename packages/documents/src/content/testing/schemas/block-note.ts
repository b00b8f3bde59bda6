import fc from 'fast-check'
import type { PmNode } from '../../prosemirror/nodes.ts'
import { address, attrMark, inlineOf, node, simpleMark } from './parts.ts'

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
export const blockNote = blockNoteGroup.map((group) => node('doc', [group]))
