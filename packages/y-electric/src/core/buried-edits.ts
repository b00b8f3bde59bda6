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
import { decodeOwnUpdate, fromV2, type Struct } from '../protocol/update-decoding.ts'
import { encodeStructs, mergeUpdates } from '../protocol/update-encoding.ts'
import { claimsOf, isGarbage, type OwnEdits, type Source } from './claims.ts'
import { readable, structsOf } from './readable.ts'
import { type Content, docOf } from './shown-doc.ts'
import { idsOf } from './struct-ids.ts'

/**
 * The ids at which the structs contain garbage, and this writer has content of its own that nobody has seen
 * yet. Everybody else integrates the garbage there.
 * @param unseen the ids of content that was made here and is in no row yet
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

/** A document, what the server has of it, and the edits of this writer. */
export interface Compared {
  readonly doc: Y.Doc
  readonly state: Content
  /** The content of `state` in the order in which readers integrate it. */
  readonly sources: readonly Source[]
  readonly own: OwnEdits
  /** The updates of this writer as they were written. */
  readonly originals: readonly Uint8Array[]
}

/**
 * The edits of this writer in whose place everybody sees garbage: another writer sent garbage with the
 * same ids first, or they build on such edits. Yjs makes garbage of an item whose neighbours or parent are
 * garbage.
 */
export function buriedEdits(compared: Compared, clients: readonly number[]): IdRanges {
  const { doc, sources, own } = compared
  const known = { shown: noIds(), taken: noIds(), loaded: noIds() }
  const claims = clients.map((client) => claimsOf(client, sources, own, known))
  const covered = unionIds(claims.map((one) => one.covered))
  // Content that was deleted before the garbage came is not missed.
  const alive = intersectIds(covered, unionIds([own.covered, livingIn(doc, covered)]))
  const missed = isEmptyIds(alive) ? alive : shownWithout(alive, compared)
  const gone = unionIds([missed, ...claims.map((one) => one.vanished)])
  if (isEmptyIds(gone)) return gone
  const above = livingIn(doc, subtractIds(onTopOf(gone, compared, clients), covered))
  return isEmptyIds(above) ? missed : shownWithout(unionIds([missed, above]), compared)
}

/** These ids, and the edits of this writer that build on them. */
function onTopOf(
  ids: IdRanges,
  { doc, sources, own }: Compared,
  clients: readonly number[],
): IdRanges {
  const items = [
    ...sources.flatMap(({ structs, isOwn }) => (isOwn ? structs : [])),
    ...own.updates.flatMap(structsOf),
    ...clients.flatMap((client) => doc.store.clients.get(client) ?? []),
  ].filter((struct) => struct instanceof Y.Item)
  for (let all = ids; ; ) {
    const more = unionIds(items.map((item) => intersectIds(buriedPartOf(item, all), own.mine)))
    const grown = unionIds([all, more])
    if (isEmptyIds(subtractIds(grown, all))) return all
    all = grown
  }
}

/**
 * Of these ids, the ones that everybody would see if the edits of this writer had come first. The others are
 * deleted in any case, such as a map entry that lost to another one, or text in a type that somebody deleted. Another
 * page of this browser sends such content as garbage if it has loaded it before it was sent.
 */
function shownWithout(garbage: IdRanges, { doc, state, originals }: Compared): IdRanges {
  const { snapshot, rows } = state
  const others = [
    decodeOwnUpdate(Y.encodeStateAsUpdate(doc)),
    ...(snapshot?.data ? [fromV2(snapshot.data)] : []),
    ...rows.map(({ data }) => readable(data)),
  ].map(({ structs, deletes }) => encodeStructs([...structs], subtractIds(deletes, garbage)))
  const own = originals.map((update) => encodeStructs(structsOf(update), noIds()))
  const all = docOf({ snapshot: null, rows: [{ data: mergeUpdates([...own, ...others]) }] }, false)
  const shown = livingIn(all, garbage)
  all.destroy()
  return shown
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
