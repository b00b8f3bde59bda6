import { RequestError } from '@y-electric/server'
import { fromBase64, toBase64 } from 'lib0/buffer'
import * as Y from 'yjs'

/** A JSON value. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

export type JsonObject = { readonly [key: string]: Json }

/**
 * A Yjs value that JSON cannot express is an object with exactly one of these keys. A user's own
 * object that looks like one is wrapped in `$object`.
 */
const MARKERS = [
  '$bytes',
  '$bigint',
  '$number',
  '$undefined',
  '$subdocument',
  '$object',
  // Shared types: see shared-values.ts.
  '$delta',
  '$shared',
  '$text',
  '$xmlText',
  '$xmlElement',
  '$xmlFragment',
  '$xmlHook',
]

const isMarker = (keys: readonly string[]): boolean =>
  keys.length === 1 && MARKERS.includes(keys[0] ?? '')

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A value of a Yjs document as JSON. It must not be a shared type: see shared-values.ts. */
export function toJson(value: unknown): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number') {
    const isPlain = Number.isFinite(value) && !Object.is(value, -0)
    return isPlain ? value : { $number: Object.is(value, -0) ? '-0' : String(value) }
  }
  if (typeof value === 'bigint') return { $bigint: String(value) }
  if (value instanceof Uint8Array) return { $bytes: toBase64(value) }
  if (value instanceof Y.Doc) return { $subdocument: describeSubdocument(value) }
  if (Array.isArray(value)) return value.map(toJson)
  if (isObject(value)) return guarded(mapValues(value, toJson))
  return { $undefined: true }
}

/** The object, wrapped if it looks like a marker. */
export const guarded = (object: JsonObject): Json =>
  isMarker(Object.keys(object)) ? { $object: object } : object

function describeSubdocument({ guid, meta, autoLoad }: Y.Doc): JsonObject {
  return {
    guid,
    ...(meta === null || meta === undefined ? {} : { meta: toJson(meta) }),
    ...(autoLoad ? { autoLoad } : {}),
  }
}

/** The value that {@link toJson} wrote. @throws {RequestError} `invalid_content` */
export function fromJson(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(fromJson)
  if (!isObject(json)) return json
  const [entry] = Object.entries(json)
  if (entry === undefined || !isMarker(Object.keys(json))) return mapValues(json, fromJson)
  const [key, value] = entry
  if (key === '$object' && isObject(value)) return mapValues(value, fromJson)
  if (key === '$undefined') return undefined
  if (key === '$subdocument' && isObject(value) && typeof value.guid === 'string') {
    const { guid, meta, autoLoad } = value
    return new Y.Doc({
      guid,
      meta: meta === undefined ? null : fromJson(meta),
      autoLoad: !!autoLoad,
    })
  }
  if (typeof value === 'string') {
    if (key === '$bytes') return bytesOf(value)
    if (key === '$bigint' && /^-?\d{1,4000}$/.test(value)) return BigInt(value)
    if (key === '$number' && /^(NaN|-?Infinity|-0)$/.test(value)) return Number(value)
  }
  throw new RequestError('invalid_content', `${key} cannot hold ${JSON.stringify(value)}`)
}

export const mapValues = <T>(
  object: Record<string, unknown>,
  change: (value: unknown) => T,
): Record<string, T> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]))

/** Checks the base64: the decoder would skip invalid letters and return other bytes. */
function bytesOf(text: string): Uint8Array {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw new RequestError('invalid_content', '$bytes must be base64')
  }
  return new Uint8Array(fromBase64(text))
}

/** Parses JSON. @throws {RequestError} `invalid_content` */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new RequestError('invalid_content', `not JSON: ${(cause as Error).message}`, { cause })
  }
}
