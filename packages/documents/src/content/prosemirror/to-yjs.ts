import { encodeAny, toBase64 } from 'lib0/buffer'
import * as sha256 from 'lib0/hash/sha256'
import * as Y from 'yjs'
import { fromJson, mapValues } from '../json.ts'
import { Losses } from '../losses.ts'
import { jsonToValue } from '../shared-values.ts'
import { EMBED, MARK_ATTR, type PmMark, type PmNode } from './nodes.ts'

/** Length of the hash that distinguishes two marks of one name on one text. */
const HASH_BYTES = 6

/**
 * Writes a ProseMirror document into an empty xml fragment as y-prosemirror (y-tiptap) does, but
 * without a schema: attributes that are not named are left to the editor's schema. Attributes of the
 * document itself are entries of the fragment, as an element's are; editors leave them alone.
 */
export function prosemirrorToFragment(
  doc: PmNode,
  fragment: Y.XmlFragment,
  losses: Losses = new Losses(),
): void {
  const content = doc.content ?? []
  countUnsaid(doc, losses)
  const overlapping = overlappingMarks([doc])
  setAttributes(fragment, doc, overlapping)
  // Entries alone do not show that the type is XML.
  const isOnlyEntries = content.length === 0 && fragment._map.size > 0
  const blocks = isOnlyEntries ? [{ type: 'paragraph' }] : content
  fragment.insert(0, childrenOf(blocks, overlapping))
}

/** Counts keys of a node, and texts, that a Yjs document cannot hold. */
function countUnsaid(node: PmNode, losses: Losses): void {
  const { type, attrs, content = [], marks = [], text } = node
  const isRun = isText(node)
  for (const key of Object.keys(node)) {
    if (!KEYS.has(key)) losses.add('attribute', `${type}.${key}`)
  }
  if (type === 'text' && Object.values(attrs ?? {}).some((value) => value !== null)) {
    losses.add('attribute', 'text.attrs')
  }
  if (isRun && content.length > 0) losses.add('node', `${type}.content`)
  if (type !== 'text' && text !== undefined) losses.add('text', `${type}.text`)
  // Yjs stores texts as UTF-8, which turns half a surrogate pair into U+FFFD.
  if (type === 'text' && /\p{Surrogate}/u.test(text ?? ''))
    losses.add('text', 'half a surrogate pair')
  if (type !== 'text' && attrs?.ychange) losses.add('attribute', `${type}.ychange`)
  for (const mark of marks) if (mark.type === 'ychange') losses.add('mark', 'ychange')
  for (const child of content) countUnsaid(child, losses)
}

const KEYS: ReadonlySet<string> = new Set(['type', 'attrs', 'content', 'marks', 'text'])

/**
 * Attributes and marks of a node. Yjs stores any value, although its TypeScript types allow only
 * strings.
 */
function setAttributes(
  target: Y.XmlFragment,
  { attrs, marks = [] }: PmNode,
  overlapping: ReadonlySet<string>,
): void {
  const set = (name: string, value: unknown) =>
    // A fragment has the entries that an element has, and no method that sets them.
    Y.XmlElement.prototype.setAttribute.call(target, name, value as string)
  for (const [name, value] of Object.entries(attrs ?? {})) {
    if (value !== null && name !== 'ychange') set(name, jsonToValue(value))
  }
  for (const mark of marks) {
    if (mark.type === 'ychange') continue
    set(`${MARK_ATTR}${keyOf(mark, overlapping)}`, mapValues(mark.attrs ?? {}, fromJson))
  }
}

/** The key of a mark; marks that can occur twice have a hash. */
const keyOf = (mark: PmMark, overlapping: ReadonlySet<string>): string =>
  overlapping.has(mark.type) ? `${mark.type}--${hashOf(mark)}` : mark.type

/**
 * The mark types that occur twice on one node in this document. A schema would define which types may do
 * so.
 */
function overlappingMarks(nodes: readonly PmNode[], found = new Set<string>()): Set<string> {
  for (const { marks = [], content = [] } of nodes) {
    const names = marks.map(({ type }) => type)
    for (const name of names) if (names.indexOf(name) !== names.lastIndexOf(name)) found.add(name)
    overlappingMarks(content, found)
  }
  return found
}

const isText = ({ type }: PmNode): boolean => type === 'text' || type === EMBED

/** Text nodes that follow each other are one Y.XmlText. */
function childrenOf(
  nodes: readonly PmNode[],
  overlapping: ReadonlySet<string>,
): (Y.XmlElement | Y.XmlText)[] {
  const children: (Y.XmlElement | Y.XmlText)[] = []
  let run: PmNode[] = []
  const endRun = () => {
    if (run.length > 0) children.push(textOf(run, overlapping))
    run = []
  }
  for (const node of nodes) {
    if (isText(node)) {
      run.push(node)
      continue
    }
    endRun()
    children.push(elementOf(node, overlapping))
  }
  endRun()
  return children
}

function elementOf(node: PmNode, overlapping: ReadonlySet<string>): Y.XmlElement {
  const element = new Y.XmlElement(node.type)
  setAttributes(element, node, overlapping)
  element.insert(0, childrenOf(node.content ?? [], overlapping))
  return element
}

function textOf(nodes: readonly PmNode[], overlapping: ReadonlySet<string>): Y.XmlText {
  const text = new Y.XmlText()
  const delta = nodes
    .filter((node) => node.type === EMBED || node.text !== '')
    .map((node) => ({
      insert: node.type === EMBED ? jsonToValue(node.attrs?.value ?? null) : node.text,
      attributes: Object.fromEntries(
        (node.marks ?? [])
          .filter(({ type }) => type !== 'ychange')
          .map((mark) => [keyOf(mark, overlapping), mapValues(mark.attrs ?? {}, fromJson)]),
      ),
    }))
  text.applyDelta(delta)
  return text
}

/** The hash that y-prosemirror gives a mark. */
function hashOf({ type, attrs = {} }: PmMark): string {
  const json = Object.keys(attrs).length > 0 ? { type, attrs } : { type }
  const digest = sha256.digest(encodeAny(json))
  const short = digest.slice(0, HASH_BYTES)
  for (let i = HASH_BYTES; i < digest.length; i++) {
    short[i % HASH_BYTES] = (short[i % HASH_BYTES] ?? 0) ^ (digest[i] ?? 0)
  }
  return toBase64(short)
}
