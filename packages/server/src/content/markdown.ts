import type { Element, ElementContent, Nodes } from 'hast'
import { toHtml } from 'hast-util-to-html'
import { type State, toMdast } from 'hast-util-to-mdast'
import type { Code, Html, ListItem, Nodes as MdastNodes, PhrasingContent } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown, gfmToMarkdown } from 'mdast-util-gfm'
import { toHast } from 'mdast-util-to-hast'
import { toMarkdown } from 'mdast-util-to-markdown'
import { gfm } from 'micromark-extension-gfm'
import { htmlToProsemirror } from './html/html.ts'
import { HTML_NODES } from './html/nodes.ts'
import { sanitizeTree } from './html/sanitize.ts'
import { isElement, textOf } from './html/structures.ts'
import { prosemirrorToHast } from './html/to-hast.ts'
import { Losses } from './losses.ts'
import type { PmNode } from './prosemirror/nodes.ts'

/** What Markdown has no signs for, and HTML among it has. */
const INLINE_HTML = ['u', 'mark', 'sub', 'sup'] as const

/** A ProseMirror document as GitHub Flavored Markdown. What that cannot say becomes plain text. */
export function prosemirrorToMarkdown(doc: PmNode, _losses: Losses = new Losses()): string {
  const tree = sanitizeTree(prosemirrorToHast(doc))
  for (const node of tree.children) flattenCells(node)
  const mdast = toMdast(tree, {
    handlers: {
      ...Object.fromEntries(INLINE_HTML.map((tagName) => [tagName, keepAsHtml])),
      pre: keepCode,
    },
  })
  tighten(mdast)
  return toMarkdown(mdast, { extensions: [gfmToMarkdown()] })
}

function keepAsHtml(state: State, element: Element): PhrasingContent[] {
  const html = (value: string): Html => ({ type: 'html', value })
  return [
    html(`<${element.tagName}>`),
    ...(state.all(element) as PhrasingContent[]),
    html(`</${element.tagName}>`),
  ]
}

/** As it stands: the default takes empty lines away at its end. */
function keepCode(_state: State, element: Element): Code {
  const { language } = HTML_NODES.codeBlock?.read?.(element) ?? {}
  const lang = typeof language === 'string' ? language : null
  return { type: 'code', lang, value: textOf(element) }
}

/** A cell of a Markdown table is one line. */
function flattenCells(node: Nodes): void {
  if (node.type !== 'element') return
  if (node.tagName === 'td' || node.tagName === 'th') node.children = inOneLine(node.children)
  else for (const child of node.children) flattenCells(child)
}

const LINE_BREAK: Element = { type: 'element', tagName: 'br', properties: {}, children: [] }

const inOneLine = (blocks: readonly ElementContent[]): ElementContent[] =>
  blocks.flatMap((block, i) => {
    const line = isElement(block, 'p') ? block.children : [block]
    return i === 0 ? line : [LINE_BREAK, ...line]
  })

/** No empty lines between items of one line each, with lists below them. */
function tighten(node: MdastNodes): void {
  if (!('children' in node)) return
  for (const child of node.children) tighten(child)
  if (node.type !== 'list' || !node.children.every(isShortItem)) return
  node.spread = false
  for (const item of node.children) item.spread = false
}

const isShortItem = ({ children: [line, ...below] }: ListItem): boolean =>
  line?.type === 'paragraph' && below.every(({ type }) => type === 'list')

/** Markdown as a ProseMirror document. HTML in it is read as HTML. */
export function markdownToProsemirror(markdown: string, losses: Losses = new Losses()): PmNode {
  const mdast = fromMarkdown(markdown, {
    extensions: [gfm()],
    mdastExtensions: [gfmFromMarkdown()],
  })
  const tree = toHast(mdast, { allowDangerousHtml: true })
  trimCode(tree)
  return htmlToProsemirror(toHtml(tree, { allowDangerousHtml: true }), losses)
}

/** HTML ends the last line of code too; in an editor that would be one more line. */
function trimCode(node: Nodes): void {
  if (node.type !== 'element' && node.type !== 'root') return
  if (node.type === 'element' && node.tagName === 'pre') {
    const [code] = node.children
    const text = code?.type === 'element' ? code.children[0] : undefined
    if (text?.type === 'text') text.value = text.value.replace(/\n$/, '')
    return
  }
  for (const child of node.children) trimCode(child)
}
