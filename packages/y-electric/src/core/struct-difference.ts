/** Compares a struct with the document's content at the same ids. */
import * as Y from 'yjs'
import type { IdRanges } from '../protocol/id-ranges.ts'
import type { Struct } from '../protocol/update-decoding.ts'
import { isSameValue, wellFormed } from '../protocol/values.ts'
import { idsOf } from './struct-ids.ts'

/** From the first differing clock to after the last one; clocks in between may be equal. */
export interface Difference {
  readonly clock: number
  readonly end: number
}

/**
 * The range in which a struct differs from the document's content at the same ids; null if there is
 * no difference. Content that either side has deleted counts as equal to anything.
 * @param among only these ids
 * @param originals the document's content from before it was deleted, as far as it is known
 */
export function differenceIn(
  doc: Y.Doc,
  struct: Struct,
  among: IdRanges = idsOf(struct),
  originals: readonly Struct[] = [],
): Difference | null {
  if (!(struct instanceof Y.Item)) return null
  const { client } = struct.id
  const parts: Difference[] = []
  for (const range of among.clients.get(client) ?? []) {
    const end = Math.min(range.clock + range.len, Y.getState(doc.store, client))
    for (let clock = range.clock; clock < end; ) {
      const held: Struct = Y.getItem(doc.store, Y.createID(client, clock))
      const until = Math.min(end, held.id.clock + held.length)
      for (const item of isDeleted(held) ? originals : [held]) {
        const part = differenceBetween(struct, item, clock, until)
        if (part !== null) parts.push(part)
      }
      clock = until
    }
  }
  if (parts.length === 0) return null
  const [starts, ends] = [parts.map(({ clock }) => clock), parts.map(({ end }) => end)]
  return { clock: Math.min(...starts), end: Math.max(...ends) }
}

const isDeleted = (struct: Struct): boolean =>
  !(struct instanceof Y.Item) || struct.content instanceof Y.ContentDeleted

/** The range in which two structs of one client differ, within the clocks that both hold. */
function differenceBetween(
  one: Y.Item,
  other: Struct,
  clock: number,
  until: number,
): Difference | null {
  const start = Math.max(clock, other.id.clock)
  const end = Math.min(until, other.id.clock + other.length)
  return other instanceof Y.Item && start < end ? differenceOf(one, other, start, end) : null
}

/** The range in which two items differ, within the clocks that both hold. */
function differenceOf(one: Y.Item, other: Y.Item, clock: number, until: number): Difference | null {
  if (!Y.compareIDs(one.rightOrigin, other.rightOrigin)) return { clock, end: until }
  // In both items, every later clock has the clock before it as its origin.
  const moved = isSamePlace(one, other, clock) ? null : { clock, end: clock + 1 }
  const changed = changeOf(one, other, clock, until)
  return changed === null ? moved : { clock: moved?.clock ?? changed.clock, end: changed.end }
}

function isSamePlace(one: Y.Item, other: Y.Item, clock: number): boolean {
  const origin = originAt(one, clock)
  return (
    Y.compareIDs(origin, originAt(other, clock)) &&
    // An item names its parent only if it has no neighbours.
    (origin !== null || one.rightOrigin !== null || placeOf(one) === placeOf(other))
  )
}

const originAt = ({ id, origin }: Y.Item, clock: number): Y.ID | null =>
  clock === id.clock ? origin : Y.createID(id.client, clock - 1)

/** The parent of an item, and its key. */
function placeOf({ parent, parentSub }: Y.Item): string {
  const at = parent instanceof Y.AbstractType ? (parent._item?.id ?? rootName(parent)) : parent
  const name = at instanceof Y.ID ? [at.client, at.clock] : at
  return JSON.stringify([name, parentSub])
}

const rootName = (type: Y.AbstractType<unknown>): string =>
  Y.findRootTypeKey(type as unknown as Y.AbstractType<Y.YEvent<Y.AbstractType<unknown>>>)

/** The range in which the content of two items differs. */
function changeOf(one: Y.Item, other: Y.Item, clock: number, until: number): Difference | null {
  if ([one, other].some(({ content }) => content instanceof Y.ContentDeleted)) return null
  if (one.content.constructor !== other.content.constructor) return { clock, end: until }
  const [a, b] = [one, other].map((item) => partsOf(item))
  const isSameAt = (at: number) => isSamePart(a?.[at - one.id.clock], b?.[at - other.id.clock])
  let [first, end] = [clock, until]
  while (first < end && isSameAt(first)) first++
  while (first < end && isSameAt(end - 1)) end--
  return first < end ? { clock: first, end } : null
}

/** The content at each clock of an item. */
function partsOf({ content }: Y.Item): readonly unknown[] | string {
  if (content instanceof Y.ContentString) return content.str
  if (content instanceof Y.ContentType) {
    const { type } = content
    return [[type.constructor.name, type instanceof Y.XmlElement ? type.nodeName : null]]
  }
  if (content instanceof Y.ContentFormat) return [[content.key, content.value]]
  if (content instanceof Y.ContentBinary) return [[...content.content]]
  if (content instanceof Y.ContentDoc) return [content.doc.guid]
  return content.getContent()
}

function isSamePart(one: unknown, other: unknown): boolean {
  // Yjs writes this character in place of each half of a surrogate pair that it had to split.
  // The writer of the row does the same within a value.
  return (
    isSameValue(one, other) ||
    one === '\ufffd' ||
    other === '\ufffd' ||
    isSameValue(wellFormed(one), wellFormed(other))
  )
}
