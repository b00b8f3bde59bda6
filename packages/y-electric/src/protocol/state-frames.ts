import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { readSafeNumber } from './safe-number.ts'

/** One stored update. `data` is a Yjs v1 update; seals are never part of state. */
export interface UpdateRow {
  readonly seq: number
  readonly segment: number
  readonly data: Uint8Array
}

/**
 * The result of a fold. `data` is a Yjs v2 update, or null if the client said that it already has
 * it.
 */
export interface SnapshotRow {
  readonly seq: number
  readonly throughSegment: number
  readonly data: Uint8Array | null
}

/** Newest snapshot row, every update row after it, and the active segment, in one consistent read. */
export interface State {
  readonly activeSegment: number
  readonly snapshot: SnapshotRow | null
  readonly rows: readonly UpdateRow[]
}

/** State, with facts that the frames do not contain. */
export interface StoredState extends State {
  /**
   * True if deleted content is kept: no fold of this document collects garbage.
   * The response's content type says it (`stateMediaType`), since frames have no room for more.
   */
  readonly keepHistory: boolean
}

const FORMAT_VERSION = 1
const SNAPSHOT_NONE = 0
const SNAPSHOT_WHOLE = 1
const SNAPSHOT_LEFT_OUT = 2

/**
 * Encodes state as binary frames:
 *
 *     version=1 · activeSegment
 *     0 | 1 seq throughSegment data | 2 seq throughSegment       the snapshot row
 *     count · count × (segment seq data)                         the update rows
 *
 * Numbers are lib0 varuints; data is a varuint length and the bytes.
 */
export function encodeState(state: State): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, FORMAT_VERSION)
  encoding.writeVarUint(encoder, state.activeSegment)
  writeSnapshotRow(encoder, state.snapshot)
  encoding.writeVarUint(encoder, state.rows.length)
  for (const row of state.rows) {
    encoding.writeVarUint(encoder, row.segment)
    encoding.writeVarUint(encoder, row.seq)
    encoding.writeVarUint8Array(encoder, row.data)
  }
  return encoding.toUint8Array(encoder)
}

function writeSnapshotRow(encoder: encoding.Encoder, snapshot: SnapshotRow | null): void {
  if (snapshot === null) {
    encoding.writeVarUint(encoder, SNAPSHOT_NONE)
    return
  }
  encoding.writeVarUint(encoder, snapshot.data === null ? SNAPSHOT_LEFT_OUT : SNAPSHOT_WHOLE)
  encoding.writeVarUint(encoder, snapshot.seq)
  encoding.writeVarUint(encoder, snapshot.throughSegment)
  if (snapshot.data !== null) encoding.writeVarUint8Array(encoder, snapshot.data)
}

/**
 * Decodes the bytes of {@link encodeState}. The returned arrays are views of `bytes`.
 * @throws {Error} naming the field, if the bytes are of another version, truncated, or longer than
 * the state
 */
export function decodeState(bytes: Uint8Array): State {
  const decoder = decoding.createDecoder(bytes)
  const number = (what: string) => readNumber(decoder, what)
  const data = (what: string) => readBytes(decoder, what)

  const version = number('version')
  if (version !== FORMAT_VERSION) {
    throw new Error(`state: format version ${version}, this client reads ${FORMAT_VERSION}`)
  }
  const activeSegment = number('active segment')
  const snapshot = readSnapshotRow(number, data)
  const rows: UpdateRow[] = []
  for (let left = number('row count'); left > 0; left--) {
    const segment = number('row segment')
    const seq = number('row seq')
    rows.push({ segment, seq, data: data('row data') })
  }
  if (decoding.hasContent(decoder)) throw new Error('state: bytes left over after the last row')
  return { activeSegment, snapshot, rows }
}

function readSnapshotRow(
  number: (what: string) => number,
  data: (what: string) => Uint8Array,
): SnapshotRow | null {
  const kind = number('snapshot kind')
  if (kind === SNAPSHOT_NONE) return null
  if (kind !== SNAPSHOT_WHOLE && kind !== SNAPSHOT_LEFT_OUT) {
    throw new Error(`state: unknown snapshot kind ${kind}`)
  }
  const seq = number('snapshot seq')
  const throughSegment = number('snapshot through segment')
  return {
    seq,
    throughSegment,
    data: kind === SNAPSHOT_WHOLE ? data('snapshot data') : null,
  }
}

export function readNumber(decoder: decoding.Decoder, what: string): number {
  try {
    return readSafeNumber(decoder)
  } catch {
    throw new Error(`state: cut short or out of range while reading ${what}`)
  }
}

export function readBytes(decoder: decoding.Decoder, what: string): Uint8Array {
  const length = readNumber(decoder, `${what} length`)
  // lib0 makes a view without checking the end, which would expose memory beyond these bytes.
  if (length > decoder.arr.length - decoder.pos) {
    throw new Error(`state: cut short while reading ${what}`)
  }
  return decoding.readUint8Array(decoder, length)
}
