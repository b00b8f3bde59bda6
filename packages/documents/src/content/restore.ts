import * as Y from 'yjs'
import { copyContent, fillCopy, insertAfter, setEntry } from './copying.ts'
import {
  type AnyType,
  commonEnds,
  equalItems,
  livingEntry,
  livingItems,
  livingKeys,
  nestedType,
  type Piece,
  slicePieces,
} from './pieces.ts'

/**
 * Edits `current` so that it has the content of `version`, an older state of the same document, and
 * returns these edits as one update (Yjs v1), or null if there is nothing to do.
 *
 * It compares by identity: content that lives in both is kept, so that carets and comments keep their
 * position and concurrent edits still apply. Content that only `current` has is deleted. Content that only
 * `version` has is inserted again, as a copy, after its tombstones.
 */
export function restoreContent(current: Y.Doc, version: Y.Doc): Uint8Array | null {
  let update: Uint8Array | null = null
  const note = (bytes: Uint8Array) => {
    update = bytes
  }
  current.on('update', note)
  current.clientID = restorerId(current)
  current.transact((transaction) => {
    for (const name of new Set([...current.share.keys(), ...version.share.keys()])) {
      restoreType(transaction, current.get(name), version.get(name))
    }
  })
  current.off('update', note)
  return update
}

function restoreType(transaction: Y.Transaction, current: AnyType, version: AnyType): void {
  restoreEntries(transaction, current, version)
  restoreList(transaction, current, version)
}

function restoreEntries(transaction: Y.Transaction, current: AnyType, version: AnyType): void {
  for (const key of new Set([...livingKeys(current), ...livingKeys(version)])) {
    const now = livingEntry(current, key)
    const then = livingEntry(version, key)
    if (then === null) now?.delete(transaction)
    else if (now === null) setEntry(transaction, current, key, then)
    else if (Y.compareIDs(now.lastId, then.lastId)) restoreNested(transaction, now, then)
    else if (!equalItems(now, then)) setEntry(transaction, current, key, then)
  }
}

function restoreNested(transaction: Y.Transaction, now: Y.Item, then: Y.Item): void {
  const [current, version] = [nestedType(now), nestedType(then)]
  if (current !== null && version !== null) restoreType(transaction, current, version)
}

/** Part of a list, alive in both documents or only in the inspected one. */
interface Stretch extends Piece {
  length: number
  readonly isShared: boolean
}

/** The edit between two shared stretches, or at an end. */
interface Mend {
  /** The unit to insert after; null at the beginning. */
  readonly left: Y.ID | null
  readonly inserted: readonly Piece[]
  readonly deleted: readonly Piece[]
  /** Whether the tombstones of the inserted content are in the right position. */
  readonly atTombstones: boolean
}

function restoreList(transaction: Y.Transaction, current: AnyType, version: AnyType): void {
  const { mends, shared } = compareLists(current, version)
  for (const { left, inserted, deleted, atTombstones } of mends) {
    insertPieces(transaction, current, left, inserted, atTombstones)
    deletePieces(transaction, deleted)
  }
  for (const [now, then] of shared) restoreNested(transaction, now, then)
}

/**
 * Walks both lists from one shared stretch to the next. Both lists have these in the same order, because
 * nothing in a list ever moves. All comparing is done before any change, because an insertion splits
 * items.
 */
function compareLists(current: AnyType, version: AnyType) {
  // Reversed, because the next one is popped.
  const now = stretches(current, version.doc).reverse()
  const then = stretches(version, current.doc).reverse()
  const mends: Mend[] = []
  const shared: (readonly [Y.Item, Y.Item])[] = []
  let left: Y.ID | null = null
  for (;;) {
    const mend = mendGap(left, takeUnshared(now), takeUnshared(then))
    if (mend !== null) mends.push(mend)
    const [one, same] = [now.pop(), then.pop()]
    if (one === undefined || same === undefined) return { mends, shared }
    shared.push([one.item, same.item])
    // A piece of one list may be split in two pieces in the other list.
    const length = Math.min(one.length, same.length)
    left = idAt(one, length - 1)
    if (length < one.length) now.push(restOf(one, length))
    if (length < same.length) then.push(restOf(same, length))
  }
}

function takeUnshared(stretches: Stretch[]): Stretch[] {
  const taken: Stretch[] = []
  for (let next = stretches.at(-1); next?.isShared === false; next = stretches.at(-1)) {
    taken.push(next)
    stretches.pop()
  }
  return taken
}

const restOf = (stretch: Stretch, from: number): Stretch => ({
  ...stretch,
  offset: stretch.offset + from,
  length: stretch.length - from,
})

const idAt = ({ item, offset }: Piece, index: number): Y.ID =>
  Y.createID(item.id.client, item.id.clock + offset + index)

/** A list's living units, split wherever their status in the other document changes. */
function stretches(type: AnyType, other: Y.Doc | null): Stretch[] {
  const result: Stretch[] = []
  for (const item of livingItems(type)) {
    for (let offset = 0; offset < item.length; ) {
      const { isShared, length } = lookUp(other, item, offset)
      const last = result.at(-1)
      // The other document may split its items anywhere, even inside a surrogate pair.
      if (last?.item === item && last.isShared === isShared) last.length += length
      else result.push({ item, offset, length, isShared })
      offset += length
    }
  }
  return result
}

/** The state of an item's ids in another document, from `offset` on: alive or not, and for how many ids. */
function lookUp(
  other: Y.Doc | null,
  item: Y.Item,
  offset: number,
): { readonly isShared: boolean; readonly length: number } {
  const rest = item.length - offset
  const struct = structAt(other, Y.createID(item.id.client, item.id.clock + offset))
  if (struct === null) return { isShared: false, length: rest }
  const known = struct.id.clock + struct.length - (item.id.clock + offset)
  return { isShared: !struct.deleted, length: Math.min(rest, known) }
}

function structAt(doc: Y.Doc | null, id: Y.ID): Y.Item | Y.GC | null {
  if (doc === null || Y.getState(doc.store, id.client) <= id.clock) return null
  return Y.getItem(doc.store, id)
}

/** The edit that turns `extra` into `missing` and keeps equal content at either end; null: no edit. */
function mendGap(
  left: Y.ID | null,
  extra: readonly Piece[],
  missing: readonly Piece[],
): Mend | null {
  if (extra.length + missing.length === 0) return null
  const { prefix, suffix } = commonEnds(extra, missing)
  const kept = slicePieces(extra, 0, prefix).at(-1)
  return {
    left: kept === undefined ? left : idAt(kept, kept.length - 1),
    inserted: slicePieces(missing, prefix, sum(missing) - suffix),
    deleted: slicePieces(extra, prefix, sum(extra) - suffix),
    // If content of the gap is kept, the tombstones may be on the wrong side of it.
    atTombstones: prefix + suffix === 0,
  }
}

const sum = (pieces: readonly Piece[]): number =>
  pieces.reduce((total, { length }) => total + length, 0)

function deletePieces(transaction: Y.Transaction, pieces: readonly Piece[]): void {
  const { store } = transaction.doc
  for (const { item, offset, length } of pieces) {
    const { client } = item.id
    // The item may have been split meanwhile; its ids are unchanged.
    const start = item.id.clock + offset
    const end = start + length
    Y.getItemCleanEnd(transaction, store, Y.createID(client, end - 1))
    for (let clock = start; clock < end; ) {
      const living = Y.getItemCleanStart(transaction, Y.createID(client, clock))
      living.delete(transaction)
      clock = living.id.clock + living.length
    }
  }
}

function insertPieces(
  transaction: Y.Transaction,
  parent: AnyType,
  start: Y.ID | null,
  pieces: readonly Piece[],
  atTombstones: boolean,
): void {
  const place = (atTombstones ? lastTombstone(transaction.doc, pieces) : null) ?? start
  let left = place === null ? null : Y.getItemCleanEnd(transaction, transaction.doc.store, place)
  for (const piece of pieces) {
    left = insertAfter(transaction, parent, left, copyContent(piece))
    fillCopy(transaction, left, piece.item)
  }
}

/**
 * The last unit of the pieces that `doc` still has, deleted. The copy goes behind all of the
 * tombstones, never between two of them: an undo of the deletion revives each tombstone in its place,
 * and would mix its text with the copy, letter by letter or run by run.
 */
function lastTombstone(doc: Y.Doc, pieces: readonly Piece[]): Y.ID | null {
  const ids = pieces.map((piece) => idAt(piece, piece.length - 1))
  return ids.findLast((id) => structAt(doc, id) !== null) ?? null
}

/** Client ids of restorations are below this; those of Yjs are random 32-bit numbers. */
const RESTORER_IDS = 2 ** 24

/**
 * A client id that is smaller than nearly every other one. Of two insertions at one position, Yjs puts
 * the one with the smaller id first: text that somebody typed directly after the deleted text, and that the
 * server has not seen yet, comes after the copy too.
 */
function restorerId(doc: Y.Doc): number {
  for (;;) {
    const id = 1 + Math.floor(Math.random() * (RESTORER_IDS - 1))
    if (!doc.store.clients.has(id)) return id
  }
}
