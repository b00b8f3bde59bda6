import type { Element } from 'hast'
import type { BlockContent, List, ListItem, Paragraph, RootContent } from 'mdast'
import { blockToHast, prosemirrorToHast } from '../html/to-hast.ts'
import { Losses } from '../losses.ts'
import { cleanNode } from '../prosemirror/clean.ts'
import { canonicalName, isInline, isTextblock, type PmNode } from '../prosemirror/nodes.ts'
import { htmlOf, renamed, tagsOf } from './inline.ts'
import { provenSigns } from './proof.ts'
import { hasOnly, serialize } from './serialize.ts'
import type { Signs } from './signs.ts'

/** Markdown's front matter is this attribute of the document. */
const MATTER = 'frontmatter'

/**
 * A ProseMirror document as GitHub Flavored Markdown. Content without Markdown syntax becomes HTML, as
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
  const work = { losses, signs: provenSigns(clean) }
  return serialize([...yaml, ...rootOf({ ...clean, attrs: rest }, isOwn, content, work)])
}

/** The state of one export. */
interface Work {
  readonly losses: Losses
  /** The blocks that Markdown's syntax expresses. */
  readonly signs: ReadonlyMap<PmNode, Signs>
}

function rootOf(
  doc: PmNode,
  isOwn: boolean,
  content: readonly PmNode[],
  work: Work,
): RootContent[] {
  if (content.some(isInline)) {
    return [{ type: 'html', value: htmlOf(...(prosemirrorToHast(doc).children as Element[])) }]
  }
  // A new document of an editor is one empty paragraph, and so is an imported empty file.
  if (!isOwn && content.length === 1 && isEmptyParagraph(content[0])) return []
  const blocks = content.flatMap((child) => blocksOf(child, work))
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

/** An HTML element whose content is Markdown; empty lines separate the two. */
function wrapped<T extends RootContent>(open: Element, blocks: readonly T[]): RootContent[] {
  const [start, end] = tagsOf(open)
  return [{ type: 'html', value: start }, ...blocks, { type: 'html', value: end }]
}

const asHtml = (node: PmNode): BlockContent => ({
  type: 'html',
  value: htmlOf(blockToHast(node)),
})

/** A block in Markdown; the losses of a rejected form are not counted. */
function blocksOf(node: PmNode, work: Work): BlockContent[] {
  const name = canonicalName(node.type)
  const isBare = hasOnly(node, name === 'orderedList' ? ['start', 'type'] : [])
  if (isBare && name === 'blockquote' && isFilled(node)) {
    renamed(node.type, (kind, type) => work.losses.add(kind, type))
    const children = (node.content ?? []).flatMap((child) => blocksOf(child, work))
    return [{ type: 'blockquote', children }]
  }
  if (isBare && Object.hasOwn(ITEMS, name)) {
    const list = listOf(node, name, work)
    if (list !== null) return [list]
  }
  const signs = work.signs.get(node)
  if (signs !== undefined) {
    work.losses.addAll(signs.losses)
    return [signs.block]
  }
  return isWrapping(node, name) ? wrappedBlocks(node, work) : [asHtml(node)]
}

const isFilled = ({ content = [] }: PmNode): boolean =>
  content.length > 0 && !content.some(isInline)

/** True for a node that is only an element around blocks. Tables and lists have their own rules. */
const isWrapping = (node: PmNode, name: string): boolean =>
  isFilled(node) && !isTextblock(node) && !NOT_WRAPPED.has(name)

const NOT_WRAPPED = new Set(['table', 'image', 'bulletList', 'orderedList', 'taskList'])

function wrappedBlocks(node: PmNode, work: Work): BlockContent[] {
  const open = blockToHast({ ...node, content: [{ type: 'paragraph' }] }) as Element
  const blocks = (node.content ?? []).flatMap((child) => blocksOf(child, work))
  return wrapped(open, blocks) as BlockContent[]
}

const ITEMS: Readonly<Record<string, string>> = {
  bulletList: 'listItem',
  orderedList: 'listItem',
  taskList: 'taskItem',
}

/** The highest number with which a Markdown list can begin. */
const MAX_START = 999_999_999

function listOf(list: PmNode, name: string, work: Work): List | null {
  const { attrs = {}, content = [] } = list
  const start = attrs.start ?? 1
  const isNumber = typeof start === 'number' && Number.isInteger(start)
  if ((attrs.type ?? null) !== null || !isNumber || start < 0 || start > MAX_START) return null
  if (name === 'bulletList' && content.every(({ attrs }) => typeof attrs?.checked === 'boolean')) {
    // A bullet list in which every item has a check box would be read as a task list.
    return null
  }
  if (content.length === 0 || !content.every((item) => isItem(item, ITEMS[name] ?? ''))) return null
  const losses = new Losses()
  renamed(list.type, (kind, type) => losses.add(kind, type))
  const children: ListItem[] = []
  for (const item of content) {
    const one = itemOf(item, name === 'taskList', { ...work, losses })
    if (one === null) return null
    children.push(one)
  }
  work.losses.addAll(losses)
  const isShort = children.every(isShortItem)
  // Only a list that begins with 1 may follow a line of text without an empty line between them.
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

function itemOf(item: PmNode, isTask: boolean, work: Work): ListItem | null {
  const { attrs = {}, content = [] } = item
  const checked = isTask ? attrs.checked === true : (attrs.checked ?? undefined)
  const hasBox = typeof checked === 'boolean'
  if (!hasBox && checked !== undefined) return null
  if (isTask && typeof (attrs.checked ?? false) !== 'boolean') return null
  renamed(item.type, (kind, type) => work.losses.add(kind, type))
  const children = content.flatMap((child) => blocksOf(child, work))
  // A check box can only precede text.
  if (hasBox && children[0]?.type !== 'paragraph') return null
  return { type: 'listItem', ...(hasBox && { checked }), children }
}

/** True if the item is one line, optionally with lists below it. */
const isShortItem = ({ children: [line, ...below] }: ListItem): boolean =>
  line?.type === 'paragraph' && below.every(({ type }) => type === 'list') && !isHtml(line)

const beginsLater = (block: ListItem['children'][number]): boolean =>
  block.type === 'list' && block.ordered === true && block.start !== 1

const isHtml = ({ children: [first] }: Paragraph): boolean => first?.type === 'html'
