/** Reads updates that may be unreadable: no client applies such an update. */
import { type IdRanges, noIds } from '../protocol/id-ranges.ts'
import { type DecodedUpdate, decodeUpdate, type Struct } from '../protocol/update-decoding.ts'

/** The structs of an update; none if it cannot be read. */
export const structsOf = (update: Uint8Array): Struct[] => [...readable(update).structs]

/** The ids that an update deletes; none if it cannot be read. */
export const deletesOf = (update: Uint8Array): IdRanges => readable(update).deletes

/** The client ids of the edits in the updates. */
export const clientsOf = (updates: readonly Uint8Array[]): Set<number> =>
  new Set(updates.flatMap(structsOf).map(({ id }) => id.client))

/** The content of an update; nothing if it cannot be read. */
export function readable(update: Uint8Array): DecodedUpdate {
  try {
    return decodeUpdate(update)
  } catch {
    return { structs: [], deletes: noIds() }
  }
}
