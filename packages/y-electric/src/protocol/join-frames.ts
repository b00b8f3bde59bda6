import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { decodeState, readBytes, readNumber, type State, type UpdateRow } from './state-frames.ts'

/** Update rows whose content is sent as one update. */
export interface MergedRows {
  /** Everything that the rows say, as one Yjs v1 update. */
  readonly data: Uint8Array
  /** The rows, ordered by segment and seq. */
  readonly rows: readonly Pick<UpdateRow, 'seq' | 'segment'>[]
  /** The stored bytes of those in the active segment. */
  readonly activeBytes: number
}

/** The parts of an answer that only a joiner gets, besides state. */
export interface JoinFrames {
  /**
   * An offset in the shape of the active segment, from before state was read: what it does not bring is in state. Null:
   * the joiner reads the segment from its start.
   */
  readonly follow: { readonly handle: string; readonly offset: string } | null
  /** Rows that state does not have, because they are merged; null: state has all. */
  readonly merged: MergedRows | null
}

const FORMAT_VERSION = 2
const NONE = 0
const SOME = 1

/**
 * Encodes what a joiner gets before the frames of state:
 *
 *     version=2
 *     0 | 1 handle offset                                                          where to follow
 *     0 | 1 data activeBytes count · count × (segment, seq − the seq before)       merged rows
 *
 * Numbers are lib0 varuints, the difference a varint; texts and data are a varuint length and the bytes. The frames
 * of `encodeState` follow, with the rows that are not merged.
 */
export function encodeJoinFrames({ follow, merged }: JoinFrames): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, FORMAT_VERSION)
  encoding.writeVarUint(encoder, follow === null ? NONE : SOME)
  if (follow !== null) {
    encoding.writeVarString(encoder, follow.handle)
    encoding.writeVarString(encoder, follow.offset)
  }
  encoding.writeVarUint(encoder, merged === null ? NONE : SOME)
  if (merged !== null) {
    encoding.writeVarUint8Array(encoder, merged.data)
    encoding.writeVarUint(encoder, merged.activeBytes)
    encoding.writeVarUint(encoder, merged.rows.length)
    let last = 0
    for (const { segment, seq } of merged.rows) {
      encoding.writeVarUint(encoder, segment)
      encoding.writeVarInt(encoder, seq - last)
      last = seq
    }
  }
  return encoding.toUint8Array(encoder)
}

/**
 * Decodes the answer to a joiner, or plain state. The returned arrays are views of `bytes`.
 * @throws {Error} naming the field, as `decodeState`
 */
export function decodeJoin(bytes: Uint8Array): JoinFrames & { readonly state: State } {
  if (bytes[0] !== FORMAT_VERSION) return { follow: null, merged: null, state: decodeState(bytes) }
  const decoder = decoding.createDecoder(bytes)
  readNumber(decoder, 'version')
  const follow = isThere(decoder, 'follow')
    ? { handle: readText(decoder, 'handle'), offset: readText(decoder, 'offset') }
    : null
  const merged = isThere(decoder, 'merged rows') ? readMerged(decoder) : null
  return { follow, merged, state: decodeState(bytes.subarray(decoder.pos)) }
}

function isThere(decoder: decoding.Decoder, what: string): boolean {
  const kind = readNumber(decoder, what)
  if (kind > SOME) throw new Error(`state: unknown kind ${kind} of ${what}`)
  return kind === SOME
}

const readText = (decoder: decoding.Decoder, what: string): string =>
  new TextDecoder().decode(readBytes(decoder, what))

function readMerged(decoder: decoding.Decoder): MergedRows {
  const data = readBytes(decoder, 'merged data')
  const activeBytes = readNumber(decoder, 'merged bytes')
  const rows: Pick<UpdateRow, 'seq' | 'segment'>[] = []
  let seq = 0
  for (let left = readNumber(decoder, 'merged row count'); left > 0; left--) {
    const segment = readNumber(decoder, 'merged row segment')
    seq += readDifference(decoder)
    rows.push({ seq, segment })
  }
  return { data, rows, activeBytes }
}

function readDifference(decoder: decoding.Decoder): number {
  try {
    return decoding.readVarInt(decoder)
  } catch {
    throw new Error('state: cut short or out of range while reading merged row seq')
  }
}
