// What HTML has no word for goes into data attributes, and comes back from them.
import type { Element, Properties } from 'hast'
import { isObject } from '../json.ts'
import type { Attrs } from '../prosemirror/nodes.ts'
import { URL_ATTRS } from './nodes.ts'

/** The name of a node or mark, where the element does not say it. */
export const NODE_NAME = 'dataYNode'
export const MARK_NAME = 'dataYMark'
/** A node without content: the text in it is only its label. */
export const LEAF = 'dataYLeaf'
const ATTRS = 'dataYAttrs'

/** All attributes of something that HTML does not know. */
export const storeAttrs = (attrs: Attrs): Properties =>
  Object.keys(attrs).length === 0 ? {} : { [ATTRS]: JSON.stringify(attrs) }

/**
 * The attributes that `said`, what the element says by itself, does not bring back. Links and
 * sources are never among them: what leads somewhere stands where it is checked.
 */
export function unsaidAttrs(attrs: Attrs, said: Attrs): Properties {
  const unsaid = Object.entries(attrs).filter(
    ([name, value]) =>
      value !== null &&
      !URL_ATTRS.includes(name) &&
      JSON.stringify(value) !== JSON.stringify(said[name]),
  )
  return storeAttrs(Object.fromEntries(unsaid))
}

/** All attributes of an element that HTML knows, of which it says some by itself. */
export function allAttrs(element: Element, said: Attrs): Attrs {
  const unsaid = Object.entries(readAttrs(element)).filter(([name]) => !URL_ATTRS.includes(name))
  return { ...said, ...Object.fromEntries(unsaid) }
}

/** The attributes that stand in the data attribute. */
export function readAttrs({ properties }: Element): Attrs {
  const stored = properties[ATTRS]
  if (typeof stored !== 'string') return {}
  try {
    const attrs: unknown = JSON.parse(stored)
    return isObject(attrs) ? (attrs as Attrs) : {}
  } catch {
    // Somebody else's attribute of that name.
    return {}
  }
}

/** The name that a data attribute gives, if it does. */
export function storedName({ properties }: Element, attribute: string): string | undefined {
  const name = properties[attribute]
  return typeof name === 'string' && name !== '' ? name : undefined
}
