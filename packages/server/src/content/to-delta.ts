import { isObject, type Json } from './json.ts'
import { Losses } from './losses.ts'
import {
  canonicalName,
  EMBED,
  isTextblock,
  labelOf,
  type PmMark,
  type PmNode,
} from './prosemirror/nodes.ts'
import { type DeltaOp, jsonToValue } from './shared-values.ts'

type Formats = Record<string, unknown>

/** A ProseMirror document as a text with formats, as Quill writes it. Tables become lines. */
export const prosemirrorToDelta = (doc: PmNode, _losses: Losses = new Losses()): DeltaOp[] =>
  (doc.content ?? []).flatMap((node) => linesOf(node, {}))

/** `inside` is what the blocks around say of each of its lines. */
function linesOf(node: PmNode, inside: Formats): DeltaOp[] {
  const { attrs = {}, content = [] } = node
  const name = canonicalName(node.type)
  if (name === 'codeBlock') {
    const text = content.map(({ text = '' }) => text).join('')
    const language = typeof attrs.language === 'string' ? attrs.language : true
    return text.split('\n').flatMap((line) => [...plain(line), end({ 'code-block': language })])
  }
  if (isTextblock(node)) {
    const header = name === 'heading' ? { header: attrs.level ?? 1 } : {}
    return [...content.flatMap(inlineOf), end({ ...inside, ...header })]
  }
  if (name === 'image') return [...inlineOf(node), end(inside)]
  if (name === 'blockquote') return content.flatMap((child) => linesOf(child, { blockquote: true }))
  const list = LISTS[name]
  if (list === undefined) return content.flatMap((child) => linesOf(child, inside))
  const indent = inside.list === undefined ? 0 : Number(inside.indent ?? 0) + 1
  return content.flatMap((item) => {
    const formats = { list: list(item), ...(indent > 0 ? { indent } : {}) }
    return (item.content ?? []).flatMap((child) => linesOf(child, formats))
  })
}

const LISTS: Readonly<Record<string, (item: PmNode) => string>> = {
  bulletList: () => 'bullet',
  orderedList: () => 'ordered',
  taskList: ({ attrs = {} }) => (attrs.checked === true ? 'checked' : 'unchecked'),
}

const plain = (text: string): DeltaOp[] => (text === '' ? [] : [{ insert: text }])

const end = (formats: Formats): DeltaOp =>
  Object.keys(formats).length === 0 ? { insert: '\n' } : { insert: '\n', attributes: formats }

function inlineOf(node: PmNode): DeltaOp[] {
  const { attrs = {}, marks = [], text } = node
  if (text !== undefined) {
    if (text === '') return []
    const attributes = Object.fromEntries(marks.map(formatOf))
    return [marks.length === 0 ? { insert: text } : { insert: text, attributes }]
  }
  const name = canonicalName(node.type)
  if (name === 'hardBreak') return [{ insert: '\n' }]
  if (name === 'image') return [{ insert: { image: attrs.src ?? '' } }]
  if (name === EMBED) return [{ insert: jsonToValue(attrs.value ?? null) }]
  return node.content === undefined ? plain(labelOf(node)) : node.content.flatMap(inlineOf)
}

function formatOf({ type, attrs }: PmMark): [name: string, value: unknown] {
  const name = canonicalName(type)
  if (name === 'link') return ['link', attrs?.href ?? '']
  if (name === 'subscript' || name === 'superscript') {
    return ['script', name === 'subscript' ? 'sub' : 'super']
  }
  return [name, formatValue(attrs)]
}

function formatValue(attrs: PmMark['attrs']): unknown {
  if (attrs === undefined || Object.keys(attrs).length === 0) return true
  const values: Readonly<Record<string, Json>> = attrs
  const isSingle =
    isObject(values) && Object.keys(values).length === 1 && values.value !== undefined
  return isSingle ? values.value : attrs
}
