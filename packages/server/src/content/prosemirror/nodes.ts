import { RequestError } from '../../errors.ts'
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

/** Stands for what a text holds that is no text and no element: ProseMirror has no node for it. */
export const EMBED = '$embed'

/** The names of other schemas for what TipTap's StarterKit has, too. */
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

/** The node, when the value is one. @throws {RequestError} `invalid_content`, saying where it is not */
export function requireNode(value: unknown, path = 'doc'): PmNode {
  const refuse = (problem: string) => new RequestError('invalid_content', `${path}: ${problem}`)
  if (!isObject(value)) throw refuse('a node is an object')
  const { type, attrs, content, marks, text } = value
  if (typeof type !== 'string' || type === '') throw refuse('a node has a type')
  if (attrs !== undefined && attrs !== null && !isObject(attrs)) {
    throw refuse('attrs is an object')
  }
  if (type === 'text' && typeof text !== 'string') throw refuse('a text node has a text')
  if (content !== undefined && !Array.isArray(content)) throw refuse('content is an array')
  if (marks !== undefined && !Array.isArray(marks)) throw refuse('marks is an array')
  content?.forEach((child, i) => {
    requireNode(child, `${path}.content[${i}]`)
  })
  for (const mark of marks ?? []) {
    if (!isObject(mark) || typeof mark.type !== 'string') throw refuse('a mark has a type')
    const { attrs } = mark
    if (attrs !== undefined && attrs !== null && !isObject(attrs)) {
      throw refuse('the attrs of a mark are an object')
    }
  }
  return value as unknown as PmNode
}

const INLINE = new Set(['text', 'hardBreak', EMBED])
const TEXTBLOCKS = new Set(['paragraph', 'heading', 'codeBlock'])

/** True when the node holds text and not blocks. */
export const isTextblock = ({ type, content = [] }: PmNode): boolean =>
  TEXTBLOCKS.has(canonicalName(type)) ||
  content.some((child) => INLINE.has(canonicalName(child.type)))

/** What a node says that has no text of its own: a mention, an image. */
export function labelOf({ attrs = {} }: PmNode): string {
  const label = attrs.label ?? attrs.alt ?? attrs.text ?? attrs.name
  return typeof label === 'string' ? label : ''
}
