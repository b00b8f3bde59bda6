// Places that no Yjs makes, and that nobody can see in one row alone.
import { decodeUpdate } from 'y-electric/protocol'
import * as Y from 'yjs'

/**
 * Whether rows hold items in places that Yjs itself never gives one: several values under one key, or
 * between neighbours that stand apart or the other way around. Where such an item comes to stand depends
 * on the order of the rows, so that replicas differ in it. They must still all be readable.
 * @param joined made of all rows, without garbage collection
 */
export function haveForgedPlaces(rows: readonly Uint8Array[], joined: Y.Doc): boolean {
  return rows.some((row) =>
    decodeUpdate(row).structs.some(
      (struct) => struct instanceof Y.Item && isForged(struct, joined),
    ),
  )
}

function isForged({ id, length, origin, rightOrigin }: Y.Item, doc: Y.Doc): boolean {
  const held = itemAt(doc, id)
  if (held !== null && held.parentSub !== null && length > 1) return true
  if (rightOrigin !== null && stoodApart(doc, origin, leftNeighbourOf(doc, rightOrigin)))
    return true
  if (origin === null || rightOrigin === null) return false
  const [left, right] = [itemAt(doc, origin), itemAt(doc, rightOrigin)]
  if (left === null || right === null) return false
  if (left.parent !== right.parent || left.parentSub !== right.parentSub) return true
  return !isBefore(doc, origin, rightOrigin)
}

/**
 * An honest writer that puts something to the left of an id also knows the id behind which that one was put,
 * which cannot stand between the two neighbours.
 */
const stoodApart = (doc: Y.Doc, origin: Y.ID | null, known: Y.ID | null): boolean => {
  if (known === null || itemAt(doc, known) === null) return false
  if (origin === null) return true
  return itemAt(doc, origin) !== null && isBefore(doc, origin, known)
}

/** The id behind which an id was put. */
function leftNeighbourOf(doc: Y.Doc, id: Y.ID): Y.ID | null {
  const item = itemAt(doc, id)
  if (item === null) return null
  return id.clock > item.id.clock ? Y.createID(id.client, id.clock - 1) : item.origin
}

/** Whether one id stands to the left of another in the same list. Both are there. */
function isBefore(doc: Y.Doc, one: Y.ID, other: Y.ID): boolean {
  const [left, right] = [itemAt(doc, one), itemAt(doc, other)]
  // Both ids may lie in one item, which only a split by the new item would part.
  if (left === right) return one.clock < other.clock
  for (let item = left?.right ?? null; item !== null; item = item.right) {
    if (item === right) return true
  }
  return false
}

/** The item that holds an id; null where there is none, or it was collected. */
function itemAt(doc: Y.Doc, { client, clock }: Y.ID): Y.Item | null {
  if (clock >= Y.getState(doc.store, client)) return null
  const structs = doc.store.clients.get(client) ?? []
  const struct = structs[Y.findIndexSS(structs, clock)]
  return struct instanceof Y.Item ? struct : null
}
