import * as Y from 'yjs'
import { type IdRanges, noIds, pushRange, subtractIds, unionIds } from './id-ranges.ts'
import { decodeOwnUpdate, type Struct } from './update-decoding.ts'
import { encodeStructs } from './update-encoding.ts'

/** A range of ids of a client, and the id that its first one gets. */
export interface NewIds {
  readonly clock: number
  readonly len: number
  readonly id: Y.ID
}

/** The new ids, by their old client. */
export type Renaming = ReadonlyMap<number, readonly NewIds[]>

/** Gives ranges of ids to a new client: from clock 0 on, without gaps. */
export function renumbered(ranges: readonly Omit<NewIds, 'id'>[], client: number): NewIds[] {
  let next = 0
  return ranges.map(({ clock, len }) => {
    const id = Y.createID(client, next)
    next += len
    return { clock, len, id }
  })
}

/**
 * The same edits with new ids, also in all references to them. Other edits of a renamed client are left
 * out: the document that receives the new ids already has them.
 * @throws {Error} when the bytes are not exactly one update.
 */
export function rekeyUpdate(update: Uint8Array, renaming: Renaming): Uint8Array {
  const { structs, deletes } = decodeOwnUpdate(update)
  return encodeStructs(
    structs.flatMap((struct) => rekeyStruct(struct, renaming)),
    rekeyDeletes(deletes, renaming),
  )
}

function rekeyStruct(struct: Struct, renaming: Renaming): Struct[] {
  const { client, clock } = struct.id
  const whole = { clock, len: struct.length, id: struct.id }
  const parts = renaming.has(client) ? renamedIn(client, whole, renaming) : [whole]
  return parts.map((part) => cut(struct, part, renaming))
}

/** The parts of a range that get new ids. */
function renamedIn(
  client: number,
  range: { readonly clock: number; readonly len: number },
  renaming: Renaming,
): NewIds[] {
  const parts: NewIds[] = []
  for (const { clock, len, id } of renaming.get(client) ?? []) {
    const start = Math.max(clock, range.clock)
    const end = Math.min(clock + len, range.clock + range.len)
    if (start >= end) continue
    parts.push({
      clock: start,
      len: end - start,
      id: Y.createID(id.client, id.clock + start - clock),
    })
  }
  return parts
}

/** A part of a struct with its new id, and with its references renamed. */
function cut(struct: Struct, { clock, len, id }: NewIds, renaming: Renaming): Struct {
  if (!(struct instanceof Y.Item)) return struct instanceof Y.GC ? new Y.GC(id, len) : struct
  const { origin, rightOrigin, parent, parentSub } = struct
  const offset = clock - struct.id.clock
  const left = offset === 0 ? origin : Y.createID(struct.id.client, clock - 1)
  return new Y.Item(
    id,
    null,
    left && rekeyId(left, renaming),
    null,
    rightOrigin && rekeyId(rightOrigin, renaming),
    parent instanceof Y.ID ? rekeyId(parent, renaming) : parent,
    parentSub,
    cutContent(struct, offset, len),
  )
}

function cutContent({ content, length }: Y.Item, offset: number, len: number): Y.Item['content'] {
  if (len === length) return content
  const copy = content.copy()
  const part = offset === 0 ? copy : copy.splice(offset)
  if (offset + len < length) part.splice(len)
  return part
}

function rekeyId(id: Y.ID, renaming: Renaming): Y.ID {
  return renamedIn(id.client, { clock: id.clock, len: 1 }, renaming)[0]?.id ?? id
}

function rekeyDeletes(deletes: IdRanges, renaming: Renaming): IdRanges {
  const renamed = noIds()
  for (const [client, ranges] of deletes.clients) {
    for (const range of ranges) {
      const parts = renamedIn(client, range, renaming)
      for (const { id, len } of parts) pushRange(renamed, id.client, id.clock, len)
      const old = noIds()
      for (const { clock, len } of parts) pushRange(old, client, clock, len)
      const all = noIds()
      pushRange(all, client, range.clock, range.len)
      for (const { clock, len } of subtractIds(all, unionIds([old])).clients.get(client) ?? []) {
        pushRange(renamed, client, clock, len)
      }
    }
  }
  return unionIds([renamed])
}
