// Normalizes documents, to compare an original with the document that a format gave back, apart from the
// reported losses.
import type { Loss } from '../losses.ts'
import { canonicalName, type PmMark, type PmNode } from '../prosemirror/nodes.ts'

const DEFAULTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  heading: { level: 1 },
  orderedList: { start: 1 },
  taskItem: { checked: false },
  tableCell: { colspan: 1, rowspan: 1 },
  tableHeader: { colspan: 1, rowspan: 1 },
}

type Attrs = Readonly<Record<string, unknown>> | null | undefined

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, part]) => [key, sorted(part)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** A document without meaningless differences and without the content that the losses name. */
export function normal(doc: PmNode, losses: readonly Loss[] = []): unknown {
  const lost = (kind: string, name: string) =>
    losses.some((loss) => loss.kind === kind && loss.name === name)
  const nameOf = (type: string) => (lost('structure', type) ? canonicalName(type) : type)

  const attrsOf = (type: string, attrs: Attrs) => {
    const defaults = DEFAULTS[canonicalName(type)] ?? {}
    const kept = Object.entries(attrs ?? {}).filter(
      ([name, value]) =>
        value !== null &&
        value !== defaults[name] &&
        !lost('attribute', `${type}.${name}`) &&
        !lost('attribute', `${canonicalName(type)}.${name}`) &&
        !lost('address', `${type}.${name}`),
    )
    return kept.length === 0 ? {} : { attrs: sorted(Object.fromEntries(kept)) }
  }

  const marksOf = (marks: readonly PmMark[] = []) => {
    const kept = marks
      .map(({ type, attrs }) => ({ type: nameOf(type), ...attrsOf(type, attrs) }))
      // A link whose address could run a script is no longer a link.
      .filter((mark) => mark.type !== 'link' || !lost('address', 'link.href') || 'attrs' in mark)
      .map((mark) => JSON.stringify(mark))
    const unique = [...new Set(kept)].sort().map((mark) => JSON.parse(mark) as unknown)
    return unique.length === 0 ? {} : { marks: unique }
  }

  const textOf = (text: string) =>
    lost('text', 'U+0000') ? text.replaceAll('\u0000', '\ufffd') : text

  interface Normal {
    readonly type: string
    readonly text?: string
    readonly marks?: unknown
  }

  const contentOf = (content: readonly PmNode[]): Normal[] => {
    const joined: Normal[] = []
    for (const node of content.map(nodeOf)) {
      if (node.text === '') continue
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

  const nodeOf = ({ type, attrs, content = [], marks, text }: PmNode): Normal => {
    const inner = contentOf(content)
    return {
      type: nameOf(type),
      ...(text === undefined ? {} : { text: textOf(text) }),
      ...attrsOf(type, attrs),
      ...marksOf(marks),
      ...(inner.length > 0 ? { content: inner } : {}),
    }
  }

  const whole = nodeOf(doc)
  // An editor turns an empty document into one empty paragraph.
  return 'content' in whole ? whole : { ...whole, content: [{ type: 'paragraph' }] }
}
