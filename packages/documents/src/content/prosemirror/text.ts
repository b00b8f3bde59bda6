import { canonicalName, isTextblock, labelOf, type PmNode } from './nodes.ts'

/** A ProseMirror document as plain text: one line per block, with tabs between cells of a row. */
export const prosemirrorToText = (doc: PmNode): string => linesOf(doc).join('\n')

/** Plain text as a ProseMirror document: each line becomes a paragraph. */
export const textToProsemirror = (text: string): PmNode => ({
  type: 'doc',
  content: text.split(/\r\n|\r|\n/).map((line) => ({
    type: 'paragraph',
    ...(line === '' ? {} : { content: [{ type: 'text', text: line }] }),
  })),
})

function linesOf(node: PmNode): string[] {
  if (isTextblock(node)) return [inlineText(node)]
  const { content = [] } = node
  if (canonicalName(node.type) === 'tableRow') {
    return [content.map((cell) => linesOf(cell).join(' ')).join('\t')]
  }
  if (content.length > 0) return content.flatMap(linesOf)
  const label = node.text ?? labelOf(node)
  return label === '' ? [] : [label]
}

function inlineText({ content = [] }: PmNode): string {
  return content
    .map((child) => {
      if (child.text !== undefined) return child.text
      if (canonicalName(child.type) === 'hardBreak') return '\n'
      return child.content === undefined ? labelOf(child) : inlineText(child)
    })
    .join('')
}
