// Stores content that HTML cannot express in data attributes, and restores it from them.
import type { Element, Properties } from 'hast'
import { isObject } from '../json.ts'
import type { Losses } from '../losses.ts'
import { cleanAttrs } from '../prosemirror/clean.ts'
import type { Attrs, PmMark } from '../prosemirror/nodes.ts'

/** The name of a node or mark that the element does not express. */
export const NODE_NAME = 'dataYNode'
export const MARK_NAME = 'dataYMark'
/** A node without content: the text in it is only its label. */
export const LEAF = 'dataYLeaf'
/** Marks an element whose content is read as it is: nothing is added, such as a paragraph in an empty item. */
export const EXACT = 'dataYExact'
/** The caption of a picture, from the figure around it: see captions.ts. */
export const CAPTION = 'dataYCaption'
const ATTRS = 'dataYAttrs'
const MARKS = 'dataYMarks'

/** Attributes with addresses: the element's own attribute wins, because it is the address that readers saw. */
const URL_ATTRS: readonly string[] = ['href', 'src']

/** All attributes of a node or mark that has no HTML element. */
export function storeAttrs(attrs: Attrs): Properties {
  const stored = Object.entries(attrs).filter(([, value]) => value !== null)
  return stored.length === 0 ? {} : { [ATTRS]: JSON.stringify(Object.fromEntries(stored)) }
}

/** The marks of a block, which no element around it can express. */
export const storeMarks = (marks: readonly PmMark[]): Properties =>
  marks.length === 0 ? {} : { [MARKS]: JSON.stringify(marks) }

/** The attributes that reading the element alone (`said`) does not restore. */
export function unsaidAttrs(attrs: Attrs, said: Attrs): Properties {
  const unsaid = Object.entries(attrs).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(said[name]),
  )
  return storeAttrs(Object.fromEntries(unsaid))
}

/**
 * All attributes of an element of HTML: its own and the stored ones. A link that shows one address and
 * stores another leads to the shown one.
 */
export function allAttrs(element: Element, type: string, said: Attrs, losses: Losses): Attrs {
  const unsaid = Object.entries(readAttrs(element, type, losses)).filter(
    ([name]) => !URL_ATTRS.includes(name) || said[name] === undefined,
  )
  return { ...said, ...Object.fromEntries(unsaid) }
}

/** The attributes from the data attribute, without any that could run a script. */
export function readAttrs({ properties }: Element, type: string, losses: Losses): Attrs {
  const attrs = parse(properties[ATTRS])
  return isObject(attrs) ? cleanAttrs(type, attrs as Attrs, losses) : {}
}

/** The marks in the data attribute of a block. */
export function readMarks({ properties }: Element, losses: Losses): PmMark[] {
  const marks = parse(properties[MARKS])
  if (!Array.isArray(marks)) return []
  return marks.flatMap((mark: unknown): PmMark[] => {
    if (!isObject(mark) || typeof mark.type !== 'string' || mark.type === '') return []
    const { type, attrs } = mark
    return [isObject(attrs) ? { type, attrs: cleanAttrs(type, attrs as Attrs, losses) } : { type }]
  })
}

function parse(stored: unknown): unknown {
  if (typeof stored !== 'string') return null
  try {
    return JSON.parse(stored)
  } catch {
    // The attribute was written by another program.
    return null
  }
}

/** The name in a data attribute, if there is one. */
export function storedName({ properties }: Element, attribute: string): string | undefined {
  const name = properties[attribute]
  return typeof name === 'string' && name !== '' ? name : undefined
}
