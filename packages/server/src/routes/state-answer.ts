import * as encoding from 'lib0/encoding'
import { encodeState, stateMediaType } from 'y-electric/protocol'
import { builtin } from '../node.ts'
import { breather } from '../store/breather.ts'
import type { PackedState } from '../store/index.ts'
import { bytesOf, rowViews, unpackRows } from '../store/packed-rows.ts'
import { READ_BYTES } from '../store/pieces.ts'

/** State as it is sent: chunks in order. */
export interface EncodedState {
  readonly chunks: readonly Uint8Array[]
  readonly byteLength: number
  readonly mediaType: string
  readonly etag: string
}

/** Data of at least this size is sent without being copied. */
const UNCOPIED_BYTES = 32 * 1024

/** The parts of an answer besides the stored state. */
export interface Around {
  /** Sent before state. */
  readonly frames: Uint8Array
  /** Sent in place of state. */
  readonly rest?: Uint8Array | undefined
}

/** Encodes state for sending. A large state is encoded in slices, and the event loop runs in between. */
export async function encodeForSending(
  state: PackedState,
  signal: AbortSignal,
  around?: Around,
): Promise<EncodedState> {
  const mediaType = stateMediaType(state.keepHistory)
  const hash = builtin('node:crypto').createHash('sha256')
  const chunks: Uint8Array[] = []
  let byteLength = 0
  let sinceTurn = 0
  let began = performance.now()
  for (const chunk of answerOf(state, around)) {
    for (let at = 0; at < chunk.byteLength; at += READ_BYTES) {
      const slice = chunk.subarray(at, at + READ_BYTES)
      hash.update(slice)
      chunks.push(slice)
      byteLength += slice.byteLength
      sinceTurn += slice.byteLength
      if (sinceTurn < READ_BYTES) continue
      sinceTurn = 0
      await breather.afterPiece(byteLength, performance.now() - began)
      began = performance.now()
      signal.throwIfAborted()
    }
  }
  const etag = `"${hash.update(mediaType).digest('base64url')}"`
  return { chunks, byteLength, mediaType, etag }
}

function* answerOf(state: PackedState, around: Around | undefined): Generator<Uint8Array> {
  if (around !== undefined) yield around.frames
  if (around?.rest !== undefined) yield around.rest
  else yield* chunksOf(state)
}

/** The bytes of `encodeState`, in chunks. Data is not copied, except that of small rows. */
function* chunksOf(state: PackedState): Generator<Uint8Array> {
  const { rows, snapshot } = state
  const data = snapshot?.data ?? null
  if (bytesOf(rows.data) + (data?.byteLength ?? 0) < UNCOPIED_BYTES) {
    yield encodeState({ ...state, rows: unpackRows(rows) })
    return
  }
  if (snapshot === null || data === null) {
    // The last byte is the number of rows, which is 0 here.
    yield encodeState({ ...state, rows: [] }).subarray(0, -1)
  } else {
    // The last bytes are the length of the data and the number of rows, which are 0 here.
    const hollow = { ...snapshot, data: new Uint8Array() }
    yield encodeState({ ...state, snapshot: hollow, rows: [] }).subarray(0, -2)
    yield encoding.encode((encoder) => encoding.writeVarUint(encoder, data.byteLength))
    yield data
  }
  let encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, rows.count)
  for (const { seq, segment, length, views } of rowViews(rows)) {
    encoding.writeVarUint(encoder, segment)
    encoding.writeVarUint(encoder, seq)
    encoding.writeVarUint(encoder, length)
    if (length < UNCOPIED_BYTES) {
      for (const view of views) encoding.writeUint8Array(encoder, view)
      if (encoding.length(encoder) < READ_BYTES) continue
      yield encoding.toUint8Array(encoder)
    } else {
      yield encoding.toUint8Array(encoder)
      yield* views
    }
    encoder = encoding.createEncoder()
  }
  yield encoding.toUint8Array(encoder)
}
