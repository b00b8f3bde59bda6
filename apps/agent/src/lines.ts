import * as Y from 'yjs'

/** Every text below a node, in document order. */
export function linesOf(node: Y.XmlFragment): Y.XmlText[] {
  return node.toArray().flatMap((child) => {
    if (child instanceof Y.XmlText) return [child]
    return child instanceof Y.XmlFragment ? linesOf(child) : []
  })
}

/** The characters of a text without its formats. One character stands for an embedded object. */
export const plainText = (text: Y.XmlText): string =>
  (text.toDelta() as { insert: unknown }[])
    .map(({ insert }) => (typeof insert === 'string' ? insert : '￼'))
    .join('')

/** The whole text below a node, a line for each text. */
export const textOf = (node: Y.XmlFragment): string => linesOf(node).map(plainText).join('\n')
