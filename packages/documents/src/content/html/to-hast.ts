import type { Element, ElementContent, Properties, Root } from 'hast'
import {
  type Attrs,
  canonicalName,
  isInline,
  isTextblock,
  labelOf,
  type PmMark,
  type PmNode,
} from '../prosemirror/nodes.ts'
import { figureOf, shownCaption } from './captions.ts'
import { HTML_MARKS } from './marks.ts'
import { CHILDREN, HTML_NODES, type HtmlNode, ONLY_CHILDREN } from './nodes.ts'
import { KEEP_SPACE } from './sanitize.ts'
import { parseStyles, writeStyles } from './styles.ts'
import {
  EXACT,
  LEAF,
  MARK_NAME,
  NODE_NAME,
  storeAttrs,
  storeMarks,
  unsaidAttrs,
} from './unknown.ts'
import { losesSpace } from './whitespace.ts'

/** A clean ProseMirror document (see clean.ts) as an HTML tree. */
export function prosemirrorToHast(doc: PmNode): Root {
  const { attrs = {}, content = [], marks = [] } = doc
  const isFragment =
    Object.values(attrs).every((value) => value === null) &&
    marks.length === 0 &&
    !content.some(isInline)
  // An HTML fragment has no place for attributes of the document itself.
  return {
    type: 'root',
    children: isFragment ? content.map((child) => blockToHast(child)) : [genericToHast(doc, 'div')],
  }
}

const element = (
  tagName: string,
  properties: Properties,
  children: ElementContent[] = [],
): Element => ({ type: 'element', tagName, properties, children })

/** True if the node's own element can hold the node's content unchanged when it is read back. */
function fits(node: PmNode, known: HtmlNode): boolean {
  const { content = [] } = node
  if (known.holds === 'nothing') return content.length === 0
  if (known.holds === 'blocks' || known.holds === 'item') return !content.some(isInline)
  if (known.holds !== 'children') return true
  const names = CHILDREN[canonicalName(node.type)] ?? []
  return (
    content.length > 0 &&
    content.every((child) => {
      const name = canonicalName(child.type)
      return names.includes(name) && fits(child, HTML_NODES[name] as HtmlNode)
    })
  )
}

/**
 * @param parent the canonical name of the parent node, if the parent is written as its own HTML
 * element
 */
export function blockToHast(node: PmNode, parent?: string): ElementContent {
  const name = canonicalName(node.type)
  const known = Object.hasOwn(HTML_NODES, name) ? HTML_NODES[name] : undefined
  const { content = [], marks = [] } = node
  if (known === undefined || name === 'hardBreak' || !fits(node, known)) {
    return genericToHast(node, 'div')
  }
  const isPlaced = parent !== undefined && CHILDREN[parent]?.includes(name) === true
  if (ONLY_CHILDREN.has(name) && !isPlaced) return genericToHast(node, 'div')
  if (name === 'image') return imageToHast(node)
  const open = opened(node, known)
  Object.assign(open.properties, storeMarks(marks))
  if (known.holds === 'inline' || known.holds === 'code') {
    const line = inlineToHast(content, { inLink: false, inCode: known.holds === 'code' })
    open.children = known.holds === 'code' ? [codeElement(node, line)] : line
    if (known.holds === 'inline') keepSpace(open, content)
    return withUnsaid(open, node, known)
  }
  open.children = content.map((child) => blockToHast(child, name))
  if (name === 'table') open.children = [element('tbody', {}, open.children)]
  const first = canonicalName(content[0]?.type ?? '')
  const isPadded = known.holds === 'item' ? first !== 'paragraph' : content.length === 0
  if (isPadded && known.holds !== 'nothing') open.properties[EXACT] = ''
  if (open.properties.dataChecked !== undefined) addCheckbox(open)
  return withUnsaid(open, node, known)
}

/** An image among blocks: inside a link if it has that mark, and in a figure if it has a caption. */
function imageToHast(node: PmNode): ElementContent {
  const known = HTML_NODES.image as HtmlNode
  const { marks = [], attrs: { caption = null, ...others } = {} } = node
  const words = shownCaption(caption)
  const isSaid = words !== '' && words === caption
  const image = withUnsaid(opened(node, known), isSaid ? { attrs: others } : node, known)
  // A reader ignores an image without properties. This property marks the image as content.
  if (Object.keys(image.properties).length === 0) image.properties[EXACT] = ''
  const marked = [...marks].sort(byRank).reduceRight<Element>((inner, mark) => {
    const open = markToHast(mark, { inLink: false, inCode: false })
    open.children = [inner]
    return open
  }, image)
  return words === '' ? marked : figureOf(marked, words)
}

function opened(node: PmNode, known: HtmlNode): Element {
  const { attrs = {} } = node
  const tagName = typeof known.tagName === 'string' ? known.tagName : known.tagName(attrs)
  const properties = defined(known.write?.(attrs) ?? {})
  // Another schema's name for the same node.
  if (canonicalName(node.type) !== node.type) properties[NODE_NAME] = node.type
  return element(tagName, properties)
}

const defined = (properties: Properties): Properties =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined))

function keepSpace(open: Element, content: readonly PmNode[]): void {
  if (!losesSpace(content)) return
  const { styles } = parseStyles(String(open.properties.style ?? ''))
  open.properties.style = writeStyles({ ...parseStyles(KEEP_SPACE).styles, ...styles })
}

function withUnsaid(
  open: Element,
  { attrs = {} }: { readonly attrs?: Attrs },
  known: Pick<HtmlNode, 'read'>,
): Element {
  const given = Object.entries(attrs).filter(([, value]) => value !== null)
  Object.assign(open.properties, unsaidAttrs(Object.fromEntries(given), known.read?.(open) ?? {}))
  return open
}

function codeElement({ attrs = {} }: PmNode, children: ElementContent[]): Element {
  const { language } = attrs
  const isName = typeof language === 'string' && /^[!-~]+$/.test(language)
  return element('code', isName ? { className: [`language-${language}`] } : {}, children)
}

/** Adds the check box before the text, as GitHub does; TipTap reads the state from the item. */
function addCheckbox(item: Element): void {
  const isChecked = item.properties.dataChecked === 'true'
  const box = element('input', {
    type: 'checkbox',
    disabled: true,
    ...(isChecked ? { checked: true } : {}),
  })
  const [first] = item.children
  const line = first?.type === 'element' && first.tagName === 'p' ? first : item
  line.children = [box, ...line.children]
}

/** A node in an element without a meaning of its own: `span` in text, `div` between blocks. */
function genericToHast(node: PmNode, tagName: 'div' | 'span', inside: Inside = OUTSIDE): Element {
  const { attrs = {}, content = [], marks = [] } = node
  const properties: Properties = {
    [NODE_NAME]: node.type,
    ...namesForTipTap(node),
    ...storeAttrs(attrs),
    // The marks of a span are elements around it.
    ...(tagName === 'div' ? storeMarks(marks) : {}),
  }
  const open = element(tagName, properties)
  if (content.length === 0) {
    const label = labelOf(node)
    open.properties[LEAF] = ''
    open.children = label === '' ? [] : [{ type: 'text', value: label }]
  } else if (tagName === 'span' || isTextblock(node)) {
    open.children = inlineToHast(content, inside)
    keepSpace(open, content)
  } else {
    open.children = content.map((child) => blockToHast(child))
  }
  return open
}

/** The attributes by which TipTap itself recognizes a mention in pasted HTML. */
function namesForTipTap({ type, attrs = {} }: PmNode): Properties {
  if (type !== 'mention') return {}
  const value = (name: string) => (typeof attrs[name] === 'string' ? attrs[name] : undefined)
  return defined({ dataType: 'mention', dataId: value('id'), dataLabel: value('label') })
}

/** The context of a line of text in HTML. */
export interface Inside {
  /** HTML does not allow a link inside a link. */
  readonly inLink: boolean
  /** Elements in code are syntax highlighting, unless they carry one of our names. */
  readonly inCode: boolean
}

const OUTSIDE: Inside = { inLink: false, inCode: false }

interface Marked {
  readonly node: PmNode
  readonly marks: readonly PmMark[]
}

/** A line of text: each run of equal marks is in one element, as an editor would write it. */
export function inlineToHast(nodes: readonly PmNode[], inside: Inside): ElementContent[] {
  return groupMarks(
    nodes.map((node) => ({ node, marks: [...(node.marks ?? [])].sort(byRank) })),
    0,
    inside,
  )
}

const RANKS = Object.keys(HTML_MARKS)

/** Unknown marks are inside links and outside of all others. */
const rankOf = ({ type }: PmMark): number => {
  const rank = RANKS.indexOf(canonicalName(type))
  return rank < 0 ? 0.5 : rank
}

export const byRank = (a: PmMark, b: PmMark): number => rankOf(a) - rankOf(b)

function groupMarks(line: readonly Marked[], depth: number, inside: Inside): ElementContent[] {
  const children: ElementContent[] = []
  for (let i = 0; i < line.length; ) {
    const here = line[i]
    const mark = here?.marks[depth]
    if (here === undefined || mark === undefined) {
      if (here !== undefined) children.push(leafToHast(here.node, inside))
      i++
      continue
    }
    const key = JSON.stringify(mark)
    let end = i + 1
    while (end < line.length && JSON.stringify(line[end]?.marks[depth]) === key) end++
    const open = markToHast(mark, inside)
    const inLink = inside.inLink || open.tagName === 'a'
    open.children = groupMarks(line.slice(i, end), depth + 1, { ...inside, inLink })
    children.push(open)
    i = end
  }
  return children
}

/** The element of a mark, empty. */
export function markToHast({ type, attrs }: PmMark, { inLink, inCode }: Inside): Element {
  const name = canonicalName(type)
  const known = Object.hasOwn(HTML_MARKS, name) ? HTML_MARKS[name] : undefined
  if (known === undefined || (inLink && name === 'link')) {
    return element('span', { [MARK_NAME]: type, ...storeAttrs(attrs ?? {}) })
  }
  const properties = defined(known.write?.(attrs ?? {}) ?? {})
  // A link without an address and a span without a style are not recognized as marks by themselves.
  const isSilent =
    (name === 'link' && properties.href === undefined && attrs !== undefined) ||
    (name === 'textStyle' && properties.style === undefined)
  if (name !== type || inCode || isSilent) properties[MARK_NAME] = type
  return withUnsaid(element(known.tagName, properties), { attrs: attrs ?? {} }, known)
}

export function leafToHast(node: PmNode, inside: Inside): ElementContent {
  if (node.type === 'text') return { type: 'text', value: node.text ?? '' }
  const name = canonicalName(node.type)
  const known = HTML_NODES[name]
  const isOwn = (name === 'hardBreak' || name === 'image') && (node.content ?? []).length === 0
  if (!isOwn || known === undefined) return genericToHast(node, 'span', inside)
  const open = withUnsaid(opened(node, known), node, known)
  // Without the name, a reader would make an image among text a block of its own, as in TipTap, would
  // drop the marks of a break, and would read a break in code as a line end.
  const isNamed = name === 'image' || inside.inCode || (node.marks ?? []).length > 0
  if (isNamed) open.properties[NODE_NAME] = node.type
  return open
}
