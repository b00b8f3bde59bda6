import * as Y from 'yjs'
import { isObject, type Json, mapValues, toJson } from '../json.ts'
import { type DeltaOp, deltaOf, valueToJson } from '../shared-values.ts'
import { blockTextToNodes, decoratorToNode, isBlockText } from './lexical.ts'
import { type Attrs, EMBED, MARK_ATTR, type PmMark, type PmNode } from './nodes.ts'

/** Marks that may occur twice on one text have a hash after their name. */
const HASHED_MARK = /^(.*)--[a-zA-Z0-9+/=]{8}$/s

/** An xml fragment as the JSON of y-prosemirror (y-tiptap), without a schema. */
export const fragmentToProsemirror = (fragment: Y.XmlFragment): PmNode => ({
  type: 'doc',
  ...attrsAndMarks(Y.XmlElement.prototype.getAttributes.call(fragment)),
  content: fragment.toArray().flatMap(nodesOf),
})

/** The nodes of one child: one node for an element, and one for each run of marks of a text. */
export function nodesOf(child: unknown): PmNode[] {
  if (child instanceof Y.XmlText) {
    if (isBlockText(child)) return blockTextToNodes(child, nodesOf)
    return deltaOf(child).map(textNode)
  }
  if (child instanceof Y.XmlHook) {
    const attrs = Object.fromEntries([...child].map(([key, value]) => [key, valueToJson(value)]))
    return [{ type: child.hookName, ...withAttrs(attrs) }]
  }
  if (!(child instanceof Y.XmlElement)) return []
  const decorator = decoratorToNode(child)
  if (decorator !== null) return [decorator]
  const children = child.toArray()
  return [
    {
      type: child.nodeName,
      ...attrsAndMarks(child.getAttributes()),
      ...(children.length > 0 ? { content: children.flatMap(nodesOf) } : {}),
    },
  ]
}

/** Splits the entries of an element into attributes and marks; marks have a name prefix. */
function attrsAndMarks(entries: object): Pick<PmNode, 'attrs' | 'marks'> {
  const attrs: Record<string, Json> = {}
  const marks: PmMark[] = []
  for (const [name, value] of Object.entries(entries)) {
    if (name.startsWith(MARK_ATTR)) marks.push(markOf(name.slice(MARK_ATTR.length), value))
    else attrs[name] = valueToJson(value)
  }
  return { ...withAttrs(attrs), ...(marks.length > 0 ? { marks } : {}) }
}

const withAttrs = (attrs: Attrs): { attrs?: Attrs } =>
  Object.keys(attrs).length > 0 ? { attrs } : {}

function textNode({ insert, attributes }: DeltaOp): PmNode {
  const marks = Object.entries(attributes ?? {}).map(([name, value]) => markOf(name, value))
  const node: PmNode =
    typeof insert === 'string'
      ? { type: 'text', text: insert }
      : { type: EMBED, attrs: { value: valueToJson(insert) } }
  return attributes === undefined ? node : { ...node, marks }
}

function markOf(name: string, value: unknown): PmMark {
  const attrs = isObject(value) ? mapValues(value, toJson) : { value: toJson(value) }
  return { type: HASHED_MARK.exec(name)?.[1] ?? name, attrs }
}

/** True if ProseMirror JSON can express the whole fragment. Lexical writes other documents. */
export const isProsemirror = (fragment: Y.XmlFragment): boolean =>
  fragment.toArray().every((child) => {
    if (child instanceof Y.XmlText) return !isBlockText(child)
    return child instanceof Y.XmlElement && decoratorToNode(child) === null && isProsemirror(child)
  })
