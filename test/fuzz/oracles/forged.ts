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
  if (origin === null || rightOrigin === null) return false
  const [left, right] = [itemAt(doc, origin), itemAt(doc, rightOrigin)]
  if (left === null || right === null) return false
  if (left.parent !== right.parent || left.parentSub !== right.parentSub) return true
  // Both ids may lie in one item, which only a split by the new item would part.
  if (left === right) return origin.clock >= rightOrigin.clock
  for (let item: Y.Item | null = left.right; item !== null; item = item.right) {
    if (item === right) return false
  }
  return true
}

/** The item that holds an id; null where there is none, or it was collected. */
function itemAt(doc: Y.Doc, { client, clock }: Y.ID): Y.Item | null {
  if (clock >= Y.getState(doc.store, client)) return null
  const structs = doc.store.clients.get(client) ?? []
  const struct = structs[Y.findIndexSS(structs, clock)]
  return struct instanceof Y.Item ? struct : null
}
