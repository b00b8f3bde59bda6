// The few harmless declarations of a style attribute that affect content.
import type { Element } from 'hast'

/** By the names of CSS. */
export type Styles = Readonly<Record<string, string>>

const COLOR = /^(#[0-9a-f]{3,8}|[a-z]+|(rgb|hsl)a?\([\d\s.,%/deg+-]+\)|var\(--[\w-]+\))$/i
const LENGTH = /^[\d.]+(px|em|rem|pt|%)?$/i

const VALUES: Readonly<Record<string, RegExp>> = {
  'white-space': /^pre-wrap$/,
  'text-align': /^(left|right|center|justify|start|end)$/,
  color: COLOR,
  'background-color': COLOR,
  'font-family': /^[\p{L}\p{N}\s,'"_-]+$/u,
  'font-size': /^([\d.]+(px|em|rem|pt|%)|(x{1,3}-)?(small|large)|medium|smaller|larger)$/i,
  'line-height': LENGTH,
  'font-weight': /^(normal|bold|bolder|\d{3})$/,
  'font-style': /^(normal|italic|oblique)$/,
  'text-decoration': /^[a-z -]+$/,
}

/** True when the declaration may stand in a style attribute. */
export const isSafeStyle = (name: string, value: string): boolean =>
  Object.hasOwn(VALUES, name) && VALUES[name]?.test(value) === true

/** The declarations that are safe, and the names of the others. */
export function parseStyles(style: string): {
  readonly styles: Styles
  readonly refused: string[]
} {
  const styles: Record<string, string> = {}
  const refused: string[] = []
  for (const declaration of style.split(';')) {
    const colon = declaration.indexOf(':')
    const name = declaration.slice(0, Math.max(0, colon)).trim().toLowerCase()
    const value = declaration.slice(colon + 1).trim()
    if (declaration.trim() === '') continue
    if (isSafeStyle(name, value)) styles[name] = value
    else refused.push(name === '' ? 'unreadable' : name)
  }
  return { styles, refused }
}

/** The safe declarations of an element. */
export const stylesOf = ({ properties }: Element): Styles =>
  typeof properties.style === 'string' ? parseStyles(properties.style).styles : {}

/** The value of a style attribute; undefined if there are no declarations. */
export function writeStyles(styles: Readonly<Record<string, unknown>>): string | undefined {
  const said = Object.entries(styles).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === 'string' && isSafeStyle(entry[0], entry[1]),
  )
  return said.length === 0 ? undefined : said.map(([name, value]) => `${name}: ${value}`).join('; ')
}
