// Blocks of text, code, images and tables in Markdown syntax, if it can express them completely.
import type { AlignType, BlockContent, Code, Heading, Paragraph, Table } from 'mdast'
import { addressKind } from '../addresses.ts'
import { Losses } from '../losses.ts'
import { canonicalName, type PmNode } from '../prosemirror/nodes.ts'
import { phrasingOf, withoutUnsaid } from './inline.ts'
import { hasOnly } from './serialize.ts'

/** A block in Markdown syntax, and the losses. */
export interface Signs {
  readonly node: PmNode
  readonly block: BlockContent
  readonly losses: Losses
}

/** The block in Markdown syntax; null if the syntax cannot express the block. */
export function signsOf(node: PmNode): Signs | null {
  const losses = new Losses()
  const plain = withoutUnsaid(node, (kind, name) => losses.add(kind, name))
  const write = Object.hasOwn(WRITERS, plain.type) ? WRITERS[plain.type] : undefined
  const block = write?.(plain) ?? null
  return block === null ? null : { node: plain, block, losses }
}

const WRITERS: Readonly<Record<string, (node: PmNode) => BlockContent | null>> = {
  paragraph: paragraphOf,
  heading: headingOf,
  codeBlock: codeOf,
  horizontalRule: (node) =>
    hasOnly(node, []) && (node.content ?? []).length === 0 ? { type: 'thematicBreak' } : null,
  image: imageOf,
  table: tableOf,
}

const LINE = { inLink: false, inCell: false }

function paragraphOf(node: PmNode): Paragraph | null {
  const { content = [] } = node
  if (!hasOnly(node, []) || content.length === 0) return null
  const children = phrasingOf(content, LINE)
  // A line of nothing but HTML is read as a block of HTML, and joined with the line of HTML after it.
  if (children.every(({ type }) => type === 'html')) return null
  return { type: 'paragraph', children }
}

function headingOf(node: PmNode): Heading | null {
  const { attrs = {}, content = [] } = node
  const depth = attrs.level ?? 1
  const isLevel = typeof depth === 'number' && Number.isInteger(depth) && depth >= 1 && depth <= 6
  if (!isLevel || !hasOnly(node, ['level'])) return null
  return { type: 'heading', depth: depth as 1, children: phrasingOf(content, LINE) }
}

function codeOf(node: PmNode): Code | null {
  const { attrs = {}, content = [] } = node
  const [lang, meta] = [attrs.language ?? null, attrs.meta ?? null]
  const isText = content.every(({ type, marks = [] }) => type === 'text' && marks.length === 0)
  const value = content.map(({ text = '' }) => text).join('')
  const isLang = lang === null || (typeof lang === 'string' && /^[\w#+.-]+$/.test(lang))
  const isMeta =
    meta === null ||
    (typeof meta === 'string' &&
      lang !== null &&
      /^[\w="{}, -]*\w["}]?$/.test(meta) &&
      meta.trim() === meta)
  if (!isText || !isLang || !isMeta || value.includes('\r')) return null
  if (!hasOnly(node, ['language', 'meta'])) return null
  return { type: 'code', lang, meta, value }
}

/** An image that is a block, inside a link if it has that mark. */
function imageOf(node: PmNode): Paragraph | null {
  const { attrs = {}, content = [], marks = [] } = node
  const { src, alt, title } = attrs
  const isText = [alt, title].every((value) => (value ?? '') === '' || typeof value === 'string')
  if (typeof src !== 'string' || addressKind(src, 'media') !== 'safe' || content.length > 0)
    return null
  if (!isText || !hasOnly({ ...node, marks: [] }, ['src', 'alt', 'title'])) return null
  const image = {
    type: 'image' as const,
    url: src,
    alt: (alt as string | null | undefined) ?? null,
    title: (title as string | null | undefined) ?? null,
  }
  const [mark, ...others] = marks
  if (mark === undefined) return { type: 'paragraph', children: [image] }
  const { href, title: linkTitle, ...rest } = mark.attrs ?? {}
  const isLink = mark.type === 'link' && typeof href === 'string' && others.length === 0
  if (!isLink || Object.values(rest).some((value) => value !== null)) return null
  if (addressKind(href, 'link') !== 'safe') return null
  const link = {
    type: 'link' as const,
    url: href,
    title: (linkTitle as string) ?? null,
    children: [image],
  }
  return { type: 'paragraph', children: [link] }
}

/** A table with one header row, whose cells are one line each. Every other table becomes HTML. */
function tableOf(node: PmNode): Table | null {
  const rows = node.content ?? []
  const columns = rows[0]?.content?.length ?? 0
  if (!hasOnly(node, []) || columns === 0) return null
  const isPlain = rows.every(
    (row, i) =>
      row.type === 'tableRow' &&
      hasOnly(row, []) &&
      row.content?.length === columns &&
      row.content.every((cell) => isPlainCell(cell, i === 0 ? 'tableHeader' : 'tableCell')),
  )
  if (!isPlain) return null
  const align = (rows[0]?.content ?? []).map(alignOf)
  const isEven = rows.every((row) => row.content?.every((cell, i) => alignOf(cell) === align[i]))
  if (!isEven) return null
  return {
    type: 'table',
    align,
    children: rows.map((row) => ({
      type: 'tableRow',
      children: (row.content ?? []).map((cell) => ({
        type: 'tableCell',
        children: phrasingOf(cell.content?.[0]?.content ?? [], { inLink: false, inCell: true }),
      })),
    })),
  }
}

const alignOf = ({ attrs }: PmNode): AlignType => (attrs?.align ?? null) as AlignType

function isPlainCell(cell: PmNode, type: string): boolean {
  const { attrs = {}, content = [] } = cell
  const [line, ...others] = content
  return (
    canonicalName(cell.type) === type &&
    hasOnly(cell, ['colspan', 'rowspan', 'align']) &&
    [null, 'left', 'center', 'right'].includes(alignOf(cell)) &&
    (attrs.colspan ?? 1) === 1 &&
    (attrs.rowspan ?? 1) === 1 &&
    line?.type === 'paragraph' &&
    hasOnly(line, []) &&
    others.length === 0
  )
}
