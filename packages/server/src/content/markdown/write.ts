import type { Element } from 'hast'
import type { BlockContent, List, ListItem, Paragraph, RootContent } from 'mdast'
import { blockToHast, prosemirrorToHast } from '../html/to-hast.ts'
import { Losses } from '../losses.ts'
import { cleanNode } from '../prosemirror/clean.ts'
import { canonicalName, isInline, isTextblock, type PmNode } from '../prosemirror/nodes.ts'
import { htmlOf, renamed, tagsOf } from './inline.ts'
import { hasOnly, serialize } from './serialize.ts'
import { signsOf } from './signs.ts'

/** Markdown's front matter is this attribute of the document. */
const MATTER = 'frontmatter'

/**
 * A ProseMirror document as GitHub Flavored Markdown. What that has no signs for is HTML among it, as
 * little as possible: a word, a paragraph, or the element around some blocks.
 */
export function prosemirrorToMarkdown(doc: PmNode, losses: Losses = new Losses()): string {
  const clean = cleanNode(doc, losses)
  const { attrs = {}, content = [], marks = [] } = clean
  const { [MATTER]: matter, ...others } = attrs
  const isMatter = typeof matter === 'string' && !/^---[ \t]*$/m.test(matter) && !/\r/.test(matter)
  const yaml: RootContent[] = isMatter ? [{ type: 'yaml', value: matter }] : []
  const rest = isMatter ? others : attrs
  const isOwn = Object.values(rest).some((value) => value !== null) || marks.length > 0
  return serialize([...yaml, ...rootOf({ ...clean, attrs: rest }, isOwn, content, losses)])
}

function rootOf(
  doc: PmNode,
  isOwn: boolean,
  content: readonly PmNode[],
  losses: Losses,
): RootContent[] {
  if (content.some(isInline)) {
    return [{ type: 'html', value: htmlOf(...(prosemirrorToHast(doc).children as Element[])) }]
  }
  // A new document of an editor is one empty paragraph, as is what an empty file becomes.
  if (!isOwn && content.length === 1 && isEmptyParagraph(content[0])) return []
  const blocks = content.flatMap((child) => blocksOf(child, losses))
  if (!isOwn) return blocks
  return wrapped(
    prosemirrorToHast({ ...doc, content: [{ type: 'paragraph' }] }).children[0] as Element,
    blocks,
  )
}

const isEmptyParagraph = (node: PmNode | undefined): boolean =>
  node?.type === 'paragraph' &&
  (node.content ?? []).every(({ text }) => text === '') &&
  Object.values(node.attrs ?? {}).every((value) => value === null) &&
  (node.marks ?? []).length === 0

/** An element whose content is Markdown: empty lines lie between them. */
function wrapped<T extends RootContent>(open: Element, blocks: readonly T[]): RootContent[] {
  const [start, end] = tagsOf(open)
  return [{ type: 'html', value: start }, ...blocks, { type: 'html', value: end }]
}

const asHtml = (node: PmNode): BlockContent => ({
  type: 'html',
  value: htmlOf(blockToHast(node)),
})

/** A block as Markdown says it; the losses of a form that does not fit are not counted. */
function blocksOf(node: PmNode, losses: Losses): BlockContent[] {
  const name = canonicalName(node.type)
  const isBare = hasOnly(node, name === 'orderedList' ? ['start', 'type'] : [])
  if (isBare && name === 'blockquote' && isFilled(node)) {
    renamed(node.type, (kind, type) => losses.add(kind, type))
    const children = (node.content ?? []).flatMap((child) => blocksOf(child, losses))
    return [{ type: 'blockquote', children }]
  }
  if (isBare && Object.hasOwn(ITEMS, name)) {
    const list = listOf(node, name, losses)
    if (list !== null) return [list]
  }
  const signs = signsOf(node, losses)
  if (signs !== null) return [signs]
  return isWrapping(node, name) ? wrappedBlocks(node, losses) : [asHtml(node)]
}

const isFilled = ({ content = [] }: PmNode): boolean =>
  content.length > 0 && !content.some(isInline)

/** Nodes that are only an element around blocks. Those of tables and lists are told with them. */
const isWrapping = (node: PmNode, name: string): boolean =>
  isFilled(node) && !isTextblock(node) && !NOT_WRAPPED.has(name)

const NOT_WRAPPED = new Set(['table', 'image', 'bulletList', 'orderedList', 'taskList'])

function wrappedBlocks(node: PmNode, losses: Losses): BlockContent[] {
  const open = blockToHast({ ...node, content: [{ type: 'paragraph' }] }) as Element
  const blocks = (node.content ?? []).flatMap((child) => blocksOf(child, losses))
  return wrapped(open, blocks) as BlockContent[]
}

const ITEMS: Readonly<Record<string, string>> = {
  bulletList: 'listItem',
  orderedList: 'listItem',
  taskList: 'taskItem',
}

/** The highest number that Markdown's lists begin with. */
const MAX_START = 999_999_999

function listOf(list: PmNode, name: string, losses: Losses): List | null {
  const { attrs = {}, content = [] } = list
  const start = attrs.start ?? 1
  const isNumber = typeof start === 'number' && Number.isInteger(start)
  if ((attrs.type ?? null) !== null || !isNumber || start < 0 || start > MAX_START) return null
  if (name === 'bulletList' && content.every(({ attrs }) => typeof attrs?.checked === 'boolean')) {
    // With a box in each of its items it would be a task list.
    return null
  }
  if (content.length === 0 || !content.every((item) => isItem(item, ITEMS[name] ?? ''))) return null
  const lose = new Losses()
  renamed(list.type, (kind, type) => lose.add(kind, type))
  const children: ListItem[] = []
  for (const item of content) {
    const one = itemOf(item, name === 'taskList', lose)
    if (one === null) return null
    children.push(one)
  }
  losses.addAll(lose)
  const isShort = children.every(isShortItem)
  // Only a list that begins with 1 follows a line of text without an empty line.
  for (const item of children) item.spread = !isShort || item.children.some(beginsLater)
  const ordered = name === 'orderedList'
  return { type: 'list', ordered, ...(ordered && { start }), spread: !isShort, children }
}

function isItem(item: PmNode, type: string): boolean {
  const first = item.content?.[0]
  return (
    canonicalName(item.type) === type &&
    hasOnly(item, ['checked']) &&
    isFilled(item) &&
    canonicalName(first?.type ?? '') === 'paragraph'
  )
}

function itemOf(item: PmNode, isTask: boolean, losses: Losses): ListItem | null {
  const { attrs = {}, content = [] } = item
  const checked = isTask ? attrs.checked === true : (attrs.checked ?? undefined)
  const hasBox = typeof checked === 'boolean'
  if (!hasBox && checked !== undefined) return null
  if (isTask && typeof (attrs.checked ?? false) !== 'boolean') return null
  renamed(item.type, (kind, type) => losses.add(kind, type))
  const children = content.flatMap((child) => blocksOf(child, losses))
  // A box stands in front of text alone.
  if (hasBox && children[0]?.type !== 'paragraph') return null
  return { type: 'listItem', ...(hasBox && { checked }), children }
}

/** One line, and perhaps lists below it. */
const isShortItem = ({ children: [line, ...below] }: ListItem): boolean =>
  line?.type === 'paragraph' && below.every(({ type }) => type === 'list') && !isHtml(line)

const beginsLater = (block: ListItem['children'][number]): boolean =>
  block.type === 'list' && block.ordered === true && block.start !== 1

const isHtml = ({ children: [first] }: Paragraph): boolean => first?.type === 'html'
