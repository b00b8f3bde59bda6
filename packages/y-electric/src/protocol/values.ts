import * as decoding from 'lib0/decoding'

/**
 * How deeply values (`ContentAny`, embeds, format values) may be nested. All code that reads a
 * document walks them recursively; some thousands of levels overflow the stack.
 */
export const MAX_VALUE_DEPTH = 256

/** Weights of parts of values in structs, by the memory that the decoded part takes. */
const BYTES_WEIGHT = 1
const CONTAINER_WEIGHT = 1 / 8

/** Adds to the weight of an update, and throws if that is over its limit. */
export type Weigh = (weight: number) => void

/**
 * Reads a value in lib0's encoding as `decoding.readAny` does, and refuses what no encoder writes
 * back unchanged: the key `__proto__` (it would set the prototype), unknown types, and too many
 * levels.
 */
export function readValue(decoder: decoding.Decoder, weigh: Weigh, depth = 0): unknown {
  if (decoder.pos >= decoder.arr.length) throw new Error('a value is cut short')
  const type = decoding.readUint8(decoder)
  switch (type) {
    case 127:
      return undefined
    case 126:
      return null
    case 125:
      return decoding.readVarInt(decoder)
    case 124:
      return decoding.readFloat32(decoder)
    case 123:
      return decoding.readFloat64(decoder)
    case 122:
      return decoding.readBigInt64(decoder)
    case 121:
      return false
    case 120:
      return true
    case 119:
      return decoding.readVarString(decoder)
    case 118:
      return readObject(decoder, weigh, depth)
    case 117:
      return readArray(decoder, weigh, depth)
    case 116:
      weigh(BYTES_WEIGHT)
      return decoding.readVarUint8Array(decoder)
    default:
      throw new Error(`a value has the unknown type ${type}`)
  }
}

function readObject(decoder: decoding.Decoder, weigh: Weigh, depth: number): object {
  requireDepth(depth)
  weigh(CONTAINER_WEIGHT)
  const length = decoding.readVarUint(decoder)
  const object: Record<string, unknown> = {}
  for (let i = 0; i < length; i++) {
    const key = decoding.readVarString(decoder)
    requireKey(key)
    object[key] = readValue(decoder, weigh, depth + 1)
  }
  return object
}

function readArray(decoder: decoding.Decoder, weigh: Weigh, depth: number): unknown[] {
  requireDepth(depth)
  weigh(CONTAINER_WEIGHT)
  const length = decoding.readVarUint(decoder)
  const array: unknown[] = []
  for (let i = 0; i < length; i++) array.push(readValue(decoder, weigh, depth + 1))
  return array
}

function requireDepth(depth: number): void {
  if (depth >= MAX_VALUE_DEPTH) {
    throw new Error(`a value has more than ${MAX_VALUE_DEPTH} levels`)
  }
}

function requireKey(key: string): void {
  if (key === '__proto__') throw new Error('a value has the key "__proto__"')
}

/**
 * Checks a value that was written as JSON. Snapshot rows hold it in lib0's encoding, so it must
 * survive both: no key `__proto__`, no number that overflows, not too many levels.
 */
export function requireJsonValue(value: unknown, weigh: Weigh, depth = 0): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new Error('a JSON number is too large')
  }
  if (typeof value !== 'object' || value === null) return
  requireDepth(depth)
  weigh(CONTAINER_WEIGHT)
  for (const key of Object.keys(value)) {
    requireKey(key)
    requireJsonValue((value as Record<string, unknown>)[key], weigh, depth + 1)
  }
}

/**
 * The weight that {@link readValue} adds for a value. Works level by level: an app may have set any
 * number of levels.
 */
export function weightOfValue(value: unknown): number {
  let weight = 0
  for (let level: unknown[] = [value]; level.length > 0; ) {
    const next: unknown[] = []
    for (const part of level) {
      if (typeof part !== 'object' || part === null) continue
      weight += part instanceof Uint8Array ? BYTES_WEIGHT : CONTAINER_WEIGHT
      if (!(part instanceof Uint8Array)) for (const inner of Object.values(part)) next.push(inner)
    }
    level = next
  }
  return weight
}

/**
 * True if two values are the same, as a value and its decoded copy are. NaN is the same as NaN, and 0 as -0, which
 * JSON does not distinguish. `equalityDeep` of lib0 says no for NaN and for objects with the key `constructor`.
 */
export function isSameValue(one: unknown, other: unknown): boolean {
  if (one === other || (Number.isNaN(one) && Number.isNaN(other))) return true
  if (typeof one !== 'object' || typeof other !== 'object') return false
  if (one === null || other === null || Array.isArray(one) !== Array.isArray(other)) return false
  if (one instanceof Uint8Array || other instanceof Uint8Array) return isSameBytes(one, other)
  const [parts, others] = [Object.entries(one), new Map(Object.entries(other))]
  if (parts.length !== others.size) return false
  return parts.every(([key, part]) => others.has(key) && isSameValue(part, others.get(key)))
}

const isSameBytes = (one: object, other: object): boolean =>
  one instanceof Uint8Array &&
  other instanceof Uint8Array &&
  one.byteLength === other.byteLength &&
  one.every((byte, i) => byte === other[i])

const LONE_SURROGATE = /\p{Surrogate}/u

/** True if a text in a value has half of a surrogate pair, which UTF-8 cannot express. */
export function isIllFormed(value: unknown): boolean {
  if (typeof value === 'string') return LONE_SURROGATE.test(value)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false
  return Object.entries(value).some(([key, part]) => LONE_SURROGATE.test(key) || isIllFormed(part))
}

/** The value with U+FFFD in place of each half of a surrogate pair, as in every text that Yjs writes. */
export function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\p{Surrogate}/gu, '\ufffd')
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(wellFormed)
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [wellFormed(key), wellFormed(part)]),
  )
}
