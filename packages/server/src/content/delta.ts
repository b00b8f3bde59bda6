// Y.Text with formats, as Quill writes it: formats of a line stand on the line break that ends it.
import { isObject, type Json, mapValues, toJson } from './json.ts'
import { EMBED, type PmMark, type PmNode } from './prosemirror/nodes.ts'
import { type DeltaOp, valueToJson } from './shared-values.ts'

type Formats = Readonly<Record<string, unknown>>

interface Line {
  readonly content: readonly PmNode[]
  readonly formats: Formats
}

/** A text as a ProseMirror document: each of its lines is a block. */
export function deltaToProsemirror(delta: readonly DeltaOp[]): PmNode {
  const blocks: PmNode[] = []
  const lines = linesOf(delta)
  for (let i = 0; i < lines.length; ) {
    const line = lines[i]
    if (line === undefined) break
    let end = i + 1
    while (end < lines.length && isOneBlock(line.formats, lines[end]?.formats ?? {})) end++
    blocks.push(...blockOf(lines.slice(i, end)))
    i = end
  }
  return { type: 'doc', content: blocks }
}

function linesOf(delta: readonly DeltaOp[]): Line[] {
  const lines: Line[] = []
  let content: PmNode[] = []
  for (const { insert, attributes = {} } of delta) {
    if (typeof insert !== 'string') {
      content.push(embedOf(insert))
      continue
    }
    for (const [i, part] of insert.split('\n').entries()) {
      if (i > 0) {
        lines.push({ content, formats: attributes })
        content = []
      }
      if (part !== '') content.push(textOf(part, attributes))
    }
  }
  return content.length > 0 ? [...lines, { content, formats: {} }] : lines
}

function embedOf(insert: unknown): PmNode {
  if (isObject(insert) && typeof insert.image === 'string') {
    return { type: 'image', attrs: { src: insert.image } }
  }
  return { type: EMBED, attrs: { value: valueToJson(insert) } }
}

/** Formats that belong to a line, not to its text. */
const LINE_FORMATS = ['header', 'list', 'indent', 'blockquote', 'code-block', 'align', 'direction']

function textOf(text: string, formats: Formats): PmNode {
  const marks = Object.entries(formats)
    .filter(([name, value]) => !LINE_FORMATS.includes(name) && value !== null && value !== false)
    .map(([name, value]) => markOf(name, value))
  return marks.length === 0 ? { type: 'text', text } : { type: 'text', text, marks }
}

function markOf(name: string, value: unknown): PmMark {
  if (name === 'link' && typeof value === 'string') return { type: 'link', attrs: { href: value } }
  if (name === 'script') return { type: value === 'sub' ? 'subscript' : 'superscript' }
  if (value === true) return { type: name }
  if (!isObject(value)) return { type: name, attrs: { value: toJson(value) } }
  return {
    type: name,
    ...(Object.keys(value).length > 0 ? { attrs: mapValues(value, toJson) } : {}),
  }
}

const isOn = (value: unknown): boolean => value !== undefined && value !== null && value !== false

/** Lines of one list, quote or piece of code are one block. */
const isOneBlock = (one: Formats, other: Formats): boolean =>
  (isOn(one.list) && isOn(other.list)) ||
  (isOn(one['code-block']) && isOn(other['code-block'])) ||
  (isOn(one.blockquote) && isOn(other.blockquote))

function blockOf(lines: readonly Line[]): PmNode[] {
  const formats = lines[0]?.formats ?? {}
  if (isOn(formats.list)) return listsOf(lines, 0)
  if (isOn(formats['code-block'])) return [codeOf(lines, formats['code-block'])]
  if (isOn(formats.blockquote)) return [{ type: 'blockquote', content: lines.map(paragraphOf) }]
  const { header } = formats
  if (typeof header !== 'number') return lines.map(paragraphOf)
  return lines.map((line) => ({ ...paragraphOf(line), type: 'heading', attrs: { level: header } }))
}

function paragraphOf({ content, formats }: Line): PmNode {
  const attrs: Record<string, Json> = {}
  if (typeof formats.align === 'string') attrs.textAlign = formats.align
  if (typeof formats.direction === 'string') attrs.dir = formats.direction
  return {
    type: 'paragraph',
    ...(Object.keys(attrs).length > 0 ? { attrs } : {}),
    ...(content.length > 0 ? { content } : {}),
  }
}

function codeOf(lines: readonly Line[], language: unknown): PmNode {
  const text = lines
    .map(({ content }) => content.map((node) => node.text ?? '').join(''))
    .join('\n')
  return {
    type: 'codeBlock',
    ...(typeof language === 'string' && language !== 'plain' ? { attrs: { language } } : {}),
    ...(text === '' ? {} : { content: [{ type: 'text', text }] }),
  }
}

const indentOf = ({ formats }: Line): number =>
  typeof formats.indent === 'number' ? formats.indent : 0

const listTypeOf = ({ formats }: Line): string =>
  formats.list === 'ordered'
    ? 'orderedList'
    : formats.list === 'checked' || formats.list === 'unchecked'
      ? 'taskList'
      : 'bulletList'

/** Quill says how deep an item stands; a tree of lists says it by itself. */
function listsOf(lines: readonly Line[], depth: number): PmNode[] {
  const lists: { type: string; content: PmNode[] }[] = []
  for (let i = 0; i < lines.length; ) {
    const line = lines[i]
    if (line === undefined) break
    let end = i + 1
    while (end < lines.length && indentOf(lines[end] as Line) > depth) end++
    const type = listTypeOf(line)
    const item: PmNode = {
      type: type === 'taskList' ? 'taskItem' : 'listItem',
      ...(type === 'taskList' ? { attrs: { checked: line.formats.list === 'checked' } } : {}),
      content: [paragraphOf(line), ...listsOf(lines.slice(i + 1, end), depth + 1)],
    }
    const last = lists.at(-1)
    if (last?.type === type) last.content.push(item)
    else lists.push({ type, content: [item] })
    i = end
  }
  return lists
}
