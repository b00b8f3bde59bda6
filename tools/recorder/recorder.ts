// Records the changes of a document's text as a history of one writer.
import * as Y from 'yjs'

/** The file format that `test/harness/history.ts` reads. */
export interface RecordedHistory {
  readonly startContent: string
  readonly endContent: string
  readonly txns: readonly {
    readonly timestamp: string
    readonly patches: readonly (readonly [position: number, deleted: number, inserted: string])[]
  }[]
}

/** Records a document from now on. Each Yjs transaction that changes the text is one transaction of the history. */
export function recordText(doc: Y.Doc, readText: () => string): { stop(): RecordedHistory } {
  const startContent = readText()
  let text = startContent
  const txns: RecordedHistory['txns'][number][] = []
  const note = () => {
    const before = text
    text = readText()
    if (text === before) return
    txns.push({ timestamp: new Date().toISOString(), patches: [findPatch(before, text)] })
  }
  doc.on('afterTransaction', note)
  return {
    stop() {
      doc.off('afterTransaction', note)
      return { startContent, endContent: text, txns }
    },
  }
}

/** Returns the one patch, in code points, that turns `before` into `after`. */
export function findPatch(
  before: string,
  after: string,
): readonly [position: number, deleted: number, inserted: string] {
  const [a, b] = [[...before], [...after]]
  const shorter = Math.min(a.length, b.length)
  let start = 0
  while (start < shorter && a[start] === b[start]) start++
  let end = 0
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  return [start, a.length - end - start, b.slice(start, b.length - end).join('')]
}

type XmlNode = ReturnType<Y.XmlFragment['toArray']>[number]

/** The text of an editor's document, with one line for each block. */
export const plainTextOf = (fragment: Y.XmlFragment): string => linesOf(fragment).join('\n')

function linesOf(parent: Y.XmlFragment): string[] {
  return parent.toArray().flatMap((child) => {
    if (!(child instanceof Y.XmlElement)) return [inlineTextOf(child)]
    const children = child.toArray()
    return children.every(isInline) ? [children.map(inlineTextOf).join('')] : linesOf(child)
  })
}

const isInline = (node: XmlNode): boolean =>
  node instanceof Y.XmlText || (node instanceof Y.XmlElement && node.nodeName === 'hardBreak')

function inlineTextOf(node: XmlNode): string {
  if (!(node instanceof Y.XmlText)) return '\n'
  // `toString()` of a Y.XmlText writes formatting as tags.
  return node
    .toDelta()
    .map(({ insert }: { insert: unknown }) => (typeof insert === 'string' ? insert : ''))
    .join('')
}
