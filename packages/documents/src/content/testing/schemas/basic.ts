import fc from 'fast-check'
import { nested } from './blocks.ts'
import { address, attrMark, image, inlineOf, maybe, node, simpleMark } from './parts.ts'

/** prosemirror-schema-basic and -list: other names for the same nodes and marks. */
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
export const basic = nested(
  fc.oneof(
    basicLine.map((content) => node('paragraph', content)),
    basicLine.map((content) => node('heading', content, { level: 2 })),
    fc.constant(node('horizontal_rule')),
    fc.constant(node('code_block', [{ type: 'text', text: 'a\n  b' }])),
  ),
  basicLine,
  (name) => SNAKE[name] ?? name,
).map((content) => node('doc', content))
