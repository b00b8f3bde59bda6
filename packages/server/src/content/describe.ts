import * as Y from 'yjs'

/** Describes where an item was inserted, from clock `from` on: its parent, key and neighbours, as ids. */
export function describePlace(item: Y.Item, from: number): string {
  const { client, clock } = item.id
  const origin = from > clock ? Y.createID(client, from - 1) : item.origin
  const key = item.parentSub === null ? '' : `.${JSON.stringify(item.parentSub)}`
  return `in ${describeParent(item)}${key} after ${describeId(origin)} before ${describeId(item.rightOrigin)}`
}

function describeParent({ parent }: Y.Item): string {
  if (parent === null) return 'nothing'
  if (typeof parent === 'string') return JSON.stringify(parent)
  if (parent instanceof Y.ID) return describeId(parent)
  return parent._item === null
    ? JSON.stringify(Y.findRootTypeKey(parent))
    : describeId(parent._item.id)
}

const describeId = (id: Y.ID | null): string =>
  id === null ? 'the edge' : `${id.client}:${id.clock}`

/** The content of an item between two clocks: its kind, and its bytes or values in full. */
export function describeLiving(item: Y.Item, from: number, to: number): string {
  const { content } = item
  const start = from - item.id.clock
  const end = to - item.id.clock
  if (content instanceof Y.ContentString)
    return `text ${JSON.stringify(content.str.slice(start, end))}`
  if (content instanceof Y.ContentAny) return `values ${print(content.arr.slice(start, end))}`
  if (content instanceof Y.ContentJSON) return `json ${print(content.arr.slice(start, end))}`
  if (content instanceof Y.ContentBinary) return `bytes ${hex(content.content)}`
  if (content instanceof Y.ContentEmbed) return `embed ${print(content.embed)}`
  if (content instanceof Y.ContentFormat) return `format ${print([content.key, content.value])}`
  if (content instanceof Y.ContentDoc)
    return `subdocument ${print([content.doc.guid, content.opts])}`
  if (content instanceof Y.ContentType) return `a ${describeType(content.type)}`
  return content.constructor.name
}

/** Kind and name only: the children of a type are items of their own. */
function describeType(type: Y.AbstractType<unknown>): string {
  if (type instanceof Y.XmlElement) return `${type.constructor.name} <${type.nodeName}>`
  if (type instanceof Y.XmlHook) return `${type.constructor.name} ${JSON.stringify(type.hookName)}`
  return type.constructor.name
}

/** JSON that also distinguishes undefined, bytes, big integers, NaN and infinities. */
function print(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (part === undefined) return { $: 'undefined' }
    if (typeof part === 'bigint') return { $: `bigint ${part}` }
    if (typeof part === 'number' && !Number.isFinite(part)) return { $: `number ${part}` }
    if (Object.is(part, -0)) return { $: 'number -0' }
    return part instanceof Uint8Array ? { $: `bytes ${hex(part)}` } : part
  })
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
