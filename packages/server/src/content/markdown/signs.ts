// Blocks of text, code, pictures and tables in Markdown's own signs, where these say all of it.
import type { AlignType, BlockContent, Code, Heading, Paragraph, RootContent, Table } from 'mdast'
import { addressKind } from '../addresses.ts'
import { Losses } from '../losses.ts'
import { isSameContent } from '../prosemirror/canonical.ts'
import { canonicalName, type PmNode } from '../prosemirror/nodes.ts'
import { phrasingOf, withoutUnsaid } from './inline.ts'
import { markdownToProsemirror } from './read.ts'
import { hasOnly, serialize } from './serialize.ts'

/** The block in Markdown's signs; null when it would come back as something else. */
export function signsOf(node: PmNode, losses: Losses): BlockContent | null {
  const lost = new Losses()
  const plain = withoutUnsaid(node, (kind, name) => lost.add(kind, name))
  const write = Object.hasOwn(WRITERS, plain.type) ? WRITERS[plain.type] : undefined
  const block = write?.(plain) ?? null
  if (block === null || !(isSurelyPlain(plain) || comesBack(block, plain))) return null
  losses.addAll(lost)
  return block
}

/** Reads it again: Markdown's signs have many conditions, of what stands before and after them. */
const comesBack = (block: RootContent, node: PmNode): boolean =>
  isSameContent(markdownToProsemirror(serialize([block])).content ?? [], [node])

/** Text that no sign is in, so that reading it again is not necessary. */
const PLAIN = /^\p{L}(?:[\p{L}\p{N} ,;'"()?!.-]*[\p{L}\p{N},;'"()?!.])?$/u

function isSurelyPlain({ type, content = [] }: PmNode): boolean {
  if (type === 'horizontalRule' || type === 'codeBlock') return true
  const [only] = content
  if (content.length !== 1 || only?.type !== 'text' || (only.marks ?? []).length > 0) return false
  const { text = '' } = only
  return PLAIN.test(text) && !/www\./i.test(text)
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
  return { type: 'paragraph', children: phrasingOf(content, LINE) }
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

/** A picture that is a block; in a link, when it has that mark. */
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

/** Columns of one line each below a line of headers; every other table is HTML. */
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
