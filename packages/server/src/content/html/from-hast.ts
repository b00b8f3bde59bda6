import type { Element, Nodes, Root } from 'hast'
import { canonicalName, type PmMark, type PmNode } from '../prosemirror/nodes.ts'
import { BlockList, paragraph } from './block-list.ts'
import { HTML_MARKS, HTML_NODES, type HtmlNode } from './nodes.ts'
import { GROUPS, KEEP_SPACE } from './sanitize.ts'
import { isTaskList, readTable, readTaskItem, textOf } from './structures.ts'
import { allAttrs, LEAF, MARK_NAME, NODE_NAME, readAttrs, storedName } from './unknown.ts'

/** What holds for everything inside of an element. */
interface Context {
  readonly marks: readonly PmMark[]
  /** White space counts as it stands. */
  readonly keepSpace: boolean
}

/** A sanitized HTML tree as a ProseMirror document of TipTap's nodes and marks. */
export const hastToProsemirror = (tree: Root): PmNode => ({
  type: 'doc',
  content: readBlocks(tree.children, { marks: [], keepSpace: false }),
})

/** TipTap's name of the node that an element is by its tag. */
const NODES_BY_TAG: Readonly<Record<string, string>> = {
  p: 'paragraph',
  ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((level) => [`h${level}`, 'heading'])),
  blockquote: 'blockquote',
  ul: 'bulletList',
  ol: 'orderedList',
  pre: 'codeBlock',
  hr: 'horizontalRule',
  table: 'table',
}

const MARKS_BY_TAG: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(HTML_MARKS).flatMap(([name, { tagName, also = [] }]) =>
    [tagName, ...also].map((tag) => [tag, name]),
  ),
)

/** The blocks in some elements; text among them becomes paragraphs. Never empty. */
function readBlocks(children: readonly Nodes[], context: Context): PmNode[] {
  const list = new BlockList(paragraph)
  for (const child of children) readInto(list, child, context)
  list.endLine()
  return list.blocks.length === 0 ? [paragraph()] : list.blocks
}

function readInto(list: BlockList, node: Nodes, outer: Context): void {
  if (node.type === 'text') list.addText(node.value, outer.marks, outer.keepSpace)
  if (node.type !== 'element') return
  const { tagName, children } = node
  const keepSpace = outer.keepSpace || node.properties.style === KEEP_SPACE
  const unknown = unknownName(node)
  const mark = readMark(node)
  if (unknown !== undefined) readUnknown(list, node, unknown, { ...outer, keepSpace })
  else if (tagName === 'br') list.addInline(named(node, { type: 'hardBreak' }))
  else if (tagName === 'img') readImage(list, node)
  else if (Object.hasOwn(NODES_BY_TAG, tagName)) {
    list.addBlock(...readKnown(node, { ...outer, keepSpace }))
  } else if (mark !== undefined) {
    const marks = outer.marks.some(({ type, attrs }) => isSame({ type, attrs }, mark))
      ? outer.marks
      : [...outer.marks, mark]
    for (const child of children) readInto(list, child, { marks, keepSpace })
  } else {
    const groups = GROUPS.includes(tagName) || tagName === 'li' || tagName === 'tr'
    if (groups) list.endLine()
    for (const child of children) readInto(list, child, { ...outer, keepSpace })
    if (groups) list.endLine()
  }
}

const isSame = (one: object, other: object): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

/** The name of a node that HTML has no element for. */
function unknownName(element: Element): string | undefined {
  const name = storedName(element, NODE_NAME)
  const isKnown = name === undefined || Object.hasOwn(HTML_NODES, canonicalName(name))
  return isKnown || name === 'text' || name === 'doc' ? undefined : name
}

function readUnknown(list: BlockList, element: Element, type: string, context: Context): void {
  const attrs = readAttrs(element)
  const node: PmNode = Object.keys(attrs).length > 0 ? { type, attrs } : { type }
  const isInline = element.tagName === 'span'
  const content = element.properties[LEAF] === undefined ? readMixed(element, context) : []
  const whole = content.length > 0 ? { ...node, content } : node
  if (isInline) list.addInline(whole)
  else list.addBlock(whole)
}

/** Blocks, or text alone when there are none. */
function readMixed(element: Element, context: Context): readonly PmNode[] {
  const list = new BlockList(paragraph)
  for (const child of element.children) readInto(list, child, { ...context, marks: [] })
  if (list.blocks.length === 0) return list.takeLine()
  list.endLine()
  return list.blocks
}

/** One that stood among text says so; any other is a block, as TipTap's is. */
function readImage(list: BlockList, element: Element): void {
  const image = withAttrs(element, 'image')
  if (image.attrs?.src === undefined) return
  const name = storedName(element, NODE_NAME)
  if (name === undefined) list.addBlock(image)
  else list.addInline(named(element, image))
}

/** The same under the name that it had in another schema. */
function named(element: Element, node: PmNode): PmNode {
  const name = storedName(element, NODE_NAME)
  const isAlias = name !== undefined && canonicalName(name) === node.type
  return isAlias ? { ...node, type: name } : node
}

function withAttrs(element: Element, type: string): PmNode {
  const attrs = allAttrs(element, HTML_NODES[type]?.read?.(element) ?? {})
  return Object.keys(attrs).length > 0 ? { type, attrs } : { type }
}

/** A block that HTML knows; several, when an image stood in a paragraph. */
function readKnown(element: Element, context: Context): PmNode[] {
  const type = NODES_BY_TAG[element.tagName] ?? 'paragraph'
  if (type === 'table') {
    return readTable(
      element,
      (cell, name) => readNode(cell, name, context),
      (caption) => readBlocks(caption.children, context),
    ).map((node) => (node.type === 'table' ? named(element, withStored(element, node)) : node))
  }
  if (type === 'bulletList' && isTaskList(element)) return [readList(element, 'taskList', context)]
  if (type === 'bulletList' || type === 'orderedList') return [readList(element, type, context)]
  if ((HTML_NODES[type] as HtmlNode).holds === 'inline')
    return readTextblock(element, type, context)
  return [readNode(element, type, context)]
}

function withStored(element: Element, node: PmNode): PmNode {
  const attrs = allAttrs(element, {})
  return Object.keys(attrs).length > 0 ? { ...node, attrs } : node
}

function readNode(element: Element, type: string, context: Context): PmNode {
  const node = named(element, withAttrs(element, type))
  const holds = (HTML_NODES[type] as HtmlNode).holds
  if (holds === 'nothing') return node
  if (holds === 'code') {
    const text = textOf(element)
    return text === '' ? node : { ...node, content: [{ type: 'text', text }] }
  }
  const keepSpace = context.keepSpace || element.properties.style === KEEP_SPACE
  const blocks = readBlocks(element.children, { ...context, keepSpace })
  const isFit = holds !== 'item' || canonicalName(blocks[0]?.type ?? '') === 'paragraph'
  return { ...node, content: isFit ? blocks : [paragraph(), ...blocks] }
}

function readTextblock(element: Element, type: string, context: Context): PmNode[] {
  const node = named(element, withAttrs(element, type))
  const list = new BlockList((content) => ({ ...node, content }))
  for (const child of element.children) readInto(list, child, context)
  list.endLine()
  return list.blocks.length === 0 ? [node] : list.blocks
}

function readList(element: Element, type: string, context: Context): PmNode {
  const items: PmNode[] = []
  const itemType = type === 'taskList' ? 'taskItem' : 'listItem'
  for (const child of element.children) {
    if (child.type === 'text' && child.value.trim() === '') continue
    if (child.type !== 'element' && child.type !== 'text') continue
    const item: Element =
      child.type === 'element' && child.tagName === 'li'
        ? child
        : { type: 'element', tagName: 'li', properties: {}, children: [child] }
    items.push(readNode(type === 'taskList' ? readTaskItem(item) : item, itemType, context))
  }
  const list = named(element, withAttrs(element, type))
  const nothing = { type: itemType, content: [paragraph()] }
  return { ...list, content: items.length === 0 ? [nothing] : items }
}

function readMark(element: Element): PmMark | undefined {
  const stored = storedName(element, MARK_NAME)
  const type = MARKS_BY_TAG[element.tagName]
  if (type === undefined) {
    // A name that HTML has an element for stands on that element, or is not believed.
    if (stored === undefined || Object.hasOwn(HTML_MARKS, canonicalName(stored))) return undefined
    const attrs = readAttrs(element)
    return Object.keys(attrs).length > 0 ? { type: stored, attrs } : { type: stored }
  }
  const attrs = allAttrs(element, HTML_MARKS[type]?.read?.(element) ?? {})
  if (type === 'link' && attrs.href === undefined) return undefined
  const name = stored !== undefined && canonicalName(stored) === type ? stored : type
  return Object.keys(attrs).length > 0 ? { type: name, attrs } : { type: name }
}
