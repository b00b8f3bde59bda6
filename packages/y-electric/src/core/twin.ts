/**
 * Two writers with one client id. Yjs takes what it has under an id for what the id means, and ignores
 * what comes later under the same one: of two texts under the same ids one is shown, and which one depends
 * on which came first. Here is found out that this happened, and what of this document's edits is hidden
 * from everybody who reads the rows in their order.
 */
import { equalityDeep } from 'lib0/function'
import * as Y from 'yjs'
import { type IdRanges, noIds, pushRange, subtractIds, unionIds } from '../protocol/id-ranges.ts'
import type { State } from '../protocol/state-frames.ts'
import { decodeUpdate, fromV2, type Struct } from '../protocol/update-decoding.ts'

/** A client's edits that others do not see, because the server has others under the same ids. */
export interface Hidden {
  readonly client: number
  /** All that was made here from the first of them on. */
  readonly made: IdRanges
  /** The parts of it that others do see, under ids that were free. */
  readonly shown: IdRanges
}

/** Clients of which structs say something else than the document does. */
export function contradictedClients(doc: Y.Doc, structs: readonly Struct[]): Set<number> {
  const contradicted = structs.filter((struct) => differsAt(doc, struct) !== null)
  return new Set(contradicted.map(({ id }) => id.client))
}

/** Whose edits these are. */
export const clientsOf = (updates: readonly Uint8Array[]): Set<number> =>
  new Set(updates.flatMap(structsOf).map(({ id }) => id.client))

/** True when structs are edits of a client that the document does not hold yet. */
export const bringsMoreOf = (doc: Y.Doc, client: number, structs: readonly Struct[]): boolean =>
  structs.some(
    ({ id, length }) => id.client === client && id.clock + length > Y.getState(doc.store, client),
  )

/**
 * What of the document's edits by a client nobody sees who reads the state; null when all are seen.
 * @param isOwn whether a row of the state was sent from here
 * @param unacked edits that are on their way
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
  /** Under ids that were free: from here, and from elsewhere but here as well. */
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
  // What is the same here and there was made here all the same when it was sent from here.
  const sent = unionIds(edits.map(idsOf))
  return {
    client,
    made: subtractIds(all, subtractIds(received, sent)),
    shown: subtractIds(shown, before),
  }
}

/** An edit is sent again as a whole, also where its beginning happens to be the same. */
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
 * The first clock at which a struct is not what the document has under the same id; null when all is the
 * same. What either side has deleted may have been anything.
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
    // Only what has no neighbours says where it is.
    (origin !== null || one.rightOrigin !== null || placeOf(one) === placeOf(other))
  )
}

const originAt = ({ id, origin }: Y.Item, clock: number): Y.ID | null =>
  clock === id.clock ? origin : Y.createID(id.client, clock - 1)

/** In what an item is, and under which key. */
function placeOf({ parent, parentSub }: Y.Item): string {
  const at = parent instanceof Y.AbstractType ? (parent._item?.id ?? rootName(parent)) : parent
  const name = at instanceof Y.ID ? [at.client, at.clock] : at
  return JSON.stringify([name, parentSub])
}

const rootName = (type: Y.AbstractType<unknown>): string =>
  Y.findRootTypeKey(type as unknown as Y.AbstractType<Y.YEvent<Y.AbstractType<unknown>>>)

/** Up to which clock two items have the same content; `until` when they do not differ. */
function sameUntil(one: Y.Item, other: Y.Item, clock: number, until: number): number {
  if ([one, other].some(({ content }) => content instanceof Y.ContentDeleted)) return until
  if (one.content.constructor !== other.content.constructor) return clock
  const [a, b] = [one, other].map((item) => partsOf(item))
  for (let at = clock; at < until; at++) {
    if (!isSamePart(a?.[at - one.id.clock], b?.[at - other.id.clock])) return at
  }
  return until
}

/** What each clock of an item holds. */
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
  // Yjs writes this sign in place of each half of a character that it had to cut in two.
  return equalityDeep(one, other) || one === '\ufffd' || other === '\ufffd'
}

/** Nothing of what cannot be read. */
export function structsOf(update: Uint8Array): Struct[] {
  try {
    return [...decodeUpdate(update).structs]
  } catch {
    return []
  }
}
