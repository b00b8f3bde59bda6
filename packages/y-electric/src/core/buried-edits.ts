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
 * The ids at which the structs contain garbage, and this writer has content of its own that nobody has seen
 * yet. Everybody else integrates the garbage there.
 * @param unseen the ids of content that was made here, was not deleted here, and is in no row yet
 */
export const underGarbage = (unseen: IdRanges, structs: readonly Struct[]): IdRanges =>
  unionIds(structs.filter(isGarbage).map((struct) => intersectIds(idsOf(struct), unseen)))

/** Of these ids, the ones whose content the document shows. */
export function livingIn(doc: Y.Doc, ids: IdRanges): IdRanges {
  const living: IdRanges[] = []
  for (const [client, ranges] of ids.clients) {
    for (const { clock, len } of ranges) {
      const end = Math.min(clock + len, Y.getState(doc.store, client))
      for (let at = clock; at < end; ) {
        const struct = Y.getItem(doc.store, Y.createID(client, at))
        const until = Math.min(end, struct.id.clock + struct.length)
        if (!struct.deleted) living.push(idRange(client, at, until - at))
        at = until
      }
    }
  }
  return unionIds(living)
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
  const covered = unionIds(clients.map((client) => claimsOf(client, sources, own, known).covered))
  // Content that was deleted before the garbage came is not missed.
  let buried = intersectIds(covered, unionIds([own.covered, livingIn(doc, covered)]))
  if (isEmptyIds(buried)) return buried
  const items = [
    ...sources.flatMap(({ structs, isOwn }) => (isOwn ? structs : [])),
    ...own.updates.flatMap(structsOf),
    ...clients.flatMap((client) => doc.store.clients.get(client) ?? []),
  ].filter((struct) => struct instanceof Y.Item)
  for (;;) {
    const more = unionIds(items.map((item) => intersectIds(buriedPartOf(item, buried), own.mine)))
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
