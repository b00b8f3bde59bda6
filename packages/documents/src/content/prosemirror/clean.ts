// Removes what markup must not carry in or out: addresses that run scripts, and characters HTML cannot express.
import { addressKind, runsAsAddress } from '../addresses.ts'
import { isObject, type Json } from '../json.ts'
import type { Losses } from '../losses.ts'
import { type Attrs, canonicalName, type PmMark, type PmNode } from './nodes.ts'

/** Attributes with text for people. `JavaScript: The Good Parts` is a title, not an address. */
const WORDS: ReadonlySet<string> = new Set([
  'label',
  'title',
  'alt',
  'text',
  'name',
  'caption',
  'latex',
  'formula',
  'language',
  'frontmatter',
])

/** The attributes without addresses that could run a script; each removed one is counted. */
export function cleanAttrs(type: string, attrs: Attrs, losses: Losses): Attrs {
  const kept = Object.entries(attrs).flatMap(([name, value]): [string, Json][] => {
    const clean = WORDS.has(name) ? value : withoutScripts(value, isLink(type, name))
    if (clean === undefined) losses.add('address', `${type}.${name}`)
    else if (clean !== value && JSON.stringify(clean) !== JSON.stringify(value)) {
      losses.add('address', `${type}.${name}`)
    }
    return clean === undefined ? [] : [[name, clean]]
  })
  return Object.fromEntries(kept)
}

const isLink = (type: string, name: string): boolean =>
  canonicalName(type) === 'link' && name === 'href'

function withoutScripts(value: Json, link: boolean): Json | undefined {
  if (typeof value === 'string') {
    const runs = link ? addressKind(value, 'link') === 'script' : runsAsAddress(value)
    return runs ? undefined : value
  }
  // Loops, because callbacks would take three times the stack: values may be nested deeply.
  if (Array.isArray(value)) {
    const clean: Json[] = []
    for (const part of value as Json[]) clean.push(withoutScripts(part, link) ?? null)
    return clean
  }
  if (!isObject(value)) return value
  const clean: [string, Json][] = []
  for (const [key, part] of Object.entries(value)) {
    const kept = withoutScripts(part as Json, link)
    if (kept !== undefined) clean.push([key, kept])
  }
  return Object.fromEntries(clean)
}

/** The document as markup can express it. Everything removed is counted. */
export function cleanNode(node: PmNode, losses: Losses): PmNode {
  const { type, attrs, content, marks, text } = node
  return {
    ...node,
    ...(text !== undefined && { text: withoutNul(text, losses) }),
    ...(attrs && { attrs: cleanAttrs(type, attrs, losses) }),
    ...(marks && { marks: marks.map((mark) => cleanMark(mark, losses)) }),
    ...(content && { content: content.map((child) => cleanNode(child, losses)) }),
  }
}

/** A link that loses its address and has no other attribute is returned without `attrs`. */
function cleanMark(mark: PmMark, losses: Losses): PmMark {
  if (!mark.attrs) return mark
  const attrs = cleanAttrs(mark.type, mark.attrs, losses)
  const isBare = Object.values(attrs).every((value) => value === null)
  return isBare && canonicalName(mark.type) === 'link' && (mark.attrs.href ?? null) !== null
    ? { type: mark.type }
    : { ...mark, attrs }
}

/** HTML and Markdown cannot express U+0000, not even as a character reference. */
function withoutNul(text: string, losses: Losses): string {
  const count = text.split('\u0000').length - 1
  if (count > 0) losses.add('text', 'U+0000', count)
  return count > 0 ? text.replaceAll('\u0000', '\ufffd') : text
}
