/**
 * Two writers with one client id. Yjs keeps the first content that it receives for an id and ignores later
 * content with the same id. So of two texts with the same ids, each document shows the one that arrived
 * first. This module detects such conflicts, and finds the edits of this document that are hidden from
 * everybody who reads the rows in order.
 */
import { equalityDeep } from 'lib0/function'
import * as Y from 'yjs'
import { type IdRanges, noIds, pushRange, subtractIds, unionIds } from '../protocol/id-ranges.ts'
import type { State } from '../protocol/state-frames.ts'
import { decodeUpdate, fromV2, type Struct } from '../protocol/update-decoding.ts'

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
  const contradicted = structs.filter((struct) => differsAt(doc, struct) !== null)
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
 * @param unacked edits that the server has not acked
 */
export function hiddenBy(
  doc: Y.Doc,
  client: number,
  { snapshot, rows }: State,
  isOwn: (seq: number, update: Uint8Array) => boolean,
  unacked: readonly Uint8Array[],
): Hidden | null {
  const sources = [
    ...(snapshot?.data ? [{ structs: [...fromV2(snapshot.data).structs], own: false }] : []),
    ...[...rows]
      .sort((a, b) => a.seq - b.seq)
      .map(({ seq, data }) => ({ structs: structsOf(data), own: isOwn(seq, data) })),
  ]
  let claimed = noIds()
  /** `shown`: edits sent from here whose ids were free. `received`: equal edits that another writer sent. */
  let shown = noIds()
  let received = noIds()
  let differsFrom: number | null = null
  const edits: Struct[] = unacked.flatMap(structsOf).filter(({ id }) => id.client === client)
  for (const { structs, own } of sources) {
    for (const struct of structs) {
      if (struct.id.client !== client || struct instanceof Y.Skip) continue
      const free = subtractIds(idsOf(struct), claimed)
      claimed = unionIds([claimed, free])
      const at = own ? null : differsAt(doc, struct, free)
      if (own) edits.push(struct)
      if (own) shown = unionIds([shown, free])
      else if (at === null) received = unionIds([received, free])
      else differsFrom = Math.min(at, differsFrom ?? at)
    }
  }
  if (differsFrom === null) return null
  const from = startOfEdit(differsFrom, edits)
  const before = rangeOf(client, 0, from)
  const all = subtractIds(rangeOf(client, 0, Y.getState(doc.store, client)), before)
  // An edit that is equal on both sides still counts as made here if it was sent from here.
  const sent = unionIds(edits.map(idsOf))
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

const idsOf = ({ id, length }: Struct): IdRanges => rangeOf(id.client, id.clock, length)

function rangeOf(client: number, clock: number, len: number): IdRanges {
  const ids = noIds()
  if (len > 0) pushRange(ids, client, clock, len)
  return ids
}

/**
 * The first clock at which a struct differs from the document's content with the same id; null if nothing
 * differs. Content that either side has deleted counts as equal.
 * @param among only these ids
 */
function differsAt(doc: Y.Doc, struct: Struct, among = idsOf(struct)): number | null {
  if (!(struct instanceof Y.Item)) return null
  const { client } = struct.id
  for (const range of among.clients.get(client) ?? []) {
    const end = Math.min(range.clock + range.len, Y.getState(doc.store, client))
    for (let clock = range.clock; clock < end; ) {
      const held: Struct = Y.getItem(doc.store, Y.createID(client, clock))
      const until = Math.min(end, held.id.clock + held.length)
      if (held instanceof Y.Item) {
        const same = isSamePlace(struct, held, clock)
          ? sameUntil(struct, held, clock, until)
          : clock
        if (same < until) return same
      }
      clock = until
    }
  }
  return null
}

function isSamePlace(one: Y.Item, other: Y.Item, clock: number): boolean {
  const origin = originAt(one, clock)
  return (
    Y.compareIDs(origin, originAt(other, clock)) &&
    Y.compareIDs(one.rightOrigin, other.rightOrigin) &&
    // Only an item without neighbours names its parent.
    (origin !== null || one.rightOrigin !== null || placeOf(one) === placeOf(other))
  )
}

const originAt = ({ id, origin }: Y.Item, clock: number): Y.ID | null =>
  clock === id.clock ? origin : Y.createID(id.client, clock - 1)

/** The parent of an item, and its key in the parent. */
function placeOf({ parent, parentSub }: Y.Item): string {
  const at = parent instanceof Y.AbstractType ? (parent._item?.id ?? rootName(parent)) : parent
  const name = at instanceof Y.ID ? [at.client, at.clock] : at
  return JSON.stringify([name, parentSub])
}

const rootName = (type: Y.AbstractType<unknown>): string =>
  Y.findRootTypeKey(type as unknown as Y.AbstractType<Y.YEvent<Y.AbstractType<unknown>>>)

/** The clock up to which two items have the same content; `until` if they do not differ. */
function sameUntil(one: Y.Item, other: Y.Item, clock: number, until: number): number {
  if ([one, other].some(({ content }) => content instanceof Y.ContentDeleted)) return until
  if (one.content.constructor !== other.content.constructor) return clock
  const [a, b] = [one, other].map((item) => partsOf(item))
  for (let at = clock; at < until; at++) {
    if (!isSamePart(a?.[at - one.id.clock], b?.[at - other.id.clock])) return at
  }
  return until
}

/** The content of an item, one element per clock. */
function partsOf({ content }: Y.Item): readonly unknown[] | string {
  if (content instanceof Y.ContentString) return content.str
  if (content instanceof Y.ContentType) {
    const { type } = content
    return [[type.constructor.name, type instanceof Y.XmlElement ? type.nodeName : null]]
  }
  if (content instanceof Y.ContentFormat) return [[content.key, content.value]]
  if (content instanceof Y.ContentBinary) return [[...content.content]]
  if (content instanceof Y.ContentDoc) return [content.doc.guid]
  return content.getContent()
}

function isSamePart(one: unknown, other: unknown): boolean {
  // Yjs replaces each half of a surrogate pair that it had to split with this character.
  return equalityDeep(one, other) || one === '\ufffd' || other === '\ufffd'
}

/** The structs of an update; none if the update cannot be read. */
export function structsOf(update: Uint8Array): Struct[] {
  try {
    return [...decodeUpdate(update).structs]
  } catch {
    return []
  }
}
