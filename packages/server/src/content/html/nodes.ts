// What HTML has for TipTap's nodes and marks, in both directions from one table.
import type { Element, Properties } from 'hast'
import type { Json } from '../json.ts'
import type { Attrs } from '../prosemirror/nodes.ts'

/** What a node contains. */
export type Holds =
  /** Text and inline nodes. */
  | 'inline'
  /** Text without marks. */
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
  readonly write?: (attrs: Attrs) => Properties
  /** The attributes that an element says, with TipTap's defaults. */
  readonly read?: (element: Element) => Attrs
}

const text = (value: Json | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined

const whole = (value: unknown, from: number, to: number, otherwise: number): number => {
  const number = Number(value ?? Number.NaN)
  return Number.isInteger(number) ? Math.min(to, Math.max(from, number)) : otherwise
}

const property = (element: Element, name: string): string | undefined => {
  const value = element.properties[name]
  return typeof value === 'string' ? value : undefined
}

/** The named properties that an element has, as they are. */
const given = (element: Element, names: readonly string[]): Attrs =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = element.properties[name]
      return typeof value === 'string' || typeof value === 'number' ? [[name, value]] : []
    }),
  )

/** What browsers take at most; without a bound a cell could claim a million columns. */
const MAX_SPAN = 1000
const MAX_START = 2 ** 31 - 1

const cell: Pick<HtmlNode, 'holds' | 'write' | 'read'> = {
  holds: 'blocks',
  write: ({ colspan, rowspan, colwidth }) => ({
    colSpan: whole(colspan, 1, MAX_SPAN, 1) === 1 ? undefined : whole(colspan, 1, MAX_SPAN, 1),
    rowSpan: whole(rowspan, 1, MAX_SPAN, 1) === 1 ? undefined : whole(rowspan, 1, MAX_SPAN, 1),
    dataColwidth: Array.isArray(colwidth) ? colwidth.join(',') : undefined,
  }),
  read: (element) => {
    const widths = (property(element, 'dataColwidth') ?? property(element, 'colwidth') ?? '')
      .split(',')
      .map(Number)
    return {
      colspan: whole(element.properties.colSpan, 1, MAX_SPAN, 1),
      rowspan: whole(element.properties.rowSpan, 1, MAX_SPAN, 1),
      ...(widths.every((width) => width > 0) ? { colwidth: widths } : {}),
    }
  },
}

const LANGUAGE = /^language-(.+)$/

const headingLevel = ({ level }: Attrs): number => whole(level, 1, 6, 1)

/** By TipTap's names. */
export const HTML_NODES: Readonly<Record<string, HtmlNode>> = {
  paragraph: { holds: 'inline', tagName: 'p' },
  heading: {
    holds: 'inline',
    tagName: (attrs) => `h${headingLevel(attrs)}`,
    read: ({ tagName }) => ({ level: Number(tagName.slice(1)) }),
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
  listItem: { holds: 'item', tagName: 'li' },
  taskList: {
    holds: 'children',
    tagName: 'ul',
    write: () => ({ dataType: 'taskList' }),
  },
  taskItem: {
    holds: 'item',
    tagName: 'li',
    write: ({ checked }) => ({ dataType: 'taskItem', dataChecked: String(checked === true) }),
    read: (element) => ({ checked: property(element, 'dataChecked') === 'true' }),
  },
  codeBlock: {
    holds: 'code',
    tagName: 'pre',
    read: ({ children }) => {
      const [code] = children
      const classes = code?.type === 'element' ? code.properties.className : undefined
      const language = (Array.isArray(classes) ? classes : [])
        .map((name) => LANGUAGE.exec(String(name))?.[1])
        .find((name) => name !== undefined)
      return language === undefined ? {} : { language }
    },
  },
  hardBreak: { holds: 'nothing', tagName: 'br' },
  horizontalRule: { holds: 'nothing', tagName: 'hr' },
  image: {
    holds: 'nothing',
    tagName: 'img',
    write: ({ src, alt, title, width, height }) => ({
      src: text(src),
      alt: text(alt),
      title: text(title),
      width: typeof width === 'number' ? width : undefined,
      height: typeof height === 'number' ? height : undefined,
    }),
    read: (element) => given(element, ['src', 'alt', 'title', 'width', 'height']),
  },
  table: { holds: 'children', tagName: 'table' },
  tableRow: { holds: 'children', tagName: 'tr' },
  tableHeader: { ...cell, tagName: 'th' },
  tableCell: { ...cell, tagName: 'td' },
}

export interface HtmlMark {
  readonly tagName: string
  /** Other elements that mean the same. */
  readonly also?: readonly string[]
  readonly write?: (attrs: Attrs) => Properties
  readonly read?: (element: Element) => Attrs
}

/** By TipTap's names, in the order in which they lie around each other: the first is outermost. */
export const HTML_MARKS: Readonly<Record<string, HtmlMark>> = {
  link: {
    tagName: 'a',
    write: ({ href, target, rel, class: className, title }) => ({
      href: text(href),
      target: text(target),
      rel: text(rel)?.split(' '),
      className: text(className)?.split(' '),
      title: text(title),
    }),
    read: (element) => {
      const { rel, className } = element.properties
      return {
        ...given(element, ['href', 'target', 'title']),
        ...(Array.isArray(rel) ? { rel: rel.join(' ') } : {}),
        ...(Array.isArray(className) ? { class: className.join(' ') } : {}),
      }
    },
  },
  bold: { tagName: 'strong', also: ['b'] },
  italic: { tagName: 'em', also: ['i'] },
  strike: { tagName: 's', also: ['del', 'strike'] },
  underline: { tagName: 'u', also: ['ins'] },
  highlight: {
    tagName: 'mark',
    write: ({ color }) => ({ dataColor: text(color) }),
    read: (element) => {
      const color = property(element, 'dataColor')
      return color === undefined ? {} : { color }
    },
  },
  subscript: { tagName: 'sub' },
  superscript: { tagName: 'sup' },
  code: { tagName: 'code', also: ['kbd', 'samp', 'tt'] },
}

/** Attributes that lead somewhere: these are taken from an element alone, where they are checked. */
export const URL_ATTRS: readonly string[] = ['href', 'src']
