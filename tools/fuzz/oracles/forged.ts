// Detects item positions that Yjs never produces, and that a check of one row cannot detect.
import { decodeUpdate } from 'y-electric/protocol'
import * as Y from 'yjs'

/**
 * Whether rows hold items at positions that Yjs itself never produces: several values under one key, or an
 * item between neighbours that are not adjacent or are in the reverse order. The final position of such an item
 * depends on the order of the rows, so replicas may differ. All of them must still be readable.
 * @param joined the document of all rows, without garbage collection
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
  if (rightOrigin !== null && wereSeparate(doc, origin, leftNeighbourOf(doc, rightOrigin)))
    return true
  if (origin === null || rightOrigin === null) return false
  const [left, right] = [itemAt(doc, origin), itemAt(doc, rightOrigin)]
  if (left === null || right === null) return false
  if (left.parent !== right.parent || left.parentSub !== right.parentSub) return true
  return !isBefore(doc, origin, rightOrigin)
}

/**
 * An honest writer that inserts to the left of an id also knows the left origin of that id, which cannot be
 * between the two neighbours.
 */
const wereSeparate = (doc: Y.Doc, origin: Y.ID | null, known: Y.ID | null): boolean => {
  if (known === null || itemAt(doc, known) === null) return false
  if (origin === null) return true
  return itemAt(doc, origin) !== null && isBefore(doc, origin, known)
}

/** The left origin of an id. */
function leftNeighbourOf(doc: Y.Doc, id: Y.ID): Y.ID | null {
  const item = itemAt(doc, id)
  if (item === null) return null
  return id.clock > item.id.clock ? Y.createID(id.client, id.clock - 1) : item.origin
}

/** Whether one id is to the left of another in the same list. Both must exist. */
function isBefore(doc: Y.Doc, one: Y.ID, other: Y.ID): boolean {
  const [left, right] = [itemAt(doc, one), itemAt(doc, other)]
  // Both ids may be in one item, which the new item would split.
  if (left === right) return one.clock < other.clock
  for (let item = left?.right ?? null; item !== null; item = item.right) {
    if (item === right) return true
  }
  return false
}

/** The item that contains an id; null if there is none, or it was collected as garbage. */
function itemAt(doc: Y.Doc, { client, clock }: Y.ID): Y.Item | null {
  if (clock >= Y.getState(doc.store, client)) return null
  const structs = doc.store.clients.get(client) ?? []
  const struct = structs[Y.findIndexSS(structs, clock)]
  return struct instanceof Y.Item ? struct : null
}
