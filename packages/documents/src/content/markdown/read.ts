import type { Element, Root as HastRoot, Nodes } from 'hast'
import { toHtml } from 'hast-util-to-html'
import type { Nodes as MdastNodes, Parents, Root } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { frontmatterFromMarkdown } from 'mdast-util-frontmatter'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { toHast } from 'mdast-util-to-hast'
import { frontmatter } from 'micromark-extension-frontmatter'
import { gfm } from 'micromark-extension-gfm'
import { htmlToProsemirror } from '../html/html.ts'
import { KEEP_SPACE } from '../html/sanitize.ts'
import { isElement } from '../html/structures.ts'
import { Losses } from '../losses.ts'
import type { PmNode } from '../prosemirror/nodes.ts'

/** Markdown as a ProseMirror document. HTML in it is read as HTML; front matter becomes a document attribute. */
export function markdownToProsemirror(markdown: string, losses: Losses = new Losses()): PmNode {
  // After this, any remaining CR was written as a character reference.
  const mdast = fromMarkdown(markdown.replace(/\r\n?/g, '\n'), {
    extensions: [gfm(), frontmatter()],
    mdastExtensions: [gfmFromMarkdown(), frontmatterFromMarkdown()],
  })
  const matter = mdast.children.find((child) => child.type === 'yaml')
  countUnused(mdast, losses)
  prepare(mdast)
  const tree = toHast(mdast, { allowDangerousHtml: true })
  tidy(tree)
  const html = toHtml(tree, { allowDangerousHtml: true }).replaceAll('\r', '&#xD;')
  const doc = htmlToProsemirror(html, losses)
  return matter === undefined ? doc : { ...doc, attrs: { ...doc.attrs, frontmatter: matter.value } }
}

/** Counts definitions without a reference and cells beyond the columns of their table: nothing shows them. */
function countUnused(tree: Root, losses: Losses): void {
  const used = new Set<string>()
  const defined: { type: string; identifier: string }[] = []
  forEachNode(tree, (node) => {
    if (node.type === 'definition' || node.type === 'footnoteDefinition') defined.push(node)
    if (/Reference$/.test(node.type) && 'identifier' in node) used.add(node.identifier)
    if (node.type !== 'table') return
    const columns = node.align?.length ?? 0
    for (const row of node.children) {
      const beyond = row.children.length - columns
      if (beyond > 0) losses.add('text', 'tableCell', beyond)
    }
  })
  for (const { type, identifier } of defined) if (!used.has(identifier)) losses.add('node', type)
}

function forEachNode(node: MdastNodes, visit: (node: MdastNodes) => void): void {
  visit(node)
  if ('children' in node) for (const child of (node as Parents).children) forEachNode(child, visit)
}

/** Overrides HTML's rules with Markdown's: spaces in a line are kept, and a soft break is one space. */
function prepare(tree: Root): void {
  forEachNode(tree, (node) => {
    if (node.type === 'text') node.value = node.value.replaceAll('\n', ' ')
    // Paragraphs of a tight list would have no element on which to mark that spaces are kept.
    else if (node.type === 'list' || node.type === 'listItem') node.spread = true
    else if (node.type === 'paragraph' || node.type === 'heading' || node.type === 'tableCell') {
      node.data = { hProperties: { style: KEEP_SPACE } }
    } else if (node.type === 'link') {
      // Keep the address as written: the default percent-encodes some characters.
      node.data = { hProperties: { href: node.url } }
    } else if (node.type === 'image') {
      node.data = { hProperties: { src: node.url, ...(node.alt ? {} : { alt: undefined }) } }
    } else if (node.type === 'code' && node.meta) {
      node.data = { hProperties: { dataYMeta: node.meta } }
    }
  })
}

/** Removes the white space that `toHast` adds for readability. */
function tidy(node: Nodes): void {
  if (node.type !== 'element' && node.type !== 'root') return
  if (isElement(node, 'pre')) {
    trimCode(node)
    return
  }
  node.children = (node.children as HastRoot['children']).filter((child, i, all) => {
    if (child.type !== 'text') return true
    const before = all[i - 1]
    const followsBox = before?.type === 'element' && before.tagName === 'input'
    if (followsBox) child.value = child.value.replace(/^ /, '')
    return (
      child.value !== '' && !(isElement(before as Nodes | undefined, 'br') && child.value === '\n')
    )
  }) as Element['children']
  for (const child of node.children) tidy(child)
}

/** Removes the line end after the last line of code, which an editor would show as an extra line. */
function trimCode(pre: Element): void {
  const [code] = pre.children
  const text = code?.type === 'element' ? code.children[0] : undefined
  if (text?.type === 'text') text.value = text.value.replace(/\n$/, '')
}
