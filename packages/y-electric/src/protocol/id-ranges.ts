import * as Y from 'yjs'

/**
 * A set of Yjs ids (client, clock), as sorted ranges per client. It has the type of Yjs's own
 * DeleteSet; here it also represents sets of *structs*.
 */
export type IdRanges = ReturnType<typeof Y.createDeleteSet>

interface Range {
  clock: number
  len: number
}

/** The ids of a Yjs update or document: its structs and its deletes. */
export interface ContentIds {
  readonly structs: IdRanges
  readonly deletes: IdRanges
}

/** The empty set. */
export const noIds = (): IdRanges => Y.createDeleteSet()

/** The ids [clock, clock + len) of a client. */
export function idRange(client: number, clock: number, len: number): IdRanges {
  const ids = noIds()
  if (len > 0) pushRange(ids, client, clock, len)
  return ids
}

/** The union of sets. */
export const unionIds = (sets: readonly IdRanges[]): IdRanges => Y.mergeDeleteSets([...sets])

/** The union of contents. */
export const unionContent = (all: readonly ContentIds[]): ContentIds => ({
  structs: unionIds(all.map((content) => content.structs)),
  deletes: unionIds(all.map((content) => content.deletes)),
})

/** True when the set holds no id. */
export function isEmptyIds(ids: IdRanges): boolean {
  for (const ranges of ids.clients.values()) if (ranges.length > 0) return false
  return true
}

/** The ids of `from` that are not in `known`. Both must be sorted and merged, as {@link unionIds} leaves them. */
export function subtractIds(from: IdRanges, known: IdRanges): IdRanges {
  const result = noIds()
  for (const [client, ranges] of from.clients) {
    const left = subtractRanges(ranges, known.clients.get(client) ?? [])
    if (left.length > 0) {
      result.clients.set(
        client,
        left.map(({ clock, len }) => deleteItem(clock, len)),
      )
    }
  }
  return result
}

/** The ids that are in both sets. Both must be sorted and merged, as {@link unionIds} leaves them. */
export const intersectIds = (one: IdRanges, other: IdRanges): IdRanges =>
  subtractIds(one, subtractIds(one, other))

/** True when `all` has everything that `part` has. Both must be sorted and merged. */
export const contains = (all: ContentIds, part: ContentIds): boolean =>
  isEmptyIds(subtractIds(part.structs, all.structs)) &&
  isEmptyIds(subtractIds(part.deletes, all.deletes))

/** The ids of one client. */
export function idsOfClient(ids: IdRanges, client: number): IdRanges {
  const result = noIds()
  const ranges = ids.clients.get(client)
  if (ranges !== undefined) result.clients.set(client, ranges)
  return unionIds([result])
}

function subtractRanges(ranges: readonly Range[], known: readonly Range[]): Range[] {
  const left: Range[] = []
  let k = 0
  for (const range of ranges) {
    let clock = range.clock
    const end = range.clock + range.len
    while (clock < end) {
      let hole = known[k]
      while (hole !== undefined && hole.clock + hole.len <= clock) hole = known[++k]
      if (hole === undefined || hole.clock >= end) {
        left.push({ clock, len: end - clock })
        break
      }
      if (hole.clock > clock) left.push({ clock, len: hole.clock - clock })
      clock = hole.clock + hole.len
    }
  }
  return left
}

/** Adds the range [clock, clock + len) of a client; the caller keeps ranges sorted. */
export function pushRange(ids: IdRanges, client: number, clock: number, len: number): void {
  const ranges = ids.clients.get(client)
  if (ranges === undefined) {
    ids.clients.set(client, [deleteItem(clock, len)])
    return
  }
  const last = ranges.at(-1)
  if (last !== undefined && last.clock + last.len === clock) last.len += len
  else ranges.push(deleteItem(clock, len))
}

type DeleteItem = IdRanges['clients'] extends Map<number, Array<infer T>> ? T : never
const deleteItem = (clock: number, len: number): DeleteItem => ({ clock, len })
