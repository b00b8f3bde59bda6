/**
 * Deletes that hit the wrong content. A writer that deletes its own text names the ids. If
 * everybody else sees another writer's text at these ids, the delete removes that text.
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
import { type NewIds, rekeyUpdate } from '../protocol/rekey.ts'
import type { State } from '../protocol/state-frames.ts'
import { decodeOwnUpdate, fromV2, type Struct } from '../protocol/update-decoding.ts'
import { encodeStructs } from '../protocol/update-encoding.ts'
import { copyOf, movedWith } from './derived-client.ts'
import { deletesOf, readable } from './readable.ts'
import { docOf } from './shown-doc.ts'
import { idsOf } from './struct-ids.ts'

/**
 * Restores content of other writers that this writer deleted because it had its own content under
 * the same ids.
 * @param there the document as everybody sees it
 * @param isOwn whether a row was sent from here
 * @param hidden the ids at which everybody else sees other content than this writer made
 * @returns an update that restores it; null if there is nothing to restore
 */
export function restoreWronglyDeleted(
  there: Y.Doc,
  { snapshot, rows }: State,
  isOwn: (seq: number, update: Uint8Array) => boolean,
  hidden: IdRanges,
): Uint8Array | null {
  const inOrder = [...rows].sort((a, b) => a.seq - b.seq)
  const sent = inOrder.map(({ seq, data }) => ({ update: data, isOwn: isOwn(seq, data) }))
  const folded = unionIds((snapshot?.data ? fromV2(snapshot.data).structs : []).map(idsOf))
  const kept = withoutWrongDeletes(sent, folded, hidden)
  const before = docOf({ snapshot, rows: kept.map((data) => ({ data })) }, there.gc)
  const deletes = inOrder.map(({ data }) => deletesOf(data))
  const restored = restoreDeleted(there, before, deletes)
  before.destroy()
  return restored
}

/** One row of the state, and whether it was sent from here. */
export interface SentRow {
  readonly update: Uint8Array
  readonly isOwn: boolean
}

/**
 * Removes the deletes that may have hit the wrong content.
 *
 * This writer knows which of its own deletes hit another writer's content: the ones at ids at which
 * its own content is hidden. Such content is restored unless another client deleted it correctly.
 * Another row's delete is correct if its sender saw the content. A sender can only have had other
 * content at the id if it sent that content in the same row or before, since each writer sends its
 * edits in order. So if a further writer also sent content for the id, which nobody integrated, its
 * deletes from that row on are not trusted: it is unknown which content they meant. Restored
 * content can be deleted again, but deleted content cannot be recovered.
 * @param rows in the order in which readers integrate them
 * @param folded the ids of the snapshot row
 * @param hidden the ids at which everybody else sees other content than this writer made
 */
export function withoutWrongDeletes(
  rows: readonly SentRow[],
  folded: IdRanges,
  hidden: IdRanges,
): Uint8Array[] {
  const decoded = rows.map((row) => ({ ...row, ...readable(row.update) }))
  const own = unionIds(decoded.filter(({ isOwn }) => isOwn).map(({ deletes }) => deletes))
  const wrong = intersectIds(own, hidden)
  let [claimed, contested] = [folded, noIds()]
  return decoded.map(({ update, structs, deletes, isOwn }) => {
    const ids = unionIds(structs.filter(isContent).map(idsOf))
    if (!isOwn) contested = unionIds([contested, intersectIds(ids, claimed)])
    claimed = unionIds([claimed, ids])
    const isCertain = !isOwn && hasMoved(structs)
    const doubtful = intersectIds(deletes, isOwn ? wrong : intersectIds(wrong, contested))
    if (isCertain || isEmptyIds(doubtful)) return update
    return encodeStructs(structs, subtractIds(deletes, doubtful))
  })
}

/**
 * True for a row in which a writer sends hidden edits again together with what others see of the
 * same edits. The writer made this row from what everybody sees.
 */
function hasMoved(structs: readonly Struct[]): boolean {
  const clients = new Set(structs.map(({ id }) => id.client))
  return [...clients].some((client) => clients.has(movedWith(client)))
}

const isContent = (struct: Struct): boolean => !(struct instanceof Y.Skip)

/**
 * Makes an update that restores deleted content in its old place and with new ids.
 *
 * Two writers may have deleted the same content by mistake, and both restore it. So the new ids are
 * derived from the old ones: all writers that restore the same content use the same ids, so it is
 * there once.
 * @param there the document, in which the content is deleted
 * @param before the same document without the deletes
 * @param deletes what each row deletes: content that other rows deleted is restored separately, so
 * that
 *   two writers split it in the same way
 * @returns null if nothing is missing
 */
export function restoreDeleted(
  there: Y.Doc,
  before: Y.Doc,
  deletes: readonly IdRanges[],
): Uint8Array | null {
  const deleted = subtractIds(deletedIn(there), deletedIn(before))
  const lost = subtractIds(deleted, putBackIn(there, deleted))
  if (lost.clients.size === 0) return null
  const runs = runsOf(before, lost, deletes)
  const renaming = new Map<number, NewIds[]>()
  for (const { client, clock, len } of runs) {
    const renamed = renaming.get(client) ?? []
    renamed.push({ clock, len, id: Y.createID(copyOf(client, clock, len), 0) })
    renaming.set(client, renamed)
  }
  const { structs } = decodeOwnUpdate(rekeyUpdate(Y.encodeStateAsUpdate(before), renaming))
  const places = new Map(runs.map((run) => [copyOf(run.client, run.clock, run.len), run]))
  const restored = structs.flatMap((struct) => {
    const run = places.get(struct.id.client)
    return run === undefined ? [] : placed(struct, run, { before, lost })
  })
  return encodeStructs(restored, noIds())
}

const deletedIn = (doc: Y.Doc): IdRanges => Y.createDeleteSetFromStructStore(doc.store)

interface Run {
  readonly client: number
  readonly clock: number
  readonly len: number
}

/** The ids as runs. Each run is in one item, and each row deletes all of it or none of it. */
function runsOf(doc: Y.Doc, ids: IdRanges, deletes: readonly IdRanges[]): Run[] {
  const runs: Run[] = []
  for (const [client, ranges] of ids.clients) {
    const ends = endsOf(deletes, client)
    for (const { clock, len } of ranges) {
      for (let at = clock; at < clock + len; ) {
        const item = Y.getItem(doc.store, Y.createID(client, at))
        const cut = ends.find((other) => other > at) ?? Number.POSITIVE_INFINITY
        const end = Math.min(clock + len, item.id.clock + item.length, cut)
        runs.push({ client, clock: at, len: end - at })
        at = end
      }
    }
  }
  return runs
}

/** Where the ranges of a client start and end, sorted. */
function endsOf(sets: readonly IdRanges[], client: number): number[] {
  const ranges = sets.flatMap(({ clients }) => clients.get(client) ?? [])
  const ends = ranges.flatMap(({ clock, len }) => [clock, clock + len])
  return [...new Set(ends)].sort((a, b) => a - b)
}

/** The ids that a writer has restored. */
function putBackIn(there: Y.Doc, deleted: IdRanges): IdRanges {
  const found: IdRanges[] = []
  for (const [copy, [first]] of there.store.clients) {
    if (!(first instanceof Y.Item) || first.origin === null) continue
    const { client, clock } = first.origin
    const len = Y.getState(there.store, copy)
    const start = clock + 1 - len
    if (!deleted.clients.has(client) || copy !== copyOf(client, start, len)) continue
    found.push(idRange(client, start, len))
  }
  return unionIds(found)
}

/**
 * The content of a deleted type is restored with it. Everything else gets the place after the
 * deleted content.
 */
function placed(
  struct: Struct,
  { client, clock }: Run,
  { before, lost }: { readonly before: Y.Doc; readonly lost: IdRanges },
): Struct[] {
  if (!(struct instanceof Y.Item)) return []
  const first = Y.createID(client, clock + struct.id.clock)
  const last = Y.createID(client, first.clock + struct.length - 1)
  const old = Y.getItem(before.store, first)
  const parent = old instanceof Y.Item && old.parent instanceof Y.AbstractType ? old.parent : null
  const holder = parent?._item?.id
  if (holder !== undefined && Y.isDeleted(lost, holder)) return [struct]
  const right = rightOf(before, last)
  const { id, parentSub, content } = struct
  return [new Y.Item(id, null, last, null, right, struct.parent, parentSub, content)]
}

function rightOf(doc: Y.Doc, id: Y.ID): Y.ID | null {
  const item = Y.getItem(doc.store, id)
  if (!(item instanceof Y.Item)) return null
  const isLast = item.id.clock + item.length - 1 === id.clock
  return isLast ? (item.right?.id ?? null) : Y.createID(id.client, id.clock + 1)
}
