import * as decoding from 'lib0/decoding'
import * as Y from 'yjs'
import { type ContentIds, type IdRanges, noIds, pushRange, unionIds } from './id-ranges.ts'
import { problemOf, referencesOf } from './soundness.ts'
import {
  CountingDecoderV2,
  type DecodingLimits,
  Meter,
  metered,
  PlainDecoderV1,
  StrictDecoderV1,
  StrictDecoderV2,
  TooMuchError,
  type YjsDecoder,
} from './strict-decoders.ts'
import { requireJsonValue } from './values.ts'

/** One entry of an update: an insert, collected garbage, or a gap. */
export type Struct = Y.Item | Y.GC | Y.Skip

/** A decoded update: its structs as they are in the bytes, and the ids that it deletes. */
export interface DecodedUpdate {
  readonly structs: readonly Struct[]
  readonly deletes: IdRanges
}

/** A checked update and its weight. */
export interface JudgedUpdate {
  readonly decoded: DecodedUpdate
  /**
   * The number of structs and delete ranges, plus the weight of other parts: see {@link
   * DecodingLimits}.
   */
  readonly structs: number
}

/**
 * Decodes an untrusted Yjs v1 update. Accepts only a whole one that keeps its meaning when it is
 * encoded again, in any order with other updates.
 *
 * `Y.decodeUpdate` itself neither notices trailing bytes nor stops at the end of a view into a
 * larger buffer (where it would read unrelated memory): this function checks both.
 * @throws {Error} with the problem, if the bytes are not exactly one such update
 */
export function decodeUpdate(update: Uint8Array): DecodedUpdate {
  return judgeUpdate(update, NO_LIMITS).decoded
}

/** The same, and returns the weight of the update. @throws {Error} also {@link TooMuchError} */
export function judgeUpdate(update: Uint8Array, limits: DecodingLimits): JudgedUpdate {
  const meter = new Meter(limits)
  const decoded = decodeWhole(update, StrictDecoderV1, 'update', meter)
  return judged(decoded, meter, 'update')
}

/** The same for a Yjs v2 update. @throws {Error} also {@link TooMuchError} */
export function judgeUpdateV2(update: Uint8Array, limits: DecodingLimits): JudgedUpdate {
  const meter = new Meter(limits)
  const decoded = decodeWhole(update, StrictDecoderV2, 'update', meter)
  return judged(decoded, meter, 'update')
}

/**
 * Decodes a Yjs v1 update that Yjs made here. Values are not checked: an app may have set one that
 * no other document accepts, and merging must not fail because of that.
 * @throws {Error} if the bytes are not exactly one update
 */
export function decodeOwnUpdate(update: Uint8Array): DecodedUpdate {
  return toUpdate(decodeWhole(update, PlainDecoderV1, 'update'))
}

/**
 * Decodes the bytes of a snapshot row, a Yjs v2 update. Accepts only a whole one.
 * @throws {Error} with the problem; {@link TooMuchError}
 */
export function decodeSnapshot(
  snapshot: Uint8Array,
  limits: DecodingLimits = NO_LIMITS,
): DecodedUpdate {
  return toUpdate(decodeWhole(snapshot, CountingDecoderV2, 'snapshot', new Meter(limits)))
}

/**
 * Counts the structs and delete ranges of a Yjs v2 update without keeping them.
 * @throws {Error} if the bytes are not an update; {@link TooMuchError}
 */
export function countStructs(update: Uint8Array, limits: DecodingLimits = NO_LIMITS): number {
  const meter = new Meter(limits)
  return countWith(update, CountingDecoderV2, meter)
}

/** The same for a Yjs v1 update. */
export function countStructsV1(update: Uint8Array, limits: DecodingLimits = NO_LIMITS): number {
  return countWith(update, StrictDecoderV1, new Meter(limits))
}

function countWith(update: Uint8Array, Decoder: UpdateDecoder, meter: Meter): number {
  const { made } = metered(meter, () =>
    Y.parseUpdateMetaV2(ownBuffer(update), Decoder as typeof Y.UpdateDecoderV2),
  )
  // Yjs stops where the deletes begin.
  if (made !== null) weighDeletes(made, meter)
  return meter.structs
}

function weighDeletes(decoder: YjsDecoder, { weigh }: Meter): void {
  const rest: decoding.Decoder = decoder.restDecoder
  for (let clients = decoding.readVarUint(rest); clients > 0; clients--) {
    decoder.resetDsCurVal()
    decoding.readVarUint(rest)
    for (let ranges = decoding.readVarUint(rest); ranges > 0; ranges--) {
      decoder.readDsClock()
      decoder.readDsLen()
      weigh(1)
    }
  }
}

const NO_LIMITS: DecodingLimits = { maxStructs: Number.POSITIVE_INFINITY }

type UpdateDecoder = typeof PlainDecoderV1 | typeof CountingDecoderV2
type RawUpdate = ReturnType<typeof Y.decodeUpdateV2>

function decodeWhole(
  bytes: Uint8Array,
  Decoder: UpdateDecoder,
  what: string,
  meter = new Meter(NO_LIMITS),
): RawUpdate {
  const { decoded, position } = decodeMetered(ownBuffer(bytes), Decoder, what, meter)
  if (position < bytes.byteLength) {
    throw new Error(`${what}: ${bytes.byteLength - position} bytes left over after its end`)
  }
  if (position > bytes.byteLength) throw new Error(`${what}: cut short`)
  for (const struct of decoded.structs) requireSound(struct, what)
  for (const range of [...decoded.ds.clients.values()].flat()) {
    if (!(range.len > 0)) throw new Error(`${what}: a delete of length zero`)
  }
  return decoded
}

const toUpdate = ({ structs, ds }: RawUpdate): DecodedUpdate => ({
  structs,
  deletes: unionIds([ds]),
})

function judged(raw: RawUpdate, meter: Meter, what: string): JudgedUpdate {
  for (const struct of raw.structs) {
    if (!(struct instanceof Y.Item && struct.content instanceof Y.ContentJSON)) continue
    for (const value of struct.content.arr) requireJson(value, meter, what)
  }
  for (const ranges of raw.ds.clients.values()) meter.weigh(ranges.length)
  // Yjs writes no empty section, and its own merge treats the sections after one as a part of it.
  const clients = new Set(raw.structs.map(({ id }) => id.client)).size
  if (clients < meter.clients) throw new Error(`${what}: a section without structs`)
  const problem = problemOf(raw)
  if (problem !== null) throw new Error(`${what}: ${problem}`)
  return { decoded: toUpdate(raw), structs: meter.structs }
}

function requireJson(value: unknown, { weigh }: Meter, what: string): void {
  try {
    requireJsonValue(value, weigh)
  } catch (cause) {
    throw explained(cause, what)
  }
}

/**
 * Refuses updates that Yjs decodes but throws at when it integrates them, which fails the whole
 * transaction: a row of 22 bytes could prevent every fold of a document.
 */
function requireSound(struct: Struct, what: string): void {
  if (!(struct.length > 0)) throw new Error(`${what}: a struct of length zero`)
  if (!(struct instanceof Y.Item)) return
  const { id } = struct
  for (const reference of referencesOf(struct)) {
    if (reference.client === id.client && reference.clock >= id.clock) {
      throw new Error(`${what}: ${id.client}:${id.clock} builds on a struct after it`)
    }
  }
}

function decodeMetered(bytes: Uint8Array, Decoder: UpdateDecoder, what: string, meter: Meter) {
  try {
    return metered(meter, () => Y.decodeUpdateV2(bytes, Decoder as typeof Y.UpdateDecoderV2))
  } catch (cause) {
    throw explained(cause, what)
  }
}

const explained = (cause: unknown, what: string): Error =>
  cause instanceof TooMuchError
    ? new TooMuchError(`${what}: ${cause.message}`, { cause })
    : new Error(`${what}: not in Yjs' format (${(cause as Error).message})`, { cause })

const ownBuffer = (bytes: Uint8Array): Uint8Array =>
  bytes.byteLength === bytes.buffer.byteLength && bytes.constructor === Uint8Array
    ? bytes
    : new Uint8Array(bytes)

/** Client ids of Yjs 13 are below this. */
export const CLIENT_IDS = 2 ** 32

/**
 * True if an update names a client id of more than 32 bits. Yjs 14 (`@y/y`) makes ids of 53 bits.
 * Its updates decode, but they keep text in types that Yjs 13 does not show.
 */
export function isOfYjs14({ structs, deletes }: DecodedUpdate): boolean {
  const isLong = (client: number): boolean => client >= CLIENT_IDS
  return (
    structs.some(
      (struct) =>
        isLong(struct.id.client) || referencesOf(struct).some(({ client }) => isLong(client)),
    ) || [...deletes.clients.keys()].some(isLong)
  )
}

/** True if an update neither inserts nor deletes anything. */
export function isEmptyUpdate(update: DecodedUpdate): boolean {
  return (
    update.structs.every((struct) => struct instanceof Y.Skip) && update.deletes.clients.size === 0
  )
}

/** The ids that an update inserts (without gaps) and deletes. */
export function contentOfUpdate(update: DecodedUpdate): ContentIds {
  const structs = noIds()
  for (const struct of update.structs) {
    if (!(struct instanceof Y.Skip)) {
      pushRange(structs, struct.id.client, struct.id.clock, struct.length)
    }
  }
  return { structs: unionIds([structs]), deletes: update.deletes }
}

/** The ids that a document holds, integrated or pending, and those that it knows as deleted. */
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

/** Decodes a Yjs v2 update from a trusted source: a snapshot row, or Yjs itself. */
export function fromV2(update: Uint8Array): DecodedUpdate {
  const { structs, ds } = Y.decodeUpdateV2(update)
  return { structs, deletes: unionIds([ds]) }
}
