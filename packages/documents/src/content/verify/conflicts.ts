import { describeLiving } from '@y-electric/server/extension'
import * as Y from 'yjs'

type Struct = Y.Item | Y.GC | Y.Skip

/**
 * Finds the first id under which an update has other content than the document that is built from it
 * and other rows. Returns `client:clock`, or null if there is none. An edit may be stored twice, whole
 * or in parts, collected or not, but is always the same edit.
 */
export function findConflict(structs: readonly Struct[], doc: Y.Doc): string | null {
  for (const struct of structs) {
    if (!(struct instanceof Y.Item)) continue
    const { client } = struct.id
    const end = struct.id.clock + struct.length
    const held = doc.store.clients.get(client) ?? []
    let clock = struct.id.clock
    // Edits that the document lacks are reported as another finding.
    while (clock < Math.min(end, Y.getState(doc.store, client))) {
      const other = held[Y.findIndexSS(held, clock)]
      if (other === undefined) break
      const until = Math.min(end, other.id.clock + other.length)
      if (other instanceof Y.Item && !isSameSlice(struct, other, clock, until)) {
        return `${client}:${clock}`
      }
      clock = until
    }
  }
  return null
}

function isSameSlice(one: Y.Item, other: Y.Item, from: number, to: number): boolean {
  if (!Y.compareIDs(originOf(one, from), originOf(other, from))) return false
  if (!Y.compareIDs(one.rightOrigin, other.rightOrigin)) return false
  // A tombstone only says that something was deleted.
  if (one.content instanceof Y.ContentDeleted || other.content instanceof Y.ContentDeleted)
    return true
  return comparable(one, from, to) === comparable(other, from, to)
}

const originOf = (item: Y.Item, from: number): Y.ID | null =>
  from > item.id.clock ? Y.createID(item.id.client, from - 1) : item.origin

/** Yjs replaces half a surrogate pair by U+FFFD where it splits a text: that is not other content. */
function comparable(item: Y.Item, from: number, to: number): string {
  const { content } = item
  if (!(content instanceof Y.ContentString)) return describeLiving(item, from, to)
  const text = content.str.slice(from - item.id.clock, to - item.id.clock)
  return `text ${text.replace(/[\ud800-\udfff\ufffd]/g, '\ufffd')}`
}
