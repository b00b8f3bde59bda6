// The HTML of TipTap's nodes: one table serves both directions.
import type { Element, Properties } from 'hast'
import { addressKind } from '../addresses.ts'
import type { Json } from '../json.ts'
import type { Attrs } from '../prosemirror/nodes.ts'
import { stylesOf, writeStyles } from './styles.ts'
import { CAPTION } from './unknown.ts'

/** The content of a node. */
export type Holds =
  /** Text and inline nodes. */
  | 'inline'
  /** Text without marks; other nodes only if they carry one of our names. */
  | 'code'
  /** Blocks; an empty one gets a paragraph. */
  | 'blocks'
  /** Blocks, of which the first is a paragraph. */
  | 'item'
  /** Its own kind of children: items, rows, cells. */
  | 'children'
  | 'nothing'

export interface HtmlNode {
  readonly holds: Holds
  readonly tagName: string | ((attrs: Attrs) => string)
  /** The attributes as HTML properties; those that HTML cannot express go into `data-y-attrs`. */
  readonly write?: (attrs: Attrs) => Properties
  /** The attributes that an element expresses, with TipTap's defaults. */
  readonly read?: (element: Element) => Attrs
}

/** The value if it is a string that HTML can express: HTML has no way to write U+0000. */
export const text = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && !value.includes('\u0000') ? value : undefined

/** The source of an image or video, if a browser may load it. */
const source = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && addressKind(value, 'media') === 'safe' ? text(value) : undefined

const whole = (value: unknown, from: number, to: number, otherwise: number): number => {
  // `Number()` throws for some objects.
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN
  return Number.isInteger(number) ? Math.min(to, Math.max(from, number)) : otherwise
}

/** The value if it is a length in whole pixels, as HTML needs it. */
const pixels = (value: Json | undefined): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined

export const property = (element: Element, name: string): string | undefined => {
  const value = element.properties[name]
  return typeof value === 'string' ? value : undefined
}

/** The named properties that an element has, unchanged. */
export const given = (element: Element, names: readonly string[]): Attrs =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = element.properties[name]
      return typeof value === 'string' || typeof value === 'number' ? [[name, value]] : []
    }),
  )

/** The largest span that browsers accept; without a bound a cell could claim a million columns. */
const MAX_SPAN = 1000
const MAX_START = 2 ** 31 - 1

/** The text alignment of a block: a style, or the obsolete attribute `align`. */
const alignmentOf = (element: Element): string | undefined =>
  stylesOf(element)['text-align'] ?? property(element, 'align')

/** The alignment and direction of a block of text. */
const textblock = {
  write: ({ textAlign, dir }: Attrs): Properties => ({
    style: writeStyles({ 'text-align': textAlign }),
    dir: text(dir),
  }),
  read: (element: Element): Attrs => {
    const textAlign = alignmentOf(element)
    return { ...(textAlign === undefined ? {} : { textAlign }), ...given(element, ['dir']) }
  },
}

const cell: Pick<HtmlNode, 'holds' | 'write' | 'read'> = {
  holds: 'blocks',
  write: ({ colspan, rowspan, colwidth, align }) => ({
    colSpan: whole(colspan, 1, MAX_SPAN, 1) === 1 ? undefined : whole(colspan, 1, MAX_SPAN, 1),
    rowSpan: whole(rowspan, 1, MAX_SPAN, 1) === 1 ? undefined : whole(rowspan, 1, MAX_SPAN, 1),
    dataColwidth: Array.isArray(colwidth) ? colwidth.join(',') : undefined,
    style: writeStyles({ 'text-align': align }),
  }),
  read: (element) => {
    const widths = (property(element, 'dataColwidth') ?? property(element, 'colwidth') ?? '')
      .split(',')
      .map(Number)
    const align = alignmentOf(element)
    return {
      colspan: whole(element.properties.colSpan, 1, MAX_SPAN, 1),
      rowspan: whole(element.properties.rowSpan, 1, MAX_SPAN, 1),
      ...(widths.every((width) => width > 0) ? { colwidth: widths } : {}),
      ...(align === undefined ? {} : { align }),
    }
  },
}

const checked: Pick<HtmlNode, 'write' | 'read'> = {
  write: (attrs) => ({
    dataChecked: typeof attrs.checked === 'boolean' ? String(attrs.checked) : undefined,
  }),
  read: (element) => {
    const state = property(element, 'dataChecked')
    return state === undefined ? {} : { checked: state === 'true' }
  },
}

const LANGUAGE = /^language-(.+)$/

/** The language of a code block, from the class of its code element. */
function readCode({ children }: Element): Attrs {
  const code = children.find((child) => child.type === 'element')
  if (code === undefined) return {}
  const classes = Array.isArray(code.properties.className) ? code.properties.className : []
  const language = classes
    .map((name) => LANGUAGE.exec(String(name))?.[1])
    .find((name) => name !== undefined)
  const meta = property(code, 'dataYMeta')
  return {
    ...(language === undefined ? {} : { language }),
    ...(meta === undefined ? {} : { meta }),
  }
}

const headingLevel = ({ level }: Attrs): number => whole(level, 1, 6, 1)

const IMAGE = ['src', 'alt', 'title', 'width', 'height'] as const
const MEDIA = ['src', 'poster', 'title', 'width', 'height'] as const

const media = (tagName: string): HtmlNode => ({
  holds: 'nothing',
  tagName,
  write: ({ src, poster, title, width, height }) => ({
    src: source(src),
    poster: source(poster),
    title: text(title),
    width: pixels(width),
    height: pixels(height),
    controls: true,
  }),
  read: (element) => given(element, MEDIA),
})

/** By TipTap's names. */
export const HTML_NODES: Readonly<Record<string, HtmlNode>> = {
  paragraph: { ...textblock, holds: 'inline', tagName: 'p' },
  heading: {
    holds: 'inline',
    tagName: (attrs) => `h${headingLevel(attrs)}`,
    write: textblock.write,
    read: (element) => ({
      level: Number(element.tagName.slice(1)),
      ...textblock.read(element),
    }),
  },
  blockquote: { holds: 'blocks', tagName: 'blockquote' },
  bulletList: { holds: 'children', tagName: 'ul' },
  orderedList: {
    holds: 'children',
    tagName: 'ol',
    write: ({ start, type }) => {
      const first = whole(start, -MAX_START, MAX_START, 1)
      return { start: first === 1 ? undefined : first, type: text(type) }
    },
    read: (element) => ({
      start: whole(element.properties.start, -MAX_START, MAX_START, 1),
      ...given(element, ['type']),
    }),
  },
  // TipTap's list items have no checked state, but an item with a check box outside a task list keeps it.
  listItem: { ...checked, holds: 'item', tagName: 'li' },
  taskList: {
    holds: 'children',
    tagName: 'ul',
    write: () => ({ dataType: 'taskList' }),
  },
  taskItem: {
    holds: 'item',
    tagName: 'li',
    write: (attrs) => ({ dataType: 'taskItem', dataChecked: String(attrs.checked === true) }),
    read: (element) => ({ checked: property(element, 'dataChecked') === 'true' }),
  },
  codeBlock: { holds: 'code', tagName: 'pre', read: readCode },
  hardBreak: { holds: 'nothing', tagName: 'br' },
  horizontalRule: { holds: 'nothing', tagName: 'hr' },
  image: {
    holds: 'nothing',
    tagName: 'img',
    write: ({ src, url, alt, title, width, height }) => ({
      // BlockNote's images have a url.
      src: source(src ?? url),
      alt: text(alt),
      title: text(title),
      width: pixels(width),
      height: pixels(height),
    }),
    read: (element) => {
      const caption = property(element, CAPTION)
      return { ...given(element, IMAGE), ...(caption === undefined ? {} : { caption }) }
    },
  },
  video: media('video'),
  audio: media('audio'),
  table: { holds: 'children', tagName: 'table' },
  tableRow: { holds: 'children', tagName: 'tr' },
  tableHeader: { ...cell, tagName: 'th' },
  tableCell: { ...cell, tagName: 'td' },
}

/** The child nodes of parents that allow no other children. */
export const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  bulletList: ['listItem'],
  orderedList: ['listItem'],
  taskList: ['taskItem'],
  table: ['tableRow'],
  tableRow: ['tableCell', 'tableHeader'],
}

/** Nodes that HTML allows only inside their own parent. */
export const ONLY_CHILDREN: ReadonlySet<string> = new Set(Object.values(CHILDREN).flat())
