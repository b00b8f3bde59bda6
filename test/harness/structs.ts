// Compares the structs of two Y.Docs, and the order of structs in each type. Two equal documents may have
// split the same run of characters into different structs. One may also keep deleted content for undo that
// the other has collected as garbage. So this module compares runs slice by slice, and deleted content only
// where both documents still have it.
import * as Y from 'yjs'

type Struct = Y.Item | Y.GC

/** Describes the first difference between the structs of two documents; undefined if there is none. */
export function findStructDifference(left: Y.Doc, right: Y.Doc): string | undefined {
  const clients = new Set([...left.store.clients.keys(), ...right.store.clients.keys()])
  for (const client of [...clients].sort((a, b) => a - b)) {
    const difference = compareRuns(
      client,
      left.store.clients.get(client) ?? [],
      right.store.clients.get(client) ?? [],
    )
    if (difference) return difference
  }
  return undefined
}

/**
 * Walks both lists of one client together. Each step ends where the shorter of the two structs ends.
 */
function compareRuns(
  client: number,
  left: readonly Struct[],
  right: readonly Struct[],
): string | undefined {
  let clock = 0
  let [l, r] = [0, 0]
  for (;;) {
    const [a, b] = [left[l], right[r]]
    if (a === undefined && b === undefined) return undefined
    const at = `struct ${client}:${clock}`
    if (a === undefined || b === undefined) return `${at} is missing on one side`
    const end = Math.min(a.id.clock + a.length, b.id.clock + b.length)
    if (isSame(a, b)) {
      l++
      r++
      clock = end
      continue
    }
    const [one, other] = [describeSlice(a, clock, end), describeSlice(b, clock, end)]
    if (one.life !== other.life) return `${at}: ${one.life} here, ${other.life} there`
    if (one.place !== undefined && other.place !== undefined && one.place !== other.place) {
      return `${at}: ${one.place} here, ${other.place} there`
    }
    if (a.id.clock + a.length === end) l++
    if (b.id.clock + b.length === end) r++
    clock = end
  }
}

/**
 * True only if `describeSlice` would return the same for both. Describing takes much longer than comparing,
 * and nearly all structs are the same.
 */
function isSame(a: Struct, b: Struct): boolean {
  if (!(a instanceof Y.Item && b instanceof Y.Item)) return false
  return (
    a.id.clock === b.id.clock &&
    a.length === b.length &&
    a.parentSub === b.parentSub &&
    isSameId(a.origin, b.origin) &&
    isSameId(a.rightOrigin, b.rightOrigin) &&
    isSameParent(a.parent, b.parent) &&
    (a.deleted ? b.deleted : !b.deleted && isSameText(a.content, b.content))
  )
}

const isSameId = (a: Y.ID | null, b: Y.ID | null): boolean =>
  a === null || b === null ? a === b : a.client === b.client && a.clock === b.clock

const isSameParent = (a: Y.Item['parent'], b: Y.Item['parent']): boolean =>
  a instanceof Y.AbstractType &&
  b instanceof Y.AbstractType &&
  (a._item === null || b._item === null
    ? Y.findRootTypeKey(a) === Y.findRootTypeKey(b)
    : isSameId(a._item.id, b._item.id))

const isSameText = (a: Y.Item['content'], b: Y.Item['content']): boolean =>
  a instanceof Y.ContentString && b instanceof Y.ContentString && a.str === b.str

interface Slice {
  /** `deleted`, or a description of the content. */
  life: string
  /** The position of the insert; undefined for a struct that was collected as garbage. */
  place: string | undefined
}

function describeSlice(struct: Struct, from: number, to: number): Slice {
  const offset = from - struct.id.clock
  const life = struct.deleted ? 'deleted' : describeStruct(struct, offset, to - struct.id.clock)
  if (!(struct instanceof Y.Item)) return { life, place: undefined }
  const origin = offset > 0 ? Y.createID(struct.id.client, from - 1) : struct.origin
  const key = struct.parentSub === null ? '' : `.${struct.parentSub}`
  return {
    life,
    place: `in ${describeParent(struct)}${key} after ${describeId(origin)} before ${describeId(struct.rightOrigin)}`,
  }
}

function describeStruct(struct: Struct, from: number, to: number): string {
  return struct instanceof Y.Item ? describeContent(struct.content, from, to) : 'collected'
}

function describeContent(content: Y.Item['content'], from: number, to: number): string {
  if (content instanceof Y.ContentString) return `text ${print(content.str.slice(from, to))}`
  if (content instanceof Y.ContentAny) return `values ${print(content.arr.slice(from, to))}`
  if (content instanceof Y.ContentJSON) return `json ${print(content.arr.slice(from, to))}`
  if (content instanceof Y.ContentBinary) return `bytes ${print(content.content)}`
  if (content instanceof Y.ContentEmbed) return `embed ${print(content.embed)}`
  if (content instanceof Y.ContentFormat) return `format ${content.key}=${print(content.value)}`
  if (content instanceof Y.ContentDoc) return `subdocument ${content.doc.guid}`
  if (content instanceof Y.ContentType) {
    const name = content.type instanceof Y.XmlElement ? ` <${content.type.nodeName}>` : ''
    return `${content.type.constructor.name}${name}`
  }
  return content.constructor.name
}

/** Like JSON, but also distinguishes undefined, bytes and big integers. */
function print(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (part === undefined) return '(undefined)'
    if (typeof part === 'bigint') return `(bigint ${part})`
    return part instanceof Uint8Array ? `(bytes ${Buffer.from(part).toString('hex')})` : part
  })
}

function describeParent({ parent }: Y.Item): string {
  if (parent instanceof Y.AbstractType) {
    return parent._item ? describeId(parent._item.id) : print(Y.findRootTypeKey(parent))
  }
  return parent === null ? 'nothing' : print(parent)
}

function describeId(id: Y.ID | null): string {
  return id === null ? 'the edge' : `${id.client}:${id.clock}`
}

/**
 * Describes a type whose structs, tombstones included, are in a different order; undefined if there is none.
 */
export function findOrderDifference(
  left: Y.Doc,
  right: Y.Doc,
  ordersOf: (doc: Y.Doc) => Orders = readOrders,
): string | undefined {
  const [one, other] = [ordersOf(left), ordersOf(right)]
  for (const place of new Set([...one.keys(), ...other.keys()])) {
    const [a, b] = [one.get(place) ?? '', other.get(place) ?? '']
    if (a !== b) return `order in ${place}: ${cutAround(a, b)}`
  }
  return undefined
}

/** The structs of each type, in their order. */
export type Orders = ReadonlyMap<string, string>

/** A type keeps its structs in a list, and in a chain for each key. */
type TypeBody = Pick<Y.AbstractType<unknown>, '_start' | '_map'>

/**
 * For each type that is not deleted, the ids in its list (adjacent ones as one run) and the newest
 * id under each key.
 */
export function readOrders(doc: Y.Doc): Orders {
  const orders = new Map<string, string>()
  const visit = (place: string, type: TypeBody) => {
    const runs: string[] = []
    let run: { client: number; from: number; to: number } | undefined
    const flush = () => {
      if (run) runs.push(`${run.client}:${run.from}-${run.to}`)
    }
    for (let item = type._start; item !== null; item = item.right) {
      const { client, clock } = item.id
      if (run?.client === client && run.to === clock) run.to += item.length
      else {
        flush()
        run = { client, from: clock, to: clock + item.length }
      }
      descend(item)
    }
    flush()
    for (const [key, item] of [...type._map].sort(([a], [b]) => (a < b ? -1 : 1))) {
      runs.push(`${key}=${describeId(item.lastId)}`)
      descend(item)
    }
    if (runs.length > 0) orders.set(place, runs.join(' '))
  }
  const descend = (item: Y.Item) => {
    if (item.deleted || !(item.content instanceof Y.ContentType)) return
    visit(describeId(item.id), item.content.type)
  }
  for (const [name, type] of doc.share) visit(print(name), type)
  return orders
}

/** Cuts two long texts to the part where they begin to differ. */
export function cutAround(left: string, right: string): string {
  let at = 0
  while (at < left.length && left[at] === right[at]) at++
  const cut = (text: string) => {
    const piece = JSON.stringify(text.slice(Math.max(0, at - 20), at + 40))
    return `${at > 20 ? '…' : ''}${piece}${text.length > at + 40 ? '…' : ''}`
  }
  return `from ${at}: ${cut(left)} here, ${cut(right)} there`
}
