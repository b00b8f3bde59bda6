import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'
import { firstSpans } from './first-spans.ts'
import {
  type ContentIds,
  type IdRanges,
  noIds,
  pushRange,
  subtractIds,
  unionIds,
} from './id-ranges.ts'
import { SUBDOCUMENT_WEIGHT } from './strict-decoders.ts'
import { weightOfStructs } from './struct-weight.ts'
import { decodeOwnUpdate, type Struct } from './update-decoding.ts'

/** A struct from `offset` on; the part before it is already covered or known. */
interface Piece {
  readonly struct: Struct
  readonly offset: number
}

/**
 * Merges Yjs v1 updates into one. The time is linear in their content (n log n for sorting).
 * `Y.mergeUpdates` is quadratic in the number of small updates, and keeps runs of typed characters
 * separate; here a run becomes one item, as Yjs itself joins them when it integrates them.
 */
export function mergeUpdates(updates: readonly Uint8Array[]): Uint8Array {
  const [only] = updates
  if (only !== undefined && updates.length === 1) return only
  const decoded = updates.map(decodeOwnUpdate)
  return encodeUpdate(
    piecesByClient(decoded.flatMap((update) => update.structs)),
    unionIds(decoded.map((update) => update.deletes)),
  )
}

/**
 * Cuts a Yjs v1 update into updates of at most `maxBytes` and `maxStructs`, which together have the
 * same effect. A long text is cut too. Any other single item that is larger (one huge value in a
 * map) cannot be cut, and becomes one update that is too large.
 */
export function splitUpdate(
  update: Uint8Array,
  maxBytes: number,
  maxStructs = Number.POSITIVE_INFINITY,
): Uint8Array[] {
  if (update.byteLength <= maxBytes && !mayHold(update, maxStructs)) return [update]
  const decoded = decodeOwnUpdate(update)
  const whole = [...piecesByClient(decoded.structs).values()].flat()
  const deletes = flattenRanges(decoded.deletes)
  const isSmall = update.byteLength <= maxBytes
  if (isSmall && weightOfStructs(whole.map(({ struct }) => struct)) + deletes.length <= maxStructs)
    return [update]
  const flat = whole.length + deletes.length === 1 ? whole.flatMap(cutText) : whole
  if (flat.length + deletes.length <= 1) return [update]
  // Halving costs one more encoding per level and needs no estimate of the size of a struct.
  const half = Math.floor((flat.length + deletes.length) / 2)
  const halfOfDeletes = Math.max(0, half - flat.length)
  const first = encodeUpdate(group(flat.slice(0, half)), ranges(deletes.slice(0, halfOfDeletes)))
  const second = encodeUpdate(group(flat.slice(half)), ranges(deletes.slice(halfOfDeletes)))
  return [first, second].flatMap((part) => splitUpdate(part, maxBytes, maxStructs))
}

/**
 * Each struct and each range takes at least two bytes, and a subdocument five; nothing small is
 * decoded for this.
 */
const mayHold = ({ byteLength }: Uint8Array, structs: number): boolean =>
  byteLength * Math.max(1 / 2, SUBDOCUMENT_WEIGHT / 5) > structs

/**
 * A text cut in two, as Yjs itself cuts one when somebody types in the middle; anything else
 * unchanged.
 */
function cutText(piece: Piece): Piece[] {
  const { struct, offset } = piece
  if (!(struct instanceof Y.Item && struct.content instanceof Y.ContentString)) return [piece]
  const middle = offset + Math.floor((struct.length - offset) / 2)
  // A surrogate pair is one character: if it were cut, both halves would be lost.
  const cut = isHighSurrogate(struct.content.str.charCodeAt(middle - 1)) ? middle + 1 : middle
  if (cut <= offset || cut >= struct.length) return [piece]
  const { client, clock } = struct.id
  const right = new Y.Item(
    Y.createID(client, clock + cut),
    null,
    Y.createID(client, clock + cut - 1),
    null,
    struct.rightOrigin,
    struct.parent,
    struct.parentSub,
    struct.content.splice(cut),
  )
  struct.length = cut
  return [piece, { struct: right, offset: 0 }]
}

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff

/** One update of many edits, in pieces of at most `maxBytes`. No edit is ever dropped. */
export function cutUpdates(
  edits: readonly Uint8Array[],
  maxBytes: number,
  maxStructs?: number,
): Uint8Array[] {
  try {
    return splitUpdate(mergeUpdates(edits), maxBytes, maxStructs)
  } catch {
    // Our stricter decoder does not accept an edit, but Yjs made it, so Yjs can merge it.
    return [Y.mergeUpdates([...edits])]
  }
}

/**
 * The content of an update beyond `known`, structs and deletes alike: a state vector would not show
 * deletes. Null if nothing is left.
 */
export function diffUpdate(update: Uint8Array, known: ContentIds): Uint8Array | null {
  const decoded = decodeOwnUpdate(update)
  const pieces = group(
    [...piecesByClient(decoded.structs).values()]
      .flat()
      .flatMap((piece) => unknownPart(piece, known.structs)),
  )
  const deletes = subtractIds(decoded.deletes, known.deletes)
  if (pieces.size === 0 && deletes.clients.size === 0) return null
  return encodeUpdate(pieces, deletes)
}

/**
 * A struct from its first unknown id on. Known ids after that are sent again: Yjs accepts repeats.
 */
function unknownPart(piece: Piece, known: IdRanges): Piece[] {
  const { struct, offset } = piece
  const own = noIds()
  pushRange(own, struct.id.client, struct.id.clock + offset, struct.length - offset)
  const first = subtractIds(own, known).clients.get(struct.id.client)?.[0]
  return first === undefined ? [] : [{ struct, offset: first.clock - struct.id.clock }]
}

/** One update of structs in any order, and of deletes. */
export const encodeStructs = (structs: readonly Struct[], deletes: IdRanges): Uint8Array =>
  encodeUpdate(piecesByClient(structs), deletes)

/** Structs by client, sorted, each id once, with typed runs joined. */
function piecesByClient(structs: readonly Struct[]): Map<number, Piece[]> {
  const result = new Map<number, Piece[]>()
  const brought = structs.filter((struct) => !(struct instanceof Y.Skip))
  for (const [client, list] of groupBy(brought, (struct) => struct.id.client)) {
    const pieces: Piece[] = []
    const add = (piece: Piece) => {
      const last = pieces.at(-1)
      if (last === undefined || piece.offset > 0 || !joins(last.struct, piece.struct)) {
        pieces.push(piece)
      }
    }
    const sorted = [...list].sort((a, b) => a.id.clock - b.id.clock)
    if (hasRepeats(sorted)) for (const piece of firstPieces(list)) add(piece)
    else for (const struct of sorted) add({ struct, offset: 0 })
    result.set(client, pieces)
  }
  return result
}

const hasRepeats = (sorted: readonly Struct[]): boolean =>
  sorted.some(({ id }, i) => {
    const before = sorted[i - 1]
    return before !== undefined && before.id.clock + before.length > id.clock
  })

/**
 * Each id of one client once, sorted. Of two structs with one id the first one wins, as in Yjs.
 * They only differ if two writers had one client id, and then a merge must give the same result as
 * applying one update after the other.
 */
const firstPieces = (structs: readonly Struct[]): Piece[] =>
  firstSpans(structs).map(({ struct, from, until }) => ({
    struct: endingAt(struct, until),
    offset: from - struct.id.clock,
  }))

/** The part of a struct before a clock. */
function endingAt(struct: Struct, clock: number): Struct {
  const length = clock - struct.id.clock
  if (length === struct.length) return struct
  if (!(struct instanceof Y.Item)) return new Y.GC(struct.id, length)
  const content = struct.content.copy()
  content.splice(length)
  const { id, origin, rightOrigin, parent, parentSub } = struct
  return new Y.Item(id, null, origin, null, rightOrigin, parent, parentSub, content)
}

const group = (pieces: readonly Piece[]): Map<number, Piece[]> =>
  groupBy(pieces, (piece) => piece.struct.id.client)

function groupBy<T>(items: readonly T[], keyOf: (item: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}

/**
 * Appends `right` to `left` if they are one run of typing: the conditions of Yjs's own
 * `Item.mergeWith`, which cannot be called on items that were never integrated. Strings only: two
 * values of one map key also follow each other, and are two items because the first is deleted.
 */
function joins(left: Struct, right: Struct): boolean {
  if (left.id.clock + left.length !== right.id.clock) return false
  if (left instanceof Y.GC && right instanceof Y.GC) return left.mergeWith(right)
  if (!(left instanceof Y.Item && right instanceof Y.Item)) return false
  const joined =
    Y.compareIDs(right.origin, left.lastId) &&
    Y.compareIDs(left.rightOrigin, right.rightOrigin) &&
    left.content instanceof Y.ContentString &&
    right.content instanceof Y.ContentString &&
    left.content.mergeWith(right.content)
  if (joined) left.length += right.length
  return joined
}

/** Writes the v1 update format: structs by client (highest id first, as Yjs does), then deletes. */
function encodeUpdate(
  byClient: ReadonlyMap<number, readonly Piece[]>,
  deletes: IdRanges,
): Uint8Array {
  const encoder = new Y.UpdateEncoderV1()
  const rest = encoder.restEncoder
  encoding.writeVarUint(rest, byClient.size)
  for (const [client, pieces] of [...byClient].sort(([a], [b]) => b - a)) {
    writeClient(encoder, client, pieces)
  }
  const clients = [...deletes.clients].sort(([a], [b]) => b - a)
  encoding.writeVarUint(rest, clients.length)
  for (const [client, items] of clients) {
    encoding.writeVarUint(rest, client)
    encoding.writeVarUint(rest, items.length)
    for (const item of items) {
      encoding.writeVarUint(rest, item.clock)
      encoding.writeVarUint(rest, item.len)
    }
  }
  return encoder.toUint8Array()
}

function writeClient(encoder: Y.UpdateEncoderV1, client: number, pieces: readonly Piece[]): void {
  const rest = encoder.restEncoder
  const withGaps = pieces.flatMap((piece, i) => {
    const start = piece.struct.id.clock + piece.offset
    const before = pieces[i - 1]?.struct
    const end = before === undefined ? start : before.id.clock + before.length
    return end < start
      ? [{ struct: new Y.Skip(Y.createID(client, end), start - end), offset: 0 }, piece]
      : [piece]
  })
  const first = pieces[0]
  encoding.writeVarUint(rest, withGaps.length)
  encoder.writeClient(client)
  encoding.writeVarUint(rest, first === undefined ? 0 : first.struct.id.clock + first.offset)
  for (const { struct, offset } of withGaps) struct.write(encoder, offset)
}

interface FlatRange {
  readonly client: number
  readonly clock: number
  readonly len: number
}

const flattenRanges = (ids: IdRanges): FlatRange[] =>
  [...ids.clients].flatMap(([client, items]) =>
    items.map(({ clock, len }) => ({ client, clock, len })),
  )

function ranges(flat: readonly FlatRange[]): IdRanges {
  const ids = noIds()
  for (const { client, clock, len } of flat) pushRange(ids, client, clock, len)
  return ids
}
