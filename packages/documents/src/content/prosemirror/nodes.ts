import { RequestError } from '@y-electric/server'
import { isObject, type Json } from '../json.ts'

export type Attrs = { readonly [name: string]: Json }

/** A mark as ProseMirror writes it in JSON. */
export interface PmMark {
  readonly type: string
  readonly attrs?: Attrs
}

/** A node as ProseMirror writes it in JSON. */
export interface PmNode {
  readonly type: string
  readonly attrs?: Attrs
  readonly content?: readonly PmNode[]
  readonly marks?: readonly PmMark[]
  readonly text?: string
}

/** Replaces content of a text that is neither text nor an element: ProseMirror has no node for it. */
export const EMBED = '$embed'

/** y-tiptap's prefix for attributes that hold a mark of a node other than text. */
export const MARK_ATTR = '__mark_'

/** Names of other schemas for nodes and marks of TipTap's StarterKit. */
const ALIASES: Readonly<Record<string, string>> = {
  bullet_list: 'bulletList',
  ordered_list: 'orderedList',
  list_item: 'listItem',
  code_block: 'codeBlock',
  hard_break: 'hardBreak',
  horizontal_rule: 'horizontalRule',
  table_row: 'tableRow',
  table_cell: 'tableCell',
  table_header: 'tableHeader',
  task_list: 'taskList',
  task_item: 'taskItem',
  strong: 'bold',
  em: 'italic',
}

/** TipTap's name of a node or mark. */
export const canonicalName = (name: string): string =>
  Object.hasOwn(ALIASES, name) ? (ALIASES[name] ?? name) : name

/** The value as a node. @throws {RequestError} `invalid_content`, naming the path of the problem */
export function requireNode(value: unknown, path = 'doc'): PmNode {
  const refuse = (problem: string) => new RequestError('invalid_content', `${path}: ${problem}`)
  if (!isObject(value)) throw refuse('a node must be an object')
  const { type, attrs, content, marks, text } = value
  if (typeof type !== 'string' || type === '') throw refuse('a node must have a type')
  if (attrs !== undefined && attrs !== null && !isObject(attrs)) {
    throw refuse('attrs must be an object')
  }
  if (type === 'text' && typeof text !== 'string') throw refuse('a text node must have a text')
  const isNothing = type === EMBED && (!isObject(attrs) || (attrs.value ?? null) === null)
  if (isNothing) throw refuse(`an ${EMBED} must have a value`)
  if (content !== undefined && !Array.isArray(content)) throw refuse('content must be an array')
  if (marks !== undefined && !Array.isArray(marks)) throw refuse('marks must be an array')
  content?.forEach((child, i) => {
    requireNode(child, `${path}.content[${i}]`)
  })
  for (const mark of marks ?? []) {
    if (!isObject(mark) || typeof mark.type !== 'string') throw refuse('a mark must have a type')
    const { attrs } = mark
    if (attrs !== undefined && attrs !== null && !isObject(attrs)) {
      throw refuse('the attrs of a mark must be an object')
    }
  }
  return value as unknown as PmNode
}

const INLINE = new Set(['text', 'hardBreak', EMBED])
const TEXTBLOCKS = new Set(['paragraph', 'heading', 'codeBlock'])

/** True if the node is always inline. */
export const isInline = ({ type }: PmNode): boolean => INLINE.has(canonicalName(type))

/** True when the node holds text and not blocks. */
export const isTextblock = ({ type, content = [] }: PmNode): boolean =>
  TEXTBLOCKS.has(canonicalName(type)) || content.some(isInline)

/** Merges adjacent texts without marks. */
export function joinTexts(nodes: readonly PmNode[]): PmNode[] {
  const joined: PmNode[] = []
  for (const node of nodes) {
    const last = joined.at(-1)
    const isPlain = (one: PmNode | undefined) => one?.text !== undefined && one.marks === undefined
    if (last !== undefined && isPlain(last) && isPlain(node)) {
      joined[joined.length - 1] = { type: 'text', text: `${last.text}${node.text}` }
    } else joined.push(node)
  }
  return joined
}

/** Attributes with readable text for a node without text of its own, best first. */
const WORDS = [
  'label',
  'alt',
  'text',
  'name',
  'title',
  'caption',
  'latex',
  'formula',
  'value',
  'date',
]
const ADDRESSES = ['url', 'src', 'href', 'video', 'audio', 'image', 'file']

/**
 * The readable text of a node without text of its own: a mention, an image, a formula, a bookmark. If
 * it has words and an address, an image gives only its words and other nodes give both.
 */
export function labelOf({ type, attrs = {} }: PmNode): string {
  const said = type === EMBED ? embedAttrs(attrs) : attrs
  const words = wordsOf(type, said)
  const address = firstText(said, ADDRESSES)
  if (words === '' && address === '') return otherText(canonicalName(type), said)
  if (words === '' || address.startsWith('data:')) return words === '' ? address : words
  const isImage = canonicalName(type) === 'image' && said.src !== undefined
  return address === '' || isImage ? words : `${words} (${address})`
}

/** The words of a picture are its alternative text and its caption. */
function wordsOf(type: string, attrs: Attrs): string {
  const words = firstText(attrs, WORDS)
  const caption = canonicalName(type) === 'image' ? firstText(attrs, ['caption']) : ''
  return caption === '' || caption === words ? words : `${words} – ${caption}`
}

/** The attributes of an embed of Quill: `{formula: …}` or `{mention: {…}}`. */
function embedAttrs(attrs: Attrs): Attrs {
  const { value } = attrs
  if (!isObject(value)) return attrs
  const [only, ...others] = Object.values(value)
  return (others.length === 0 && isObject(only) ? only : value) as Attrs
}

/** Attributes for the look or the identity of a node, which hold no readable text. */
const SILENT =
  /(colou?r|align(ment)?|style|class|width|height|level|key|id|type|state|lang(uage)?|dir)$/i

const WITHOUT_WORDS = new Set(['horizontalRule', 'hardBreak', 'table', 'tableRow', 'image'])

/** The first text among the other attributes, so that the sentence has no gap. */
function otherText(type: string, attrs: Attrs): string {
  if (WITHOUT_WORDS.has(type)) return ''
  const names = Object.keys(attrs).filter((name) => !SILENT.test(name))
  return firstText(attrs, type === 'mention' ? ['id', ...names] : names)
}

function firstText(attrs: Attrs, names: readonly string[]): string {
  for (const name of names) {
    const value = attrs[name]
    if (typeof value === 'string' && value !== '') return value
    if (typeof value === 'number') return String(value)
  }
  return ''
}
