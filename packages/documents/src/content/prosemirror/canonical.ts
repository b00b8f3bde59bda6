// Two documents are equivalent if their canonical forms are equal.
import { isObject } from '../json.ts'
import { type Attrs, canonicalName, type PmMark, type PmNode } from './nodes.ts'

/** The defaults that an editor's schema fills in, by TipTap's names; writing them or not is equivalent. */
const DEFAULTS: Readonly<Record<string, Attrs>> = {
  heading: { level: 1 },
  orderedList: { start: 1 },
  taskItem: { checked: false },
  tableCell: { colspan: 1, rowspan: 1 },
  tableHeader: { colspan: 1, rowspan: 1 },
}

/** True if the nodes are equivalent: null attributes, mark order and the splitting of text are ignored. */
export const isSameContent = (one: readonly PmNode[], other: readonly PmNode[]): boolean =>
  JSON.stringify(canonicalContent(one)) === JSON.stringify(canonicalContent(other))

const canonicalNode = ({ type, attrs, content, marks, text }: PmNode): PmNode => {
  const own = canonicalAttrs(attrs ?? {}, DEFAULTS[canonicalName(type)] ?? {})
  const inner = canonicalContent(content ?? [])
  const outer = canonicalMarks(marks ?? [])
  return {
    type,
    ...(Object.keys(own).length > 0 && { attrs: own }),
    ...(inner.length > 0 && { content: inner }),
    ...(outer.length > 0 && { marks: outer }),
    ...(text !== undefined && { text }),
  }
}

function canonicalAttrs(attrs: Attrs, defaults: Attrs): Attrs {
  const said = Object.entries(attrs).filter(
    ([name, value]) => value !== null && value !== defaults[name],
  )
  return sorted(Object.fromEntries(said)) as Attrs
}

/** Sorts keys: their order has no meaning in Yjs or JSON. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  const entries = Object.entries(value).map(([key, part]) => [key, sorted(part)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function canonicalMarks(marks: readonly PmMark[]): PmMark[] {
  const texts = marks.map(({ type, attrs }) => {
    const own = canonicalAttrs(attrs ?? {}, {})
    return JSON.stringify({ type, ...(Object.keys(own).length > 0 && { attrs: own }) })
  })
  return [...new Set(texts)].sort().map((text) => JSON.parse(text) as PmMark)
}

function canonicalContent(content: readonly PmNode[]): PmNode[] {
  const joined: PmNode[] = []
  for (const node of content.map(canonicalNode)) {
    if (node.text === '') continue
    const last = joined.at(-1)
    const isSame =
      last?.type === 'text' &&
      node.type === 'text' &&
      JSON.stringify(last.marks) === JSON.stringify(node.marks)
    if (isSame) joined[joined.length - 1] = { ...last, text: `${last.text}${node.text}` }
    else joined.push(node)
  }
  return joined
}
