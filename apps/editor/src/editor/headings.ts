import type { Node } from '@tiptap/pm/model'

/** A heading of the document. */
export interface Heading {
  /** The position before it. */
  readonly pos: number
  readonly level: number
  readonly text: string
}

/**
 * The headings of a document, in order. They are read and not stored: identifiers in the document, as
 * TipTap's table of contents writes them, would make every opening an edit.
 */
export function headingsIn(doc: Node): Heading[] {
  const headings: Heading[] = []
  doc.descendants((node, pos) => {
    const { level } = node.attrs
    const text = node.type.name === 'heading' ? node.textContent.trim() : ''
    if (text !== '') headings.push({ pos, level: typeof level === 'number' ? level : 1, text })
    return !node.isTextblock
  })
  return headings
}

/** The words in a text: runs of letters that white space separates. */
export const countWords = (text: string): number => text.match(/\S+/g)?.length ?? 0
