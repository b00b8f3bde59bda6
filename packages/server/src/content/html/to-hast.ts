import type { Element, ElementContent, Properties, Root } from 'hast'
import {
  type Attrs,
  canonicalName,
  isTextblock,
  labelOf,
  type PmMark,
  type PmNode,
} from '../prosemirror/nodes.ts'
import { HTML_MARKS, HTML_NODES, type HtmlNode } from './nodes.ts'
import { KEEP_SPACE } from './sanitize.ts'
import { LEAF, MARK_NAME, NODE_NAME, storeAttrs, unsaidAttrs } from './unknown.ts'
import { losesSpace } from './whitespace.ts'

/** A ProseMirror document as an HTML tree, not sanitized yet. */
export const prosemirrorToHast = (doc: PmNode): Root => ({
  type: 'root',
  children: childrenToHast(doc),
})

function childrenToHast(node: PmNode): ElementContent[] {
  const { content = [] } = node
  return isTextblock(node) ? inlineToHast(content) : content.map((child) => blockToHast(child))
}

const element = (
  tagName: string,
  properties: Properties,
  children: ElementContent[] = [],
): Element => ({ type: 'element', tagName, properties, children })

function blockToHast(node: PmNode): ElementContent {
  const name = canonicalName(node.type)
  const known = Object.hasOwn(HTML_NODES, name) ? HTML_NODES[name] : undefined
  if (node.type === 'text') return { type: 'text', value: node.text ?? '' }
  if (known === undefined) return unknownToHast(node, 'div')
  const { attrs = {}, content = [] } = node
  const open = opened(node, known)
  if (known.holds === 'code') return codeToHast(open, attrs, content)
  if (isTextblock(node) && losesSpace(content)) open.properties.style = KEEP_SPACE
  open.children = childrenToHast(node)
  if (name === 'table') open.children = [element('tbody', {}, open.children)]
  if (name === 'taskItem') addCheckbox(open, attrs.checked === true)
  return withUnsaid(open, attrs, known)
}

function opened(node: PmNode, known: HtmlNode): Element {
  const { attrs = {} } = node
  const tagName = typeof known.tagName === 'string' ? known.tagName : known.tagName(attrs)
  const properties = { ...known.write?.(attrs) }
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined) delete properties[key]
  }
  // Another schema's name for the same.
  if (canonicalName(node.type) !== node.type) properties[NODE_NAME] = node.type
  return element(tagName, properties)
}

function withUnsaid(open: Element, attrs: Attrs, known: Pick<HtmlNode, 'read'>): Element {
  Object.assign(open.properties, unsaidAttrs(attrs, known.read?.(open) ?? {}))
  return open
}

function codeToHast(open: Element, attrs: Attrs, content: readonly PmNode[]): Element {
  const { language } = attrs
  const isName = typeof language === 'string' && /^\S+$/.test(language)
  const value = content.map(({ text = '\n' }) => text).join('')
  const code = element('code', isName ? { className: [`language-${language}`] } : {})
  if (value !== '') code.children = [{ type: 'text', value }]
  open.children = [code]
  return withUnsaid(open, attrs, HTML_NODES.codeBlock ?? {})
}

/** In front of the text, as GitHub has it; TipTap reads the state from the item. */
function addCheckbox(item: Element, checked: boolean): void {
  const box = element('input', {
    type: 'checkbox',
    disabled: true,
    ...(checked ? { checked } : {}),
  })
  const [first] = item.children
  const line = first?.type === 'element' && first.tagName === 'p' ? first : item
  line.children = [box, ...line.children]
}

function unknownToHast(node: PmNode, tagName: 'div' | 'span'): Element {
  const { attrs = {}, content } = node
  const properties: Properties = { [NODE_NAME]: node.type, ...storeAttrs(attrs) }
  const label = labelOf(node)
  if (content === undefined || content.length === 0) {
    properties[LEAF] = ''
    return element(tagName, properties, label === '' ? [] : [{ type: 'text', value: label }])
  }
  if (isTextblock(node) && losesSpace(content)) properties.style = KEEP_SPACE
  return element(tagName, properties, childrenToHast(node))
}

interface Marked {
  readonly node: PmNode
  readonly marks: readonly PmMark[]
}

/** A line of text: runs of the same marks lie in one element each, as an editor would write them. */
function inlineToHast(nodes: readonly PmNode[]): ElementContent[] {
  return groupMarks(
    nodes.map((node) => ({ node, marks: [...(node.marks ?? [])].sort(byRank) })),
    0,
  )
}

const RANKS = Object.keys(HTML_MARKS)

/** What we do not know lies inside links and outside of the rest. */
const rankOf = ({ type }: PmMark): number => {
  const rank = RANKS.indexOf(canonicalName(type))
  return rank < 0 ? 0.5 : rank
}

const byRank = (a: PmMark, b: PmMark): number => rankOf(a) - rankOf(b)

function groupMarks(line: readonly Marked[], depth: number): ElementContent[] {
  const children: ElementContent[] = []
  for (let i = 0; i < line.length; ) {
    const here = line[i]
    const mark = here?.marks[depth]
    if (here === undefined || mark === undefined) {
      if (here !== undefined) children.push(leafToHast(here.node))
      i++
      continue
    }
    const key = JSON.stringify(mark)
    let end = i + 1
    while (end < line.length && JSON.stringify(line[end]?.marks[depth]) === key) end++
    const open = markToHast(mark)
    open.children = groupMarks(line.slice(i, end), depth + 1)
    children.push(open)
    i = end
  }
  return children
}

function markToHast({ type, attrs = {} }: PmMark): Element {
  const name = canonicalName(type)
  const known = Object.hasOwn(HTML_MARKS, name) ? HTML_MARKS[name] : undefined
  if (known === undefined) return element('span', { [MARK_NAME]: type, ...storeAttrs(attrs) })
  const properties = { ...known.write?.(attrs) }
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined) delete properties[key]
  }
  if (name !== type) properties[MARK_NAME] = type
  return withUnsaid(element(known.tagName, properties), attrs, known)
}

function leafToHast(node: PmNode): ElementContent {
  if (node.text !== undefined) return { type: 'text', value: node.text }
  const name = canonicalName(node.type)
  if (name === 'hardBreak')
    return withUnsaid(opened(node, HTML_NODES.hardBreak as HtmlNode), node.attrs ?? {}, {})
  if (name !== 'image') return unknownToHast(node, 'span')
  const image = blockToHast(node) as Element
  // Without it, an image among text is read as a block of its own, which TipTap's is.
  image.properties[NODE_NAME] = node.type
  return image
}
