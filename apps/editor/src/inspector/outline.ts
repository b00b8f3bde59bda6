import * as Y from 'yjs'
import { kindOf } from './changeSummary.ts'

/** One line of the tree. Its children are read when it is opened. */
export interface TreeNode {
  /** Stable as long as the node exists, and unique among its siblings. */
  readonly key: string
  /** The key of an entry; empty for a node in a sequence. */
  readonly name: string
  /** Its kind: `paragraph`, `map`, `text`, `string`, … */
  readonly kind: string
  /** Its content, shortened, and its attributes. */
  readonly detail: string
  /** The first words below it, shown while it is closed. */
  readonly preview: string
  /** The amount of content: `12 letters`, `3 nodes`. */
  readonly size: string
  /** The shared type that can be opened; null for a leaf. */
  readonly branch: SharedType | null
}

export type SharedType = Y.Doc['share'] extends Map<string, infer Type> ? Type : never

const LONGEST_DETAIL = 80
/** Marks are searched in this many pieces of a text. */
const LOOKED_AT = 400

/** The root types of the document. */
export function rootsOf(doc: Y.Doc): TreeNode[] {
  return [...doc.share].map(([name, type]) =>
    nodeOfType(`root ${name}`, name, type, rootKind(type)),
  )
}

/**
 * The direct children of a shared type, in order.
 * @param most the maximum number to return
 */
export function childrenOf(type: SharedType, most: number): TreeNode[] {
  const found: TreeNode[] = []
  if (!(type instanceof Y.XmlElement)) {
    for (const [key, item] of type._map) {
      if (found.length >= most) return found
      if (!item.deleted) found.push(...nodesOfItem(item, key).slice(-1))
    }
  }
  for (let item = type._start; item !== null && found.length < most; item = item.right) {
    if (!item.deleted) found.push(...nodesOfItem(item, '').slice(0, most - found.length))
  }
  return found
}

/** The number of children, without deleted entries of a map. */
export function childCount(type: SharedType): number {
  return isText(type, rootKind(type)) ? 0 : type._length + entriesOf(type).length
}

/** The first words of the document, as its title; empty if it has none. */
export function titleIn(doc: Y.Doc): string {
  for (const type of doc.share.values()) {
    const words = firstLine(type)
    if (words !== '') return words
  }
  return ''
}

function firstLine(type: SharedType): string {
  for (let item = type._start; item !== null; item = item.right) {
    if (item.deleted) continue
    if (item.content instanceof Y.ContentType) {
      const words = firstLine(item.content.type)
      if (words !== '') return words
    } else if (item.content instanceof Y.ContentString) {
      const words = textIn(type, LONGEST_DETAIL).trim().split('\n')[0] ?? ''
      if (words !== '') return words
    }
  }
  return ''
}

/** A root that was not requested by its type does not know its kind; its content reveals it. */
function rootKind(type: SharedType): string {
  const kind = kindOf(type)
  if (kind !== 'type') return kind
  for (let item = type._start; item !== null; item = item.right) {
    if (item.deleted) continue
    const { content } = item
    if (content instanceof Y.ContentString || content instanceof Y.ContentFormat) return 'text'
    if (content instanceof Y.ContentEmbed) return 'text'
    if (content instanceof Y.ContentType && isXml(content.type)) return 'fragment'
    return 'array'
  }
  return entriesOf(type).length > 0 ? 'map' : 'empty'
}

const isXml = (type: object): boolean =>
  type instanceof Y.XmlElement || type instanceof Y.XmlText || type instanceof Y.XmlHook

const isText = (type: SharedType, kind: string): boolean =>
  kind === 'text' || type instanceof Y.Text

const entriesOf = (type: SharedType): string[] =>
  type instanceof Y.XmlElement
    ? []
    : [...type._map].filter(([, item]) => !item.deleted).map(([key]) => key)

function nodeOfType(key: string, name: string, type: SharedType, kind = kindOf(type)): TreeNode {
  if (isText(type, kind)) {
    const marks = marksIn(type)
    const words = quoted(textIn(type, LONGEST_DETAIL + 1))
    const detail = [words, ...(marks.length === 0 ? [] : [marks.join(', ')])].join(' · ')
    return {
      key,
      name,
      kind: 'text',
      detail,
      preview: '',
      size: sizeIn(type._length, 'letter'),
      branch: null,
    }
  }
  const entries = entriesOf(type).length
  const of =
    kind === 'map' || entries > type._length ? 'entry' : isTree(type, kind) ? 'node' : 'value'
  return {
    key,
    name,
    kind,
    detail: type instanceof Y.XmlElement ? attributesOf(type) : '',
    preview:
      kind === 'fragment' || kind === 'array' || kind === 'map' ? '' : quoted(firstLine(type)),
    size: sizeIn(type._length + entries, of),
    branch: type,
  }
}

const isTree = (type: SharedType, kind: string): boolean =>
  kind === 'fragment' || type instanceof Y.XmlFragment

function nodesOfItem({ id, content }: Y.Item, name: string): TreeNode[] {
  const key = `${id.client}:${id.clock}`
  if (content instanceof Y.ContentType) return [nodeOfType(key, name, content.type)]
  if (content instanceof Y.ContentFormat) return []
  if (content instanceof Y.ContentDoc) {
    return [leaf(key, name, 'subdocument', content.doc.guid)]
  }
  return content.getContent().map((value: unknown, index) => {
    const at = index === 0 ? key : `${id.client}:${id.clock + index}`
    return leaf(at, name, kindOfValue(value), valueInWords(value))
  })
}

const leaf = (key: string, name: string, kind: string, detail: string): TreeNode => ({
  key,
  name,
  kind,
  detail,
  preview: '',
  size: '',
  branch: null,
})

function kindOfValue(value: unknown): string {
  if (value === null) return 'null'
  if (value instanceof Uint8Array) return 'bytes'
  return Array.isArray(value) ? 'list' : typeof value
}

export function valueInWords(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Uint8Array) return sizeIn(value.byteLength, 'byte')
  if (typeof value === 'string') return quoted(value.slice(0, LONGEST_DETAIL + 1))
  return shortened(JSON.stringify(value) ?? '')
}

export function attributesOf(element: Y.XmlElement): string {
  const attributes: Record<string, unknown> = element.getAttributes()
  return shortened(
    Object.entries(attributes)
      .map(
        ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
      )
      .join(' '),
  )
}

/** The first letters of a text. */
function textIn(type: SharedType, most: number): string {
  let text = ''
  for (let item = type._start; item !== null && text.length < most; item = item.right) {
    if (item.deleted) continue
    if (item.content instanceof Y.ContentString) text += item.content.str.slice(0, most)
    else if (item.content instanceof Y.ContentEmbed) text += '▫'
  }
  return text
}

function marksIn(type: SharedType): string[] {
  const marks = new Set<string>()
  let left = LOOKED_AT
  for (let item = type._start; item !== null && left > 0; item = item.right, left--) {
    const { content } = item
    if (!item.deleted && content instanceof Y.ContentFormat) marks.add(content.key)
  }
  return [...marks]
}

const quoted = (text: string): string => (text === '' ? '' : `“${shortened(text)}”`)

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length > LONGEST_DETAIL ? `${line.slice(0, LONGEST_DETAIL - 1)}…` : line
}

function sizeIn(count: number, one: 'letter' | 'node' | 'value' | 'entry' | 'byte'): string {
  const many = one === 'entry' ? 'entries' : `${one}s`
  return count === 0 ? 'empty' : `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}
