// Records what happens to a document's text, as a history of one writer.
import * as Y from 'yjs'

/** The format of `../harness/history.ts`, as it stands in a file. */
export interface RecordedHistory {
  readonly startContent: string
  readonly endContent: string
  readonly txns: readonly {
    readonly timestamp: string
    readonly patches: readonly (readonly [position: number, deleted: number, inserted: string])[]
  }[]
}

/** Listens to a document from now on; each Yjs transaction that changes the text is one of the history. */
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

/** The one patch, in code points, that makes `after` of `before`. */
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

/** The text of an editor's document: what its blocks say, one line each. */
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
  // Its toString() would write formatting as tags.
  return node
    .toDelta()
    .map(({ insert }: { insert: unknown }) => (typeof insert === 'string' ? insert : ''))
    .join('')
}
