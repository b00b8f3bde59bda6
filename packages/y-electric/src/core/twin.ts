/**
 * Two writers with one client id. Yjs keeps the first content that it receives for an id and ignores later
 * content with the same id. So of two texts with the same ids, each document shows the one that arrived
 * first. This module detects such conflicts, and finds the edits of this document that are hidden from
 * everybody who reads the rows in order.
 */
import * as Y from 'yjs'
import { type IdRanges, idRange, noIds, subtractIds, unionIds } from '../protocol/id-ranges.ts'
import type { State } from '../protocol/state-frames.ts'
import { decodeUpdate, fromV2, type Struct } from '../protocol/update-decoding.ts'
import { differenceIn, idsOf } from './struct-difference.ts'

/** Edits of a client that others do not see, because the server has other edits with the same ids. */
export interface Hidden {
  readonly client: number
  /** All edits made here, from the first hidden one on. */
  readonly made: IdRanges
  /** The parts of these edits that others do see, because their ids were free. */
  readonly shown: IdRanges
}

/** Clients for which the structs contradict the document. */
export function contradictedClients(doc: Y.Doc, structs: readonly Struct[]): Set<number> {
  const contradicted = structs.filter((struct) => differenceIn(doc, struct) !== null)
  return new Set(contradicted.map(({ id }) => id.client))
}

/** The client ids of the edits in the updates. */
export const clientsOf = (updates: readonly Uint8Array[]): Set<number> =>
  new Set(updates.flatMap(structsOf).map(({ id }) => id.client))

/** True if the structs contain edits of a client that the document does not have yet. */
export const bringsMoreOf = (doc: Y.Doc, client: number, structs: readonly Struct[]): boolean =>
  structs.some(
    ({ id, length }) => id.client === client && id.clock + length > Y.getState(doc.store, client),
  )

/**
 * The edits of a client in the document that nobody sees who reads the state; null if all are visible.
 * @param isOwn whether a row of the state was sent from here
 * @param unacked edits that are on their way
 * @param known what was made here, and what came from elsewhere; of the rest nobody knows
 */
export function hiddenBy(
  doc: Y.Doc,
  client: number,
  { snapshot, rows }: State,
  isOwn: (seq: number, update: Uint8Array) => boolean,
  unacked: readonly Uint8Array[],
  known: { readonly made: IdRanges; readonly heard: IdRanges } = { made: noIds(), heard: noIds() },
): Hidden | null {
  const sources = [
    ...(snapshot?.data
      ? [{ structs: [...fromV2(snapshot.data).structs], own: false, isRow: false }]
      : []),
    ...[...rows]
      .sort((a, b) => a.seq - b.seq)
      .map(({ seq, data }) => ({ structs: structsOf(data), own: isOwn(seq, data), isRow: true })),
  ]
  let claimed = noIds()
  /** `shown`: edits sent from here whose ids were free. `received`: equal edits that another writer sent. */
  let shown = noIds()
  let received = known.heard
  let differsFrom: number | null = null
  const edits: Struct[] = unacked.flatMap(structsOf).filter(({ id }) => id.client === client)
  for (const { structs, own, isRow } of sources) {
    for (const struct of structs) {
      if (struct.id.client !== client || struct instanceof Y.Skip) continue
      const free = subtractIds(idsOf(struct), claimed)
      claimed = unionIds([claimed, free])
      if (own) {
        edits.push(struct)
        shown = unionIds([shown, free])
        continue
      }
      const difference = differenceIn(doc, struct, free)
      if (difference !== null) {
        // A row that differs is another's as a whole, also where it happens to begin the same.
        const mine = isRow ? subtractIds(free, subtractIds(free, known.made)) : noIds()
        const at = Math.min(difference.clock, mine.clients.get(client)?.[0]?.clock ?? Infinity)
        differsFrom = Math.min(at, differsFrom ?? Infinity)
      }
      // Of a struct whose beginning the document holds already, Yjs adds the end.
      const end = subtractIds(free, idRange(client, 0, difference?.end ?? 0))
      received = unionIds([received, end])
    }
  }
  if (differsFrom === null) return null
  const from = startOfEdit(differsFrom, edits)
  const before = idRange(client, 0, from)
  const all = subtractIds(idRange(client, 0, Y.getState(doc.store, client)), before)
  // Equal content counts as made here if it was sent from here.
  const sent = unionIds([known.made, ...edits.map(idsOf)])
  return {
    client,
    made: subtractIds(all, subtractIds(received, sent)),
    shown: subtractIds(shown, before),
  }
}

/** Moves to the start of an edit: it is sent again as a whole, even if its beginning is the same. */
function startOfEdit(clock: number, edits: readonly Struct[]): number {
  const holding = edits.filter(({ id, length }) => id.clock <= clock && clock < id.clock + length)
  return holding.reduce((from, { id }) => Math.min(from, id.clock), clock)
}

/** Nothing of what cannot be read. */
export function structsOf(update: Uint8Array): Struct[] {
  try {
    return [...decodeUpdate(update).structs]
  } catch {
    return []
  }
}
