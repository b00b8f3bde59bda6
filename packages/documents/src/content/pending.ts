import {
  contentOfDoc,
  type IdRanges,
  isEmptyIds,
  noIds,
  pushRange,
  subtractIds,
  unionIds,
} from 'y-electric/protocol'
import * as Y from 'yjs'

/** A run of Yjs ids: `length` of them, from `clock` on. */
export interface IdRange {
  readonly client: number
  readonly clock: number
  readonly length: number
}

/** Content that waits for edits which are not stored. */
export interface PendingStats {
  readonly structs: number
  readonly deletes: number
  /** The missing edits. */
  readonly waitsFor: readonly IdRange[]
}

type Struct = Y.Item | Y.GC | Y.Skip

/** The pending structs and deletes of a document, and the edits that they need; null if there are none. */
export function pendingOf(doc: Y.Doc): PendingStats | null {
  const { pendingStructs, pendingDs } = doc.store
  if (pendingStructs === null && pendingDs === null) return null
  const structs = (
    pendingStructs === null ? [] : Y.decodeUpdateV2(pendingStructs.update).structs
  ).filter((struct) => !(struct instanceof Y.Skip))
  const deletes = pendingDs === null ? noIds() : decodeDeletes(pendingDs)
  const needed = unionIds([neededBy(structs, (client) => Y.getState(doc.store, client)), deletes])
  return {
    structs: structs.length,
    deletes: rangesOf(deletes).length,
    waitsFor: rangesOf(subtractIds(needed, contentOfDoc(doc).structs)),
  }
}

const decodeDeletes = (update: Uint8Array): IdRanges => unionIds([Y.decodeUpdateV2(update).ds])

/**
 * The ids that the structs directly depend on. `known` returns the clock up to which the edits of a client
 * are present.
 */
export function neededBy(structs: readonly Struct[], known: (client: number) => number): IdRanges {
  const needed: IdRanges[] = []
  for (const struct of structs) {
    const ids = noIds()
    const { client, clock } = struct.id
    // A client's edits are integrated in their order.
    const from = known(client)
    if (from < clock) pushRange(ids, client, from, clock - from)
    if (struct instanceof Y.Item) {
      const { origin, rightOrigin, parent } = struct
      for (const id of [origin, rightOrigin, parent instanceof Y.ID ? parent : null]) {
        if (id !== null) pushRange(ids, id.client, id.clock, 1)
      }
    }
    if (!isEmptyIds(ids)) needed.push(ids)
  }
  return unionIds(needed)
}

/** Converts a set of ids to ranges, ordered by client and clock. */
export const rangesOf = (ids: IdRanges): IdRange[] =>
  [...ids.clients]
    .sort(([a], [b]) => a - b)
    .flatMap(([client, ranges]) => ranges.map(({ clock, len }) => ({ client, clock, length: len })))

/** Converts ordered ranges to a set of ids. */
export function idsOfRanges(ranges: readonly IdRange[]): IdRanges {
  const ids = noIds()
  for (const { client, clock, length } of ranges) pushRange(ids, client, clock, length)
  return ids
}

/** `client:clock`, or `client:first-last`. */
export const printRange = ({ client, clock, length }: IdRange): string =>
  length === 1 ? `${client}:${clock}` : `${client}:${clock}-${clock + length - 1}`
