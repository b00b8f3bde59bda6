/**
 * Garbage that another writer sends under the ids of this writer. Such garbage hides content as other
 * content does, but it cannot be compared with anything, and hides the edits that build on it too.
 */
import * as Y from 'yjs'
import {
  type IdRanges,
  idRange,
  intersectIds,
  isEmptyIds,
  noIds,
  subtractIds,
  unionIds,
} from '../protocol/id-ranges.ts'
import type { Struct } from '../protocol/update-decoding.ts'
import { claimsOf, isGarbage, type OwnEdits, type Source } from './claims.ts'
import { structsOf } from './readable.ts'
import { idsOf } from './struct-ids.ts'

/**
 * Clients for which the structs contain garbage, where this writer has content of its own that nobody has
 * seen yet. Everybody else integrates the garbage at these ids.
 * @param unseen the ids of content that was made here, was not deleted here, and is in no row yet
 */
export function clientsUnderGarbage(unseen: IdRanges, structs: readonly Struct[]): Set<number> {
  const covering = structs.filter(
    (struct) => isGarbage(struct) && !isEmptyIds(intersectIds(idsOf(struct), unseen)),
  )
  return new Set(covering.map(({ id }) => id.client))
}

/**
 * The edits of this writer in whose place everybody sees garbage: another writer sent garbage with the
 * same ids first, or they build on such edits. Yjs makes garbage of an item whose neighbours or parent are
 * garbage.
 */
export function buriedEdits(
  doc: Y.Doc,
  clients: readonly number[],
  sources: readonly Source[],
  own: OwnEdits,
): IdRanges {
  const known = { shown: noIds(), taken: noIds(), loaded: noIds() }
  let buried = unionIds(clients.map((client) => claimsOf(client, sources, own, known).buried))
  if (isEmptyIds(buried)) return buried
  const made = subtractIds(own.mine, own.deleted)
  const items = [
    ...sources.flatMap(({ structs, isOwn }) => (isOwn ? structs : [])),
    ...own.updates.flatMap(structsOf),
    ...clients.flatMap((client) => doc.store.clients.get(client) ?? []),
  ].filter((struct) => struct instanceof Y.Item)
  for (;;) {
    const more = unionIds(items.map((item) => intersectIds(buriedPartOf(item, buried), made)))
    const grown = unionIds([buried, more])
    if (isEmptyIds(subtractIds(grown, buried))) return buried
    buried = grown
  }
}

/** The part of an item that builds on buried edits. */
function buriedPartOf(item: Y.Item, buried: IdRanges): IdRanges {
  const { id, length, origin, rightOrigin, parent } = item
  const holder = parent instanceof Y.AbstractType ? (parent._item?.id ?? null) : parent
  const isBuried = [origin, rightOrigin, holder].some(
    (one) => one instanceof Y.ID && Y.isDeleted(buried, one),
  )
  const first = intersectIds(idsOf(item), buried).clients.get(id.client)?.[0]?.clock
  const from = isBuried ? id.clock : first
  return from === undefined ? noIds() : idRange(id.client, from, id.clock + length - from)
}
