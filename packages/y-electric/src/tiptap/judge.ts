import { Fragment, type Mark, type Node, type NodeType, type Schema } from '@tiptap/pm/model'
import * as Y from 'yjs'
import { canBeDrawn, hasPlainAttributes, wrongAttribute } from './attributes.ts'

/** Names of attributes that the schema does not have, by the node or mark that has them. */
export type ExtraAttributes = Readonly<Record<string, readonly string[]>>

/** The parts of a document that an editor would lose. */
export interface Findings {
  /**
   * Descriptions of the parts that it would delete or cannot show: an unknown name, a node in a
   * wrong place, an attribute with a value that it cannot work with.
   */
  readonly foreign: readonly string[]
  /** Attributes that it would remove with the next edit. */
  readonly extra: ExtraAttributes
}

/** The cached result for each element and text; remove changed ones with {@link forget}. */
export type Known = WeakMap<object, Verdict>

interface Verdict {
  /** The nodes that y-tiptap creates from it; nothing of what y-tiptap deletes. */
  readonly nodes: readonly Node[]
  readonly foreign: readonly string[]
  /** Type and attribute. */
  readonly extra: readonly (readonly [type: string, attribute: string])[]
}

interface Check {
  readonly schema: Schema
  /**
   * Parts that may be deleted: for example a list without items, which results if two people each
   * delete one of two items.
   */
  readonly mayTidy: boolean
  readonly known: Known
}

/** How deeply blocks may be nested; editors and browsers fail at some depth. */
const MAX_DEPTH = 200

/** The hash that y-tiptap adds to marks that may occur twice on one text. */
const HASHED_MARK = /^(.*)--[a-zA-Z0-9+/=]{8}$/s

/**
 * Finds what an editor with this schema would lose of a document. y-tiptap deletes what its schema
 * refuses from the document, and so for everybody. It stops following the document if an attribute
 * makes the schema throw. This function builds the same nodes as y-tiptap and changes nothing.
 *
 * @param options.mayTidy whether empty parts that the schema refuses may be deleted, as y-tiptap
 * does
 * @param options.known results of an earlier call; see {@link forget}
 */
export function findForeign(
  fragment: Y.XmlFragment,
  schema: Schema,
  { mayTidy = false, known = new WeakMap() }: { mayTidy?: boolean; known?: Known } = {},
): Findings {
  const check: Check = { schema, mayTidy, known }
  const children = (fragment.toArray() as unknown[]).map((child) =>
    child instanceof Y.XmlElement ? verdictOf(child, check, 1) : stray('text outside of a block'),
  )
  const whole = joined(children)
  const isEmpty = whole.nodes.length === 0
  const broken =
    whole.foreign.length === 0 && !isEmpty ? faultIn(schema.topNodeType, whole.nodes) : null
  const extra: Record<string, string[]> = {}
  for (const [type, name] of whole.extra) {
    extra[type] ??= []
    const names = extra[type]
    if (!names.includes(name)) names.push(name)
  }
  const foreign = [...new Set(broken === null ? whole.foreign : [...whole.foreign, broken])]
  return { foreign, extra }
}

/** Removes the cached results of what has changed and of everything around it. */
export function forget(known: Known, changed: Iterable<object>): void {
  for (const type of changed) {
    let here: unknown = type
    while (here instanceof Y.AbstractType) {
      known.delete(here)
      here = here._item?.parent
    }
  }
}

const stray = (words: string): Verdict => ({ nodes: [], foreign: [words], extra: [] })

function joined(verdicts: readonly Verdict[]): Verdict {
  return {
    nodes: verdicts.flatMap(({ nodes }) => nodes),
    foreign: verdicts.flatMap(({ foreign }) => foreign),
    extra: verdicts.flatMap(({ extra }) => extra),
  }
}

function verdictOf(child: unknown, check: Check, depth: number): Verdict {
  const isElement = child instanceof Y.XmlElement
  if (!isElement && !(child instanceof Y.XmlText)) return stray('something that is not a text')
  const before = check.known.get(child)
  if (before !== undefined) return before
  const verdict = isElement ? elementVerdict(child, check, depth) : textVerdict(child, check)
  check.known.set(child, verdict)
  return verdict
}

function elementVerdict(element: Y.XmlElement, check: Check, depth: number): Verdict {
  const { schema, mayTidy } = check
  const name = element.nodeName
  if (depth > MAX_DEPTH) return stray(`blocks more than ${MAX_DEPTH} deep`)
  const inside = joined(element.toArray().map((child) => verdictOf(child, check, depth + 1)))
  const type = Object.hasOwn(schema.nodes, name) ? schema.nodes[name] : undefined
  if (type === undefined || type.isText) {
    return { nodes: [], foreign: [name, ...inside.foreign], extra: inside.extra }
  }
  const attrs = element.getAttributes() as Record<string, unknown>
  const extra = [...inside.extra, ...extraOf(name, attrs, type.spec.attrs)]
  if (inside.foreign.length > 0) return { nodes: [], foreign: inside.foreign, extra }
  if (hasOwnTextsInARow(element)) return { nodes: [], foreign: ['a text in pieces'], extra }
  if (!hasPlainAttributes(attrs, element)) return stray(`${name} with a wrong attribute`)
  const wrong = wrongAttribute(type, attrs)
  if (wrong !== null) return stray(`${name} with a wrong ${wrong}`)
  try {
    const node = schema.node(name, attrs, [...inside.nodes])
    return canBeDrawn(node, type.isInline)
      ? { nodes: [node], foreign: [], extra }
      : stray(`${name} that cannot be shown`)
  } catch {
    if (mayTidy && inside.nodes.every(holdsNothing)) return { nodes: [], foreign: [], extra }
    return {
      nodes: [],
      foreign: [faultIn(type, inside.nodes) ?? `${name} without its values`],
      extra,
    }
  }
}

/**
 * y-tiptap joins a text to the one after it if that one was made in this session. Of three in a row
 * it puts the last into the second, which it has just deleted.
 */
function hasOwnTextsInARow(element: Y.XmlElement): boolean {
  const isJoined = (text: unknown) => {
    const next = text instanceof Y.XmlText ? text._item?.right : null
    const isOwn =
      next instanceof Y.Item && !next.deleted && next.id.client === element.doc?.clientID
    return isOwn && next.content instanceof Y.ContentType && next.content.type instanceof Y.Text
  }
  const children: unknown[] = element.toArray()
  return children.some((child, i) => isJoined(child) && isJoined(children[i + 1]))
}

/** True if there is no text, and no other visible leaf: an image, a line. */
function holdsNothing(node: Node): boolean {
  return !node.isLeaf && node.children.every(holdsNothing)
}

/** The reason why the type does not accept the children; null if it does. */
function faultIn(type: NodeType, nodes: readonly Node[]): string | null {
  let match = type.contentMatch
  for (const node of nodes) {
    const next = match.matchType(node.type)
    if (next === null) return `${node.type.name} in ${type.name}`
    match = next
    const mark = node.marks.find((each) => !type.allowsMarkType(each.type))
    if (mark !== undefined) return `${mark.type.name} in ${type.name}`
  }
  return match.validEnd && type.validContent(Fragment.from([...nodes]))
    ? null
    : `incomplete ${type.name}`
}

function textVerdict(text: Y.XmlText, { schema }: Check): Verdict {
  const verdict = {
    nodes: [] as Node[],
    foreign: [] as string[],
    extra: [] as (readonly [string, string])[],
  }
  for (const { insert, attributes = {} } of text.toDelta() as Delta) {
    if (typeof insert !== 'string') {
      verdict.foreign.push('an object in a text')
      continue
    }
    if (!hasPlainAttributes(attributes)) verdict.foreign.push('a wrong mark')
    const marks: Mark[] = []
    for (const [key, value] of Object.entries(attributes)) {
      const mark = markOf(key, value, schema)
      const fault = mark === null ? '' : faultOfMark(mark, value)
      if (mark === null) verdict.foreign.push(HASHED_MARK.exec(key)?.[1] ?? key)
      else if (fault !== null) verdict.foreign.push(fault)
      else {
        marks.push(mark)
        verdict.extra.push(...extraOf(mark.type.name, value, mark.type.spec.attrs))
      }
    }
    if (verdict.foreign.length === 0) verdict.nodes.push(schema.text(insert, marks))
  }
  return verdict
}

type Delta = readonly { insert: unknown; attributes?: Record<string, unknown> }[]

/** The mark, unless y-tiptap would lose it or its attributes. */
function markOf(key: string, value: unknown, schema: Schema): Mark | null {
  const name = HASHED_MARK.exec(key)?.[1] ?? key
  const type = Object.hasOwn(schema.marks, name) ? schema.marks[name] : undefined
  if (type === undefined) return null
  // Only a mark that may occur twice on a text keeps its hash.
  if (name !== key && type.excludes(type)) return null
  const saysMoreThanYes = typeof value !== 'object' && value !== true
  if (saysMoreThanYes || Array.isArray(value)) return null
  try {
    return type.create(typeof value === 'object' ? (value as Record<string, unknown>) : null)
  } catch {
    return null
  }
}

/** The reason why the editor cannot work with the attributes of a mark; null if it can. */
function faultOfMark(mark: Mark, value: unknown): string | null {
  const { name } = mark.type
  if (typeof value === 'object' && value !== null) {
    if (!hasPlainAttributes(value)) return `${name} with a wrong attribute`
    const wrong = wrongAttribute(mark.type, value)
    if (wrong !== null) return `${name} with a wrong ${wrong}`
  }
  return canBeDrawn(mark, true) ? null : `${name} that cannot be shown`
}

function extraOf(
  type: string,
  attrs: unknown,
  known: object | undefined,
): (readonly [string, string])[] {
  if (typeof attrs !== 'object' || attrs === null) return []
  return Object.entries(attrs)
    .filter(([name, value]) => value != null && !Object.hasOwn(known ?? {}, name))
    .map(([name]) => [type, name] as const)
}
