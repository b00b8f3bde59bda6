import { canonicalName, type PmNode } from '../prosemirror/nodes.ts'

/** True when a browser, and we, would fold white space of a textblock that is not told to keep it. */
export function losesSpace(content: readonly PmNode[]): boolean {
  const line = content
    .map((node) => node.text ?? (canonicalName(node.type) === 'hardBreak' ? '\n' : '\ufffc'))
    .join('')
  const inText = content.some(({ text }) => text !== undefined && /[\t\n\r\f]/.test(text))
  return inText || /^ | $| {2}| \n|\n /.test(line)
}

/** One piece of a line of text. */
export interface Inline {
  readonly node: PmNode
  /** White space counts as it stands. */
  readonly keepSpace: boolean
}

/** Folds white space as browsers do: runs are one space, and none at the edges of a line. */
export function foldSpace(line: readonly Inline[]): PmNode[] {
  const folded: Inline[] = []
  // After a space, or where a line begins, a space that follows is not shown.
  let hidesSpace = true
  for (const { node, keepSpace } of line) {
    if (node.text === undefined) {
      hidesSpace = canonicalName(node.type) === 'hardBreak'
      if (hidesSpace) trimEnd(folded)
      folded.push({ node, keepSpace })
      continue
    }
    const short = keepSpace ? node.text : node.text.replace(/[ \t\n\r\f]+/g, ' ')
    const text = hidesSpace && !keepSpace ? short.replace(/^ /, '') : short
    if (text === '') continue
    folded.push({ node: { ...node, text }, keepSpace })
    hidesSpace = !keepSpace && text.endsWith(' ')
  }
  trimEnd(folded)
  return joinText(folded.map(({ node }) => node))
}

function trimEnd(line: Inline[]): void {
  const last = line.at(-1)
  if (last?.node.text === undefined || last.keepSpace || !last.node.text.endsWith(' ')) return
  line.pop()
  const text = last.node.text.slice(0, -1)
  if (text !== '') line.push({ ...last, node: { ...last.node, text } })
}

/** Neighbours with the same marks are one text. */
function joinText(nodes: readonly PmNode[]): PmNode[] {
  const joined: PmNode[] = []
  for (const node of nodes) {
    const last = joined.at(-1)
    const isSame =
      last?.text !== undefined &&
      node.text !== undefined &&
      JSON.stringify(last.marks) === JSON.stringify(node.marks)
    if (isSame) joined[joined.length - 1] = { ...last, text: `${last.text}${node.text}` }
    else joined.push(node)
  }
  return joined
}
