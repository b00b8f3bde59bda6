import type { Element, Nodes, Root } from 'hast'
import type { Losses } from '../losses.ts'
import { type Attrs, canonicalName, type PmMark, type PmNode } from '../prosemirror/nodes.ts'
import { BlockList, paragraph } from './block-list.ts'
import { addMarks } from './from-marks.ts'
import { HTML_NODES, type HtmlNode } from './nodes.ts'
import { GROUPS } from './sanitize.ts'
import { isElement, isTaskList, readItemState, readTable } from './structures.ts'
import { stylesOf } from './styles.ts'
import { allAttrs, EXACT, LEAF, NODE_NAME, readAttrs, readMarks, storedName } from './unknown.ts'

/** The settings for everything inside an element. */
interface Context {
  readonly marks: readonly PmMark[]
  /** White space is kept unchanged. */
  readonly keepSpace: boolean
  /**
   * In code, only elements with one of our names are nodes or marks. Other elements come from a syntax
   * highlighter and are read as text.
   */
  readonly inCode: boolean
  readonly losses: Losses
}

/** A sanitized HTML tree as a ProseMirror document of TipTap's nodes and marks. */
export function hastToProsemirror(tree: Root, losses: Losses): PmNode {
  const context: Context = { marks: [], keepSpace: false, inCode: false, losses }
  const own = wholeDocument(tree)
  if (own === undefined) return { type: 'doc', content: readBlocks(tree.children, context) }
  const doc = generic(own, 'doc', { ...context, keepSpace: isKeepingSpace(own) })
  const marks = readMarks(own, losses)
  return {
    ...doc,
    content: doc.content ?? [paragraph()],
    ...(marks.length > 0 ? { marks } : {}),
  }
}

/** The element that holds the attributes of the document, which a fragment cannot express. */
function wholeDocument({ children }: Root): Element | undefined {
  const parts = children.filter((child) => child.type !== 'text' || child.value.trim() !== '')
  const [only] = parts
  const isOwn = parts.length === 1 && only?.type === 'element' && only.tagName === 'div'
  return isOwn && storedName(only, NODE_NAME) === 'doc' ? only : undefined
}

/** TipTap's names of nodes by tag. */
const NODES_BY_TAG: Readonly<Record<string, string>> = {
  p: 'paragraph',
  ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((level) => [`h${level}`, 'heading'])),
  blockquote: 'blockquote',
  ul: 'bulletList',
  ol: 'orderedList',
  pre: 'codeBlock',
  hr: 'horizontalRule',
  table: 'table',
  video: 'video',
  audio: 'audio',
}

/** Reads children as blocks; text among them becomes paragraphs. Never empty. */
function readBlocks(children: readonly Nodes[], context: Context): PmNode[] {
  const blocks = blocksIn(children, context)
  return blocks.length === 0 ? [paragraph()] : blocks
}

function blocksIn(children: readonly Nodes[], context: Context): PmNode[] {
  const list = new BlockList(paragraph)
  for (const child of children) readInto(list, child, context)
  list.endLine()
  return list.blocks
}

/** True if the style of the element preserves white space. */
const isKeepingSpace = (element: Element): boolean =>
  stylesOf(element)['white-space'] === 'pre-wrap'

/**
 * Reads a node into the list. The marks of surrounding elements apply to text, inline nodes and images, not
 * to other blocks.
 */
function readInto(list: BlockList, node: Nodes, outer: Context): void {
  if (node.type === 'text') list.addText(node.value, outer.marks, outer.keepSpace)
  if (node.type !== 'element') return
  const { tagName, children } = node
  const keepSpace = outer.keepSpace || isKeepingSpace(node)
  const context = { ...outer, keepSpace }
  const name = genericName(node)
  if (name !== undefined) readGeneric(list, node, name, context)
  else if (tagName === 'br') readBreak(list, node, context)
  else if (tagName === 'img') readImage(list, node, context)
  else if (Object.hasOwn(NODES_BY_TAG, tagName) && !outer.inCode) {
    list.addBlock(...readKnown(node, { ...context }))
  } else {
    const marks = addMarks(outer.marks, node, outer.inCode, outer.losses)
    const groups = GROUPS.includes(tagName) || tagName === 'li' || tagName === 'tr'
    const isBlock = groups && marks === outer.marks
    if (isBlock) list.endLine()
    for (const child of children) readInto(list, child, { ...context, marks })
    if (isBlock) list.endLine()
  }
}

/** The node name that is stored in a `span` or `div`, which have no meaning of their own. */
function genericName(element: Element): string | undefined {
  if (!isElement(element, 'span', 'div')) return undefined
  const name = storedName(element, NODE_NAME)
  if (name === 'text' || name === 'doc') return undefined
  // HTML that was copied from TipTap.
  const isMention = element.tagName === 'span' && element.properties.dataType === 'mention'
  return name ?? (isMention ? 'mention' : undefined)
}

function readGeneric(list: BlockList, element: Element, type: string, context: Context): void {
  const node = generic(element, type, context)
  if (element.tagName === 'span') {
    list.addInline(node, context.marks)
    return
  }
  const marks = readMarks(element, context.losses)
  list.addBlock(marks.length > 0 ? { ...node, marks } : node)
}

function generic(element: Element, type: string, context: Context): PmNode {
  const own = storedName(element, NODE_NAME) !== undefined
  const attrs = own ? readAttrs(element, type, context.losses) : mentionAttrs(element)
  const node: PmNode = Object.keys(attrs).length > 0 ? { type, attrs } : { type }
  const isLeaf = !own || element.properties[LEAF] !== undefined
  const content = isLeaf ? [] : readMixed(element, context)
  return content.length > 0 ? { ...node, content } : node
}

function mentionAttrs({ properties }: Element): Attrs {
  const said = {
    id: properties.dataId,
    label: properties.dataLabel,
    mentionSuggestionChar: properties.dataMentionSuggestionChar,
  }
  return Object.fromEntries(
    Object.entries(said).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** Reads blocks, or only text if there are no blocks. */
function readMixed(element: Element, context: Context): readonly PmNode[] {
  const list = new BlockList(paragraph)
  for (const child of element.children) readInto(list, child, { ...context, marks: [] })
  if (list.blocks.length === 0) return list.takeLine()
  list.endLine()
  return list.blocks
}

/** A break has marks only if its element names them; an editor's own HTML does not. */
function readBreak(list: BlockList, element: Element, context: Context): void {
  const isOwn = storedName(element, NODE_NAME) !== undefined
  if (context.inCode && !isOwn) {
    list.addText('\n', context.marks, true)
    return
  }
  const attrs = allAttrs(element, 'hardBreak', {}, context.losses)
  const node = named(element, {
    type: 'hardBreak',
    ...(Object.keys(attrs).length > 0 && { attrs }),
  })
  list.addInline(node, isOwn ? context.marks : [])
}

/**
 * An image is inline only if the element stores its node name. Any other image is a block, as in
 * TipTap.
 */
function readImage(list: BlockList, element: Element, context: Context): void {
  const image = withAttrs(element, 'image', context)
  const { attrs = {} } = image
  const isSaid = Object.keys(attrs).length > 0 || element.properties[EXACT] !== undefined
  const name = storedName(element, NODE_NAME)
  if (!isSaid && name === undefined) return
  // BlockNote's images have a url, which HTML expresses as the source.
  const { src, ...others } = attrs
  const whole = src !== undefined && src === attrs.url ? { ...image, attrs: others } : image
  if (name === undefined) {
    list.addBlock(context.marks.length > 0 ? { ...whole, marks: context.marks } : whole)
  } else list.addInline(named(element, whole), context.marks)
}

/** Restores the name that the node had in another schema. */
function named(element: Element, node: PmNode): PmNode {
  const name = storedName(element, NODE_NAME)
  const isAlias = name !== undefined && canonicalName(name) === node.type
  return isAlias ? { ...node, type: name } : node
}

function withAttrs(element: Element, type: string, { losses }: Context): PmNode {
  const attrs = allAttrs(element, type, HTML_NODES[type]?.read?.(element) ?? {}, losses)
  return Object.keys(attrs).length > 0 ? { type, attrs } : { type }
}

/** The node of an element, without its content: name, attributes and marks. */
function opened(element: Element, type: string, context: Context): PmNode {
  const node = named(element, withAttrs(element, type, context))
  const marks = readMarks(element, context.losses)
  return marks.length > 0 ? { ...node, marks } : node
}

/**
 * Reads a block element of HTML. Returns several blocks if a paragraph contains an image, or a table
 * has a caption.
 */
function readKnown(element: Element, context: Context): PmNode[] {
  const type = NODES_BY_TAG[element.tagName] ?? 'paragraph'
  if (type === 'table') {
    return readTable(element, {
      table: (content) => ({ ...opened(element, type, context), content }),
      row: (row, content) => ({ ...opened(row, 'tableRow', context), content }),
      cell: (cell, name) => readNode(cell, name, context),
      caption: (caption) => readBlocks(caption.children, context),
    })
  }
  if (type === 'bulletList' && isTaskList(element)) return [readList(element, 'taskList', context)]
  if (type === 'bulletList' || type === 'orderedList') return [readList(element, type, context)]
  if ((HTML_NODES[type] as HtmlNode).holds === 'inline') {
    return readTextblock(element, type, context)
  }
  return [readNode(element, type, context)]
}

function readNode(element: Element, type: string, context: Context): PmNode {
  const node = opened(element, type, context)
  const holds = (HTML_NODES[type] as HtmlNode).holds
  if (holds === 'nothing') return node
  if (holds === 'code') {
    const inside = { ...context, marks: [], keepSpace: true, inCode: true }
    const content = readMixed(element, inside)
    return content.length === 0 ? node : { ...node, content }
  }
  const inside = { ...context, keepSpace: context.keepSpace || isKeepingSpace(element) }
  if (element.properties[EXACT] !== undefined) {
    const content = blocksIn(element.children, inside)
    return content.length === 0 ? node : { ...node, content }
  }
  const blocks = readBlocks(element.children, inside)
  const isFit = holds !== 'item' || canonicalName(blocks[0]?.type ?? '') === 'paragraph'
  return { ...node, content: isFit ? blocks : [paragraph(), ...blocks] }
}

function readTextblock(element: Element, type: string, context: Context): PmNode[] {
  const node = opened(element, type, context)
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
    const item: Element = isElement(child, 'li')
      ? child
      : { type: 'element', tagName: 'li', properties: {}, children: [child] }
    items.push(readNode(readItemState(item), itemType, context))
  }
  const list = opened(element, type, context)
  const nothing = { type: itemType, content: [paragraph()] }
  return { ...list, content: items.length === 0 ? [nothing] : items }
}
