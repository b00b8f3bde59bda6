import type * as decoding from 'lib0/decoding'
import * as Y from 'yjs'
import { type ContentIds, type IdRanges, noIds, pushRange, unionIds } from './id-ranges.ts'

/** One entry of an update: an insert, collected garbage, or a gap. */
export type Struct = Y.Item | Y.GC | Y.Skip

/** An update taken apart: structs as they stood in the bytes, and the ids that it deletes. */
export interface DecodedUpdate {
  readonly structs: readonly Struct[]
  readonly deletes: IdRanges
}

/**
 * Decodes a Yjs v1 update, and only a whole one.
 *
 * `Y.decodeUpdate` itself neither notices bytes that are left over nor stops at the end of a view
 * into a larger buffer (where it would read a neighbour's memory): both are checked here.
 * @throws {Error} saying what is wrong, when the bytes are not exactly one update.
 */
export function decodeUpdate(update: Uint8Array): DecodedUpdate {
  return decodeWhole(update, Y.UpdateDecoderV1, 'update')
}

/**
 * Decodes the bytes of a snapshot row, a Yjs v2 update, and only a whole one.
 * @throws {Error} saying what is wrong.
 */
export function decodeSnapshot(snapshot: Uint8Array): DecodedUpdate {
  return decodeWhole(snapshot, Y.UpdateDecoderV2, 'snapshot')
}

type UpdateDecoder = typeof Y.UpdateDecoderV1 | typeof Y.UpdateDecoderV2

function decodeWhole(bytes: Uint8Array, Decoder: UpdateDecoder, what: string): DecodedUpdate {
  const { decoded, position } = decodeNoting(ownBuffer(bytes), Decoder, what)
  if (position < bytes.byteLength) {
    throw new Error(`${what}: ${bytes.byteLength - position} bytes left over after its end`)
  }
  if (position > bytes.byteLength) throw new Error(`${what}: cut short`)
  for (const struct of decoded.structs) requireSound(struct, what)
  for (const ranges of decoded.ds.clients.values()) requireSoundRanges(ranges, what)
  return { structs: decoded.structs, deletes: unionIds([decoded.ds]) }
}

/**
 * Refuses what Yjs decodes and then throws at when it integrates it, with whatever else is in the
 * transaction: a row of 22 bytes could keep a document from ever being folded.
 */
function requireSound(struct: Struct, what: string): void {
  if (!(struct.length > 0)) throw new Error(`${what}: a struct of length zero`)
  if (!(struct instanceof Y.Item)) return
  const { id, origin, rightOrigin, parent } = struct
  for (const reference of [origin, rightOrigin, parent instanceof Y.ID ? parent : null]) {
    if (reference !== null && reference.client === id.client && reference.clock >= id.clock) {
      throw new Error(`${what}: ${id.client}:${id.clock} builds on what comes after it`)
    }
  }
}

/**
 * Refuses deletes out of order. Yjs keeps deletes that wait in the order in which they came, in a format
 * that can only count up: it could not read them again, and would throw at every later update.
 */
function requireSoundRanges(
  ranges: readonly { readonly clock: number; readonly len: number }[],
  what: string,
): void {
  let end = 0
  for (const { clock, len } of ranges) {
    if (!(len > 0)) throw new Error(`${what}: a delete of length zero`)
    if (clock < end) throw new Error(`${what}: deletes out of order`)
    end = clock + len
  }
}

function decodeNoting(bytes: Uint8Array, Decoder: UpdateDecoder, what: string) {
  let rest: decoding.Decoder | undefined
  class NotingDecoder extends (Decoder as typeof Y.UpdateDecoderV1) {
    constructor(decoder: decoding.Decoder) {
      super(decoder)
      rest = decoder
    }
  }
  try {
    const decoded = Y.decodeUpdateV2(bytes, NotingDecoder)
    return { decoded, position: rest?.pos ?? 0 }
  } catch (cause) {
    throw new Error(`${what}: not in Yjs' format`, { cause })
  }
}

const ownBuffer = (bytes: Uint8Array): Uint8Array =>
  bytes.byteLength === bytes.buffer.byteLength && bytes.constructor === Uint8Array
    ? bytes
    : new Uint8Array(bytes)

/** Client ids of Yjs 13 are below this. */
const CLIENT_IDS = 2 ** 32

/**
 * True when an update names a client id of more than 32 bits. Yjs 14 (`@y/y`) makes ids of 53 bits. Its
 * updates decode, but they keep text in types that Yjs 13 does not show.
 */
export function isOfYjs14({ structs, deletes }: DecodedUpdate): boolean {
  const isLong = (client: number): boolean => client >= CLIENT_IDS
  return structs.some(({ id }) => isLong(id.client)) || [...deletes.clients.keys()].some(isLong)
}

/** True when an update neither inserts nor deletes anything. */
export function isEmptyUpdate(update: DecodedUpdate): boolean {
  return (
    update.structs.every((struct) => struct instanceof Y.Skip) && update.deletes.clients.size === 0
  )
}

/** The ids that an update brings (gaps are not brought) and deletes. */
export function contentOfUpdate(update: DecodedUpdate): ContentIds {
  const structs = noIds()
  for (const struct of update.structs) {
    if (!(struct instanceof Y.Skip)) {
      pushRange(structs, struct.id.client, struct.id.clock, struct.length)
    }
  }
  return { structs: unionIds([structs]), deletes: update.deletes }
}

/** The ids that a document holds, integrated or waiting, and those that it knows as deleted. */
export function contentOfDoc(doc: Y.Doc): ContentIds {
  const structs = noIds()
  for (const client of doc.store.clients.keys()) {
    pushRange(structs, client, 0, Y.getState(doc.store, client))
  }
  const integrated = { structs, deletes: Y.createDeleteSetFromStructStore(doc.store) }
  const waiting = [doc.store.pendingStructs?.update, doc.store.pendingDs]
    .filter((update) => update !== undefined && update !== null)
    .map((update) => contentOfUpdate(fromV2(update)))
  return {
    structs: unionIds([integrated.structs, ...waiting.map((content) => content.structs)]),
    deletes: unionIds([integrated.deletes, ...waiting.map((content) => content.deletes)]),
  }
}

/** Decodes a Yjs v2 update from a source that is trusted to be one: a snapshot row, or Yjs itself. */
export function fromV2(update: Uint8Array): DecodedUpdate {
  const { structs, ds } = Y.decodeUpdateV2(update)
  return { structs, deletes: unionIds([ds]) }
}
