// Y.Text with formats, as Quill writes it: the formats of a line are on the line break that ends it.
import { isObject, type Json, mapValues } from './json.ts'
import { EMBED, joinTexts, type PmMark, type PmNode } from './prosemirror/nodes.ts'
import { type DeltaOp, valueToJson } from './shared-values.ts'

type Formats = Readonly<Record<string, unknown>>

interface Line {
  readonly content: readonly PmNode[]
  readonly formats: Formats
}

/**
 * A text as a ProseMirror document: each of its lines is a block. Line formats that the type of the
 * block does not express become attributes of the block.
 */
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
      content.push(embedToNode(insert, attributes))
      continue
    }
    for (const [i, part] of insert.split('\n').entries()) {
      if (i > 0) {
        lines.push({ content, formats: attributes })
        content = []
      }
      if (part !== '') content.push({ type: 'text', text: part, ...marksOf(attributes) })
    }
  }
  return content.length > 0 ? [...lines, { content, formats: {} }] : lines
}

/** Formats that become attributes of an image; all others become marks, as on text. */
export const IMAGE_FORMATS: readonly string[] = ['alt', 'width', 'height', 'title']

/** An embed of a text, and its formats, as a node. */
export function embedToNode(insert: unknown, formats: Formats = {}): PmNode {
  const isImage =
    isObject(insert) && typeof insert.image === 'string' && Object.keys(insert).length === 1
  if (!isImage) {
    return { type: EMBED, attrs: { value: valueToJson(insert) }, ...marksOf(formats) }
  }
  const isOfImage = ([name]: [string, unknown]) => IMAGE_FORMATS.includes(name)
  const attrs = mapValues(
    Object.fromEntries(Object.entries(formats).filter(isOfImage)),
    valueToJson,
  )
  const others = Object.fromEntries(Object.entries(formats).filter((one) => !isOfImage(one)))
  return { type: 'image', attrs: { src: String(insert.image), ...attrs }, ...marksOf(others) }
}

function marksOf(formats: Formats): { marks?: PmMark[] } {
  const marks = Object.entries(formats)
    .filter(([, value]) => isOn(value))
    .map(([name, value]) => markOf(name, value))
  return marks.length > 0 ? { marks } : {}
}

function markOf(name: string, value: unknown): PmMark {
  if (name === 'link' && typeof value === 'string') return { type: 'link', attrs: { href: value } }
  if (name === 'script' && (value === 'sub' || value === 'super')) {
    return { type: value === 'sub' ? 'subscript' : 'superscript' }
  }
  if (value === true) return { type: name }
  if (!isObject(value)) return { type: name, attrs: { value: valueToJson(value) } }
  return {
    type: name,
    ...(Object.keys(value).length > 0 ? { attrs: mapValues(value, valueToJson) } : {}),
  }
}

const isOn = (value: unknown): boolean => value !== undefined && value !== null && value !== false

const isHeader = ({ header }: Formats): boolean =>
  typeof header === 'number' && Number.isInteger(header) && header >= 1 && header <= 6

/** The list type for each value of Quill's format `list`. */
const LISTS: Readonly<Record<string, string>> = {
  bullet: 'bulletList',
  ordered: 'orderedList',
  checked: 'taskList',
  unchecked: 'taskList',
}

const isListed = ({ list }: Formats): boolean =>
  typeof list === 'string' && Object.hasOwn(LISTS, list)

const isCode = (formats: Formats): boolean => isOn(formats['code-block'])

const isCell = ({ table }: Formats): boolean => typeof table === 'string'

/** The kinds of block that a line can belong to; the first one that matches wins. */
type Kind = 'list' | 'code' | 'cell' | 'quote' | 'line'

function kindOf(formats: Formats): Kind {
  if (isListed(formats)) return 'list'
  if (isCode(formats)) return 'code'
  if (isCell(formats)) return 'cell'
  return formats.blockquote === true ? 'quote' : 'line'
}

/** Lines of one list, quote, table or piece of code are one block. */
function isOneBlock(one: Formats, other: Formats): boolean {
  const kind = kindOf(one)
  if (kind === 'line' || kind !== kindOf(other)) return false
  return kind !== 'code' || JSON.stringify(one) === JSON.stringify(other)
}

function blockOf(lines: readonly Line[]): PmNode[] {
  const formats = lines[0]?.formats ?? {}
  switch (kindOf(formats)) {
    case 'list':
      return listsOf(lines, 0)
    case 'code':
      return [codeOf(lines, formats)]
    case 'cell':
      return [tableOf(lines)]
    case 'quote':
      return [
        { type: 'blockquote', content: lines.map((line) => paragraphOf(line, ['blockquote'])) },
      ]
    case 'line':
      return lines.map((line) => paragraphOf(line))
  }
}

/** A paragraph or heading, with its remaining formats as attributes. */
function paragraphOf({ content, formats }: Line, said: readonly string[] = []): PmNode {
  const isHeading = isHeader(formats) && said.length === 0
  const attrs = {
    ...(isHeading ? { level: valueToJson(formats.header) } : {}),
    ...attrsOf(formats, isHeading ? ['header'] : said),
  }
  return {
    type: isHeading ? 'heading' : 'paragraph',
    ...(Object.keys(attrs).length > 0 ? { attrs } : {}),
    ...(content.length > 0 ? { content } : {}),
  }
}

/** TipTap's names for Quill's line formats. */
export const LINE_ATTRS: Readonly<Record<string, string>> = { align: 'textAlign', direction: 'dir' }

function attrsOf(formats: Formats, said: readonly string[]): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(formats)
      .filter(([name, value]) => !said.includes(name) && isOn(value))
      .map(([name, value]) => [LINE_ATTRS[name] ?? name, valueToJson(value)]),
  )
}

function codeOf(lines: readonly Line[], formats: Formats): PmNode {
  const language = formats['code-block']
  const isNamed = typeof language === 'string'
  const attrs = {
    ...(isNamed ? { language } : {}),
    ...attrsOf(formats, isNamed || language === true ? ['code-block'] : []),
  }
  const content = joinTexts(
    lines.flatMap((line, i) =>
      i === 0 ? line.content : [{ type: 'text', text: '\n' }, ...line.content],
    ),
  )
  return {
    type: 'codeBlock',
    ...(Object.keys(attrs).length > 0 ? { attrs } : {}),
    ...(content.length > 0 ? { content } : {}),
  }
}

/** In a Quill table each line is a cell and names its row. */
function tableOf(lines: readonly Line[]): PmNode {
  const rows: { readonly id: unknown; readonly content: PmNode[] }[] = []
  for (const line of lines) {
    const { table: id } = line.formats
    if (rows.at(-1)?.id !== id) rows.push({ id, content: [] })
    rows.at(-1)?.content.push({ type: 'tableCell', content: [paragraphOf(line, ['table'])] })
  }
  return { type: 'table', content: rows.map(({ content }) => ({ type: 'tableRow', content })) }
}

const indentOf = ({ formats }: Line): number =>
  typeof formats.indent === 'number' ? formats.indent : 0

/** Groups items into nested lists: Quill stores the depth of an item as a format, a tree expresses it by nesting. */
function listsOf(lines: readonly Line[], depth: number): PmNode[] {
  const lists: { type: string; content: PmNode[] }[] = []
  for (let i = 0; i < lines.length; ) {
    const line = lines[i]
    if (line === undefined) break
    let end = i + 1
    while (end < lines.length && indentOf(lines[end] as Line) > depth) end++
    const type = LISTS[String(line.formats.list)] ?? 'bulletList'
    // An item that is more than one level deeper than the previous one keeps its level as an attribute.
    const said = (line.formats.indent ?? 0) === depth ? ['list', 'indent'] : ['list']
    const item: PmNode = {
      type: type === 'taskList' ? 'taskItem' : 'listItem',
      ...(type === 'taskList' ? { attrs: { checked: line.formats.list === 'checked' } } : {}),
      content: [paragraphOf(line, said), ...listsOf(lines.slice(i + 1, end), depth + 1)],
    }
    const last = lists.at(-1)
    if (last?.type === type) last.content.push(item)
    else lists.push({ type, content: [item] })
    i = end
  }
  return lists
}
