import type { Element, ElementContent, RootContent } from 'hast'
import { toHtml } from 'hast-util-to-html'
import type { Html, PhrasingContent } from 'mdast'
import { addressKind } from '../addresses.ts'
import { sanitizeTree } from '../html/sanitize.ts'
import { isElement } from '../html/structures.ts'
import { byRank, leafToHast, markToHast } from '../html/to-hast.ts'
import { canonicalName, labelOf, type PmMark, type PmNode } from '../prosemirror/nodes.ts'

/** The context of a line of text. */
export interface Inside {
  readonly inLink: boolean
  /** A table cell is one line, so breaks in it are HTML. */
  readonly inCell: boolean
}

interface Marked {
  readonly node: PmNode
  readonly marks: readonly PmMark[]
}

const html = (value: string): Html => ({ type: 'html', value })

/** A line of text. Marks that Markdown has no syntax for are HTML around the Markdown. */
export const phrasingOf = (nodes: readonly PmNode[], inside: Inside): PhrasingContent[] =>
  groupMarks(
    nodes.map((node) => ({ node, marks: [...(node.marks ?? [])].sort(byRank) })),
    0,
    inside,
  )

function groupMarks(line: readonly Marked[], depth: number, inside: Inside): PhrasingContent[] {
  const parts: PhrasingContent[] = []
  for (let i = 0; i < line.length; ) {
    const here = line[i]
    const mark = here?.marks[depth]
    if (here === undefined || mark === undefined) {
      if (here !== undefined) parts.push(...leafOf(here.node, inside))
      i++
      continue
    }
    const key = JSON.stringify(mark)
    let end = i + 1
    while (end < line.length && JSON.stringify(line[end]?.marks[depth]) === key) end++
    parts.push(...markedOf(mark, line.slice(i, end), depth, inside))
    i = end
  }
  return parts
}

const SIGNS = { bold: 'strong', italic: 'emphasis', strike: 'delete' } as const

function markedOf(
  mark: PmMark,
  run: readonly Marked[],
  depth: number,
  inside: Inside,
): PhrasingContent[] {
  const attrs = Object.entries(mark.attrs ?? {}).filter(([, value]) => value !== null)
  const name = mark.type
  if (name === 'link' && attrs.length === 0 && mark.attrs === undefined) {
    // Its address was removed because it could run a script.
    return groupMarks(run, depth + 1, inside)
  }
  if (name === 'link' && !inside.inLink && isPlainLink(mark)) {
    const { href, title } = mark.attrs ?? {}
    const children = groupMarks(run, depth + 1, { ...inside, inLink: true })
    const link = { type: 'link', url: String(href), children } as PhrasingContent
    return [typeof title === 'string' ? ({ ...link, title } as PhrasingContent) : link]
  }
  if (attrs.length === 0 && Object.hasOwn(SIGNS, name)) {
    const type = SIGNS[name as keyof typeof SIGNS]
    return [{ type, children: groupMarks(run, depth + 1, inside) }]
  }
  const isText = run.every(({ node, marks }) => node.type === 'text' && marks.length === depth + 1)
  if (name === 'code' && attrs.length === 0 && isText) {
    return [{ type: 'inlineCode', value: run.map(({ node }) => node.text ?? '').join('') }]
  }
  const open = markToHast(mark, { inLink: inside.inLink, inCode: false })
  const inLink = inside.inLink || open.tagName === 'a'
  return inHtml(open, groupMarks(run, depth + 1, { ...inside, inLink }))
}

/** True if Markdown's link syntax can express the link. */
function isPlainLink({ attrs = {} }: PmMark): boolean {
  const { href, title, ...others } = attrs
  const hasTitle = title === undefined || title === null || typeof title === 'string'
  return (
    typeof href === 'string' &&
    addressKind(href, 'link') === 'safe' &&
    hasTitle &&
    Object.values(others).every((value) => value === null)
  )
}

/** An element whose content is Markdown. */
function inHtml(open: Element, children: PhrasingContent[]): PhrasingContent[] {
  const [start, end] = tagsOf(open)
  return [html(start), ...children, html(end)]
}

/** The start tag and the end tag of an element. */
export function tagsOf(open: Element): [start: string, end: string] {
  const whole = htmlOf({ ...open, children: [] })
  const end = `</${open.tagName}>`
  return whole.endsWith(end) ? [whole.slice(0, -end.length), end] : [whole, '']
}

/**
 * HTML inside Markdown, sanitized. A line end could end the HTML, or the block around it, so line ends
 * become character references. Table rows, which are never empty, have a line each.
 */
export function htmlOf(...nodes: ElementContent[]): string {
  const { children } = sanitizeTree({ type: 'root', children: nodes })
  return children.map((child) => linesOf(child).join('\n')).join('')
}

function linesOf(node: RootContent): string[] {
  const body = isElement(node, 'table') ? node.children[0] : undefined
  if (!isElement(node, 'table') || !isElement(body, 'tbody')) return [oneLine(node)]
  const end = '</tbody></table>'
  const empty = { ...node, children: [{ ...body, children: [] }] }
  return [oneLine(empty).slice(0, -end.length), ...body.children.map(oneLine), end]
}

/**
 * The attributes hold JSON, which is easier to read in single quotes. `allowDangerousCharacters` only
 * matters to browsers that parse backticks as quotes (Internet Explorer 8).
 */
const QUOTES = { quoteSmart: true, allowDangerousCharacters: true } as const

const oneLine = (node: RootContent): string =>
  toHtml(node, QUOTES).replaceAll('\n', '&#xA;').replaceAll('\r', '&#xD;')

function leafOf(node: PmNode, inside: Inside): PhrasingContent[] {
  if (node.type === 'text') return [{ type: 'text', value: node.text ?? '' }]
  const { attrs = {}, content = [], marks = [] } = node
  const hasAttrs = Object.values(attrs).some((value) => value !== null)
  const isBreak = node.type === 'hardBreak' && !hasAttrs && marks.length === 0
  if (isBreak && !inside.inCell) return [{ type: 'break' }]
  const element = leafToHast(node, { inLink: inside.inLink, inCode: false }) as Element
  if (element.tagName !== 'span') return [html(tagsOf(element)[0])]
  if (content.length > 0) return inHtml(element, phrasingOf(content, inside))
  // A label is only displayed, so its line ends do not matter.
  const label = labelOf(node).replace(/\s+/g, ' ').trim()
  return inHtml(element, label === '' ? [] : [{ type: 'text', value: label }])
}

/** The target and relation that TipTap sets on every link; its schema fills them in again. */
const LINK_DEFAULTS = { target: '_blank', rel: 'noopener noreferrer nofollow' } as const

/** Returns the node as Markdown's syntax can express it, and calls `lose` for everything else. */
export function withoutUnsaid(
  node: PmNode,
  lose: (kind: 'attribute' | 'structure', name: string) => void,
): PmNode {
  const { marks, content } = node
  const type = renamed(node.type, lose)
  return {
    ...node,
    type,
    ...(marks && { marks: marks.map((mark) => plainMark(mark, lose)) }),
    ...(content && { content: content.map((child) => withoutUnsaid(child, lose)) }),
  }
}

/** The canonical name of a node; Markdown's syntax cannot express the names of another schema. */
export function renamed(type: string, lose: (kind: 'structure', name: string) => void): string {
  const name = canonicalName(type)
  if (name !== type) lose('structure', type)
  return name
}

function plainMark(
  mark: PmMark,
  lose: (kind: 'attribute' | 'structure', name: string) => void,
): PmMark {
  const type = renamed(mark.type, lose)
  if (type !== 'link' || !mark.attrs) return { ...mark, type }
  const attrs = Object.fromEntries(
    Object.entries(mark.attrs).filter(([name, value]) => {
      const isDefault =
        value !== null && value === LINK_DEFAULTS[name as keyof typeof LINK_DEFAULTS]
      if (isDefault) lose('attribute', `link.${name}`)
      return !isDefault
    }),
  )
  return { ...mark, type, attrs }
}
