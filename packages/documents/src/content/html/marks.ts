// The HTML of TipTap's marks: one table serves both directions.
import type { Element, Properties } from 'hast'
import { addressKind } from '../addresses.ts'
import type { Json } from '../json.ts'
import type { Attrs } from '../prosemirror/nodes.ts'
import { given, property, text } from './nodes.ts'
import { stylesOf, writeStyles } from './styles.ts'

export interface HtmlMark {
  readonly tagName: string
  /** Other elements that mean the same. */
  readonly also?: readonly string[]
  readonly write?: (attrs: Attrs) => Properties
  readonly read?: (element: Element) => Attrs
}

/** Splits a space-separated list; undefined if its white space would not survive a round trip. */
function tokens(value: Json | undefined): string[] | undefined {
  const said = text(value)
  const list = said?.split(' ')
  return list?.every((token) => token !== '' && !/\s/.test(token)) === true ? list : undefined
}

/** By TipTap's names, in nesting order: the first is outermost. */
export const HTML_MARKS: Readonly<Record<string, HtmlMark>> = {
  link: {
    tagName: 'a',
    write: ({ href, target, rel, class: className, title }) => ({
      href:
        typeof href === 'string' && addressKind(href, 'link') === 'safe' ? text(href) : undefined,
      target: text(target),
      rel: tokens(rel),
      className: tokens(className),
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
    write: ({ color }) => ({
      dataColor: text(color),
      style: writeStyles({ 'background-color': color }),
    }),
    read: (element) => {
      const color = property(element, 'dataColor') ?? stylesOf(element)['background-color']
      return color === undefined ? {} : { color }
    },
  },
  // Colours and fonts. A span is this mark only because of its style: see marksOf in from-marks.ts.
  textStyle: {
    tagName: 'span',
    write: ({ color, backgroundColor, fontFamily, fontSize, lineHeight }) => ({
      style: writeStyles({
        color,
        'background-color': backgroundColor,
        'font-family': fontFamily,
        'font-size': fontSize,
        'line-height': lineHeight,
      }),
    }),
    read: (element) => {
      const styles = stylesOf(element)
      const attrs = {
        color: styles.color ?? property(element, 'color'),
        backgroundColor: styles['background-color'],
        fontFamily: styles['font-family'] ?? property(element, 'face'),
        fontSize: styles['font-size'],
        lineHeight: styles['line-height'],
      }
      return Object.fromEntries(
        Object.entries(attrs).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, value] as const],
        ),
      )
    },
  },
  subscript: { tagName: 'sub' },
  superscript: { tagName: 'sup' },
  code: { tagName: 'code', also: ['kbd', 'samp', 'tt'] },
}

/** The mark of an element's tag; a span has none. */
export const MARKS_BY_TAG: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(HTML_MARKS).flatMap(([name, { tagName, also = [] }]) =>
    (name === 'textStyle' ? ['font'] : [tagName, ...also]).map((tag) => [tag, name]),
  ),
)
