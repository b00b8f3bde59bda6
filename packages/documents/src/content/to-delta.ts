import { IMAGE_FORMATS, LINE_ATTRS } from './delta.ts'
import { isObject, type Json } from './json.ts'
import type { Losses } from './losses.ts'
import {
  type Attrs,
  canonicalName,
  EMBED,
  isInline as isInlineNode,
  isTextblock,
  labelOf,
  type PmMark,
  type PmNode,
} from './prosemirror/nodes.ts'
import { type DeltaOp, jsonToValue } from './shared-values.ts'

type Formats = Record<string, unknown>

/**
 * A ProseMirror document as a text with formats, as Quill writes it: block attributes become formats of
 * the lines. Content that such a text cannot express is counted in `losses`.
 */
export function prosemirrorToDelta(doc: PmNode, losses: Losses): DeltaOp[] {
  if (doc.attrs !== undefined) losses.add('attribute', 'doc.attrs')
  for (const { type } of doc.marks ?? []) losses.add('mark', type)
  return new DeltaWriter(losses).blocks(doc.content ?? [], {})
}

class DeltaWriter {
  readonly #losses: Losses
  #rows = 0

  constructor(losses: Losses) {
    this.#losses = losses
  }

  /** `inside` has the formats that the surrounding blocks give to each line. */
  blocks(nodes: readonly PmNode[], inside: Formats): DeltaOp[] {
    return nodes.flatMap((node) => this.#block(node, inside))
  }

  #block(node: PmNode, inside: Formats): DeltaOp[] {
    const { attrs = {}, content = [], marks = [] } = node
    const name = canonicalName(node.type)
    // Text without a block is a line of its own.
    const isInline = name === 'image' || isInlineNode(node)
    if (!isInline) for (const { type } of marks) this.#losses.add('mark', type)
    if (name === 'codeBlock') return this.#code(attrs, content)
    if (isTextblock(node)) return this.#line(node, inside)
    if (isInline) return [...this.#inline(node), end(inside)]
    if (name === 'blockquote') return this.#wrapped(node, inside, { blockquote: true })
    if (name === 'table') return content.flatMap((row) => this.#row(row))
    const list = Object.hasOwn(LISTS, name) ? LISTS[name] : undefined
    if (list !== undefined) return this.#list(node, inside, list)
    this.#losses.add('node', node.type)
    if (content.length > 0) return this.blocks(content, inside)
    const label = labelOf(node)
    return label === '' ? [] : [{ insert: label }, end(inside)]
  }

  /** A block whose lines all have a format, and nothing else. */
  #wrapped({ type, attrs = {}, content = [] }: PmNode, inside: Formats, own: Formats): DeltaOp[] {
    this.#loseAttrs(type, attrs, [])
    if (Object.keys(inside).length > 0) this.#losses.add('structure', type)
    return content.flatMap((child) => {
      if (canonicalName(child.type) !== 'paragraph') this.#losses.add('structure', type)
      return this.#block(child, { ...inside, ...own })
    })
  }

  #line({ type, attrs = {}, content = [] }: PmNode, inside: Formats): DeltaOp[] {
    const name = canonicalName(type)
    const isHeading = name === 'heading'
    if (!isHeading && name !== 'paragraph') this.#losses.add('node', type)
    const { level = 1, ...others } = isHeading ? attrs : { ...attrs, level: undefined }
    const formats = { ...inside, ...(isHeading ? { header: level } : {}), ...lineFormats(others) }
    if (isHeading && Object.keys(inside).length > 0) this.#losses.add('structure', type)
    return [...content.flatMap((node) => this.#inline(node)), end(formats)]
  }

  #code(attrs: Attrs, content: readonly PmNode[]): DeltaOp[] {
    const { language, ...others } = attrs
    const named = typeof language === 'string' && language !== '' ? language : true
    const formats = { 'code-block': named, ...lineFormats(others) }
    const ops: DeltaOp[] = []
    for (const node of content) {
      for (const op of this.#inline(node)) {
        const { insert, ...rest } = op
        const parts = typeof insert === 'string' ? insert.split('\n') : [insert]
        for (const [i, part] of parts.entries()) {
          if (i > 0) ops.push(end(formats))
          if (part !== '') ops.push({ insert: part, ...rest })
        }
      }
    }
    return [...ops, end(formats)]
  }

  #list(node: PmNode, inside: Formats, quillName: (item: PmNode) => string): DeltaOp[] {
    this.#loseAttrs(node.type, node.attrs ?? {}, ['tight', 'start'])
    if (typeof node.attrs?.start === 'number' && node.attrs.start !== 1) {
      this.#losses.add('attribute', `${node.type}.start`)
    }
    const indent = inside.list === undefined ? 0 : Number(inside.indent ?? 0) + 1
    return (node.content ?? []).flatMap((item) => {
      const formats: Formats = { list: quillName(item), ...(indent > 0 ? { indent } : {}) }
      this.#loseAttrs(item.type, item.attrs ?? {}, ['checked'])
      const [first, ...rest] = item.content ?? []
      if (first === undefined || canonicalName(first.type) !== 'paragraph') {
        this.#losses.add('structure', item.type)
      }
      return [first, ...rest].flatMap((child, i) => {
        if (child === undefined) return []
        const isNested = Object.hasOwn(LISTS, canonicalName(child.type))
        if (i > 0 && !isNested) this.#losses.add('structure', item.type)
        return this.#block(child, formats)
      })
    })
  }

  #row(row: PmNode): DeltaOp[] {
    const table = `row-${++this.#rows}`
    this.#loseAttrs(row.type, row.attrs ?? {}, [])
    return (row.content ?? []).flatMap((cell) => {
      const { attrs = {}, content = [], type } = cell
      this.#loseAttrs(type, attrs, ['colspan', 'rowspan'])
      for (const span of ['colspan', 'rowspan']) {
        if (attrs[span] !== undefined && attrs[span] !== 1) {
          this.#losses.add('attribute', `${type}.${span}`)
        }
      }
      const [first] = content
      const isOneLine = content.length === 1 && canonicalName(first?.type ?? '') === 'paragraph'
      if (!isOneLine || canonicalName(type) === 'tableHeader') this.#losses.add('structure', type)
      const lines = this.blocks(content, {})
      // A cell is one line: the breaks between its blocks become spaces.
      const formats = isOneLine ? (lines.at(-1)?.attributes ?? {}) : {}
      const inline = lines.slice(0, -1).flatMap(({ insert, attributes }) => {
        const text = insert === '\n' ? ' ' : insert
        return [{ insert: text, ...(attributes && insert !== '\n' ? { attributes } : {}) }]
      })
      return [...inline, end({ table, ...formats })]
    })
  }

  #inline(node: PmNode): DeltaOp[] {
    const { attrs = {}, marks = [], text, type } = node
    const formats = this.#formats(marks)
    if (text !== undefined) return text === '' ? [] : [op(text, formats)]
    const name = canonicalName(type)
    if (name === 'hardBreak') {
      this.#losses.add('structure', type)
      return [{ insert: '\n' }]
    }
    if (name === EMBED) return [op(jsonToValue(attrs.value ?? null), formats)]
    if (name === 'image') {
      const { src, ...others } = attrs
      const said = Object.entries(others).filter(([, value]) => value !== null)
      for (const [key] of said) {
        if (!IMAGE_FORMATS.includes(key)) this.#losses.add('attribute', `${type}.${key}`)
      }
      const own = said.filter(([key]) => IMAGE_FORMATS.includes(key))
      const values = Object.fromEntries(own.map(([key, value]) => [key, jsonToValue(value)]))
      return [op({ image: src ?? '' }, { ...formats, ...values })]
    }
    this.#losses.add('node', type)
    if (node.content !== undefined) return node.content.flatMap((child) => this.#inline(child))
    const label = labelOf(node)
    return label === '' ? [] : [op(label, formats)]
  }

  #formats(marks: readonly PmMark[]): Formats {
    const formats: Formats = {}
    for (const mark of marks) {
      const [name, value] = formatOf(mark)
      // A text has at most one format of each name, and a Quill link has only an address.
      if (Object.hasOwn(formats, name)) this.#losses.add('mark', mark.type)
      if (name === 'link') this.#loseAttrs(mark.type, mark.attrs ?? {}, ['href'])
      formats[name] = value
    }
    return formats
  }

  #loseAttrs(type: string, attrs: Attrs, kept: readonly string[]): void {
    for (const [name, value] of Object.entries(attrs)) {
      if (value !== null && !kept.includes(name)) this.#losses.add('attribute', `${type}.${name}`)
    }
  }
}

const LISTS: Readonly<Record<string, (item: PmNode) => string>> = {
  bulletList: () => 'bullet',
  orderedList: () => 'ordered',
  taskList: ({ attrs = {} }) => (attrs.checked === true ? 'checked' : 'unchecked'),
}

const QUILL_NAMES = new Map(Object.entries(LINE_ATTRS).map(([quill, tiptap]) => [tiptap, quill]))

/** Formats of a line that are attributes of its block. */
const lineFormats = (attrs: Readonly<Record<string, Json | undefined>>): Formats =>
  Object.fromEntries(
    Object.entries(attrs)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => [QUILL_NAMES.get(name) ?? name, jsonToValue(value)]),
  )

const op = (insert: unknown, formats: Formats): DeltaOp =>
  Object.keys(formats).length === 0 ? { insert } : { insert, attributes: formats }

const end = (formats: Formats): DeltaOp => op('\n', formats)

function formatOf({ type, attrs }: PmMark): [name: string, value: unknown] {
  const name = canonicalName(type)
  if (name === 'link') return ['link', attrs?.href ?? '']
  if (name === 'subscript' || name === 'superscript') {
    return ['script', name === 'subscript' ? 'sub' : 'super']
  }
  return [name, formatValue(attrs)]
}

function formatValue(attrs: PmMark['attrs']): unknown {
  if (attrs === undefined || Object.keys(attrs).length === 0) return true
  const values: Readonly<Record<string, Json>> = attrs
  const isSingle =
    isObject(values) && Object.keys(values).length === 1 && values.value !== undefined
  return isSingle ? jsonToValue(values.value) : attrs
}
