/**
 * Deletes that hit the wrong content. A writer who deletes its own text names the ids. If everybody else sees
 * another writer's text at these ids, the delete removes that text.
 */
import * as Y from 'yjs'
import { type IdRanges, subtractIds } from '../protocol/id-ranges.ts'
import { type NewIds, rekeyUpdate } from '../protocol/rekey.ts'
import { decodeUpdate, type Struct } from '../protocol/update-decoding.ts'
import { encodeStructs } from '../protocol/update-encoding.ts'

/**
 * Makes an update that puts deleted content back, in its old place and with new ids.
 * @param there the document, in which the content is deleted
 * @param before the same document without the deletes
 * @param freshId makes a new client id
 * @returns null if nothing is missing
 */
export function restoreDeleted(
  there: Y.Doc,
  before: Y.Doc,
  freshId: () => number,
): Uint8Array | null {
  const lost = subtractIds(deletedIn(there), deletedIn(before))
  if (lost.clients.size === 0) return null
  const renaming = new Map(
    [...lost.clients].map(([client, ranges]): [number, NewIds] => [
      client,
      { ranges, client: freshId() },
    ]),
  )
  const { structs } = decodeUpdate(rekeyUpdate(Y.encodeStateAsUpdate(before), renaming))
  const oldClients = new Map(
    [...renaming].map(([old, { client, ranges }]) => [client, { old, ranges }]),
  )
  const restored = structs.flatMap((struct) => {
    const from = oldClients.get(struct.id.client)
    return from === undefined ? [] : placed(struct, oldIdsOf(struct, from), { before, lost })
  })
  return encodeStructs(restored, subtractIds(lost, lost))
}

const deletedIn = (doc: Y.Doc): IdRanges => Y.createDeleteSetFromStructStore(doc.store)

interface OldIds {
  readonly first: Y.ID
  readonly last: Y.ID
}

/** The ids that a restored struct had. It never spans two ranges. */
function oldIdsOf(
  { id, length }: Struct,
  { old, ranges }: { readonly old: number; readonly ranges: NewIds['ranges'] },
): OldIds {
  let before = 0
  for (const { clock, len } of ranges) {
    const offset = id.clock - before
    if (offset < len) {
      const first = clock + offset
      return { first: Y.createID(old, first), last: Y.createID(old, first + length - 1) }
    }
    before += len
  }
  throw new Error(`${id.client}:${id.clock} has no old id`)
}

/** Content of a deleted type goes with it. Everything else gets the place behind what was deleted. */
function placed(
  struct: Struct,
  { first, last }: OldIds,
  { before, lost }: { readonly before: Y.Doc; readonly lost: IdRanges },
): Struct[] {
  if (!(struct instanceof Y.Item)) return []
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
