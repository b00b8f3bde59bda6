import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { readSafeNumber } from './safe-number.ts'

/** One client's presence, as it is stored. */
export interface PresenceRow {
  readonly clientId: number
  /** How long ago it was written, in milliseconds, by the database's clock. */
  readonly ageMs: number
  /** An awareness update of y-protocols that contains only this client. */
  readonly data: Uint8Array
}

const FORMAT_VERSION = 1

/** Encodes presence rows: `version=1 · count · count × (clientId ageMs data)`. */
export function encodePresence(rows: readonly PresenceRow[]): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, FORMAT_VERSION)
  encoding.writeVarUint(encoder, rows.length)
  for (const { clientId, ageMs, data } of rows) {
    encoding.writeVarUint(encoder, clientId)
    encoding.writeVarUint(encoder, ageMs)
    encoding.writeVarUint8Array(encoder, data)
  }
  return encoding.toUint8Array(encoder)
}

/**
 * Decodes the bytes of {@link encodePresence}. @throws {Error} if the bytes are not of that form
 */
export function decodePresence(bytes: Uint8Array): PresenceRow[] {
  const decoder = decoding.createDecoder(bytes)
  const version = readSafeNumber(decoder)
  if (version !== FORMAT_VERSION) {
    throw new Error(`presence: format version ${version}, this client reads ${FORMAT_VERSION}`)
  }
  const rows: PresenceRow[] = []
  for (let left = readSafeNumber(decoder); left > 0; left--) {
    const clientId = readSafeNumber(decoder)
    const ageMs = readSafeNumber(decoder)
    const length = readSafeNumber(decoder)
    if (length > decoder.arr.length - decoder.pos) throw new Error('presence: cut short')
    rows.push({ clientId, ageMs, data: decoding.readUint8Array(decoder, length) })
  }
  if (decoding.hasContent(decoder)) throw new Error('presence: bytes left over')
  return rows
}

/**
 * How deeply the lists and objects of a presence state may be nested. y-protocols compares states
 * by recursion, and at thousands of levels it would throw in every follower.
 */
export const MAX_PRESENCE_DEPTH = 50

/**
 * True if the bytes are an awareness update for exactly this client, with a state that is not
 * nested too deeply.
 */
export function isPresenceOf(clientId: number, update: Uint8Array): boolean {
  try {
    const decoder = decoding.createDecoder(update)
    if (readSafeNumber(decoder) !== 1) return false
    if (readSafeNumber(decoder) !== clientId) return false
    readSafeNumber(decoder)
    const state: unknown = JSON.parse(decoding.readVarString(decoder))
    const isWhole = !decoding.hasContent(decoder) && decoder.pos === update.length
    return typeof state === 'object' && isWhole && isShallow(state)
  } catch {
    return false
  }
}

/** Checks level by level, because a recursion would overflow for the states that it must detect. */
function isShallow(state: unknown): boolean {
  let level = [state]
  for (let depth = 0; depth <= MAX_PRESENCE_DEPTH; depth++) {
    const next: unknown[] = []
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue
      for (const part of Object.values(value)) next.push(part)
    }
    if (next.length === 0) return true
    level = next
  }
  return false
}
