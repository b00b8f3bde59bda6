import * as Y from 'yjs'

/** The text of a document of any schema: one line for each element that contains text. */
export const plainText = (fragment: Y.XmlFragment): string =>
  (fragment.toArray() as unknown[]).flatMap(linesOf).join('\n\n')

function linesOf(child: unknown): string[] {
  if (child instanceof Y.XmlText) return [wordsOf(child)]
  if (!(child instanceof Y.XmlElement)) return []
  const children: unknown[] = child.toArray()
  const lines = children.flatMap(linesOf)
  return children.some((each) => each instanceof Y.XmlText) ? [lines.join('')] : lines
}

const wordsOf = (text: Y.XmlText): string =>
  (text.toDelta() as { insert: unknown }[])
    .map(({ insert }) => (typeof insert === 'string' ? insert : ''))
    .join('')
