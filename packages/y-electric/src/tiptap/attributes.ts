import {
  type Attrs,
  type DOMOutputSpec,
  DOMSerializer,
  type Mark,
  type MarkType,
  type Node,
  type NodeType,
} from '@tiptap/pm/model'
import * as Y from 'yjs'

/** A map for attribute names that plain objects cannot have as entries of their own. */
const PROTO = '__proto__'

/**
 * True if the attributes of an element or of a text are plain entries, as y-tiptap reads them. Those that
 * ProseMirror made in this page have no prototype.
 */
export function hasPlainAttributes(attrs: object, element?: Y.XmlElement): boolean {
  if (element?.hasAttribute(PROTO)) return false
  const prototype: unknown = Object.getPrototypeOf(attrs)
  return prototype === Object.prototype || prototype === null
}

/**
 * The first attribute with a value that the editor cannot work with: a shared type instead of JSON, or one
 * that the `validate` of the schema refuses. Null if all are fine.
 */
export function wrongAttribute(type: NodeType | MarkType, attrs: Attrs): string | null {
  for (const [name, value] of Object.entries(attrs)) {
    if (value instanceof Y.AbstractType || value instanceof Y.Doc) return name
    const validate = type.spec.attrs?.[name]?.validate
    // A missing attribute has the default of the schema.
    if (validate === undefined || value === undefined) continue
    if (typeof validate === 'string') {
      const kind = value === null ? 'null' : typeof value
      if (!validate.split('|').includes(kind)) return name
      continue
    }
    try {
      validate(value)
    } catch {
      return name
    }
  }
  return null
}

/** Content rendered into this document loads nothing and runs nothing. */
let inert: Document | null = null

/**
 * True if the schema can render this node or mark. A render function may throw for an unexpected
 * value, in the middle of an update of the view.
 */
export function canBeDrawn(drawn: Node | Mark, isInline: boolean): boolean {
  const toDOM = drawn.type.spec.toDOM as
    | ((drawn: Node | Mark, isInline: boolean) => DOMOutputSpec)
    | undefined
  if (toDOM === undefined) return true
  try {
    const spec = toDOM(drawn, isInline)
    if (typeof document !== 'undefined') {
      inert ??= document.implementation.createHTMLDocument('')
      DOMSerializer.renderSpec(inert, spec)
    }
    return true
  } catch {
    return false
  }
}
