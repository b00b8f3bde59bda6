import { decodeBytea } from '../protocol/hex.ts'
import { readRow } from '../protocol/stored-row.ts'
import type { DecodedUpdate } from '../protocol/update-decoding.ts'

/** The meaning of one message of a segment's shape for a follower. */
export type FollowAction =
  | {
      readonly type: 'apply'
      readonly seq: number
      readonly update: Uint8Array
      readonly decoded: DecodedUpdate
    }
  | { readonly type: 'sealed' }
  | { readonly type: 'caught-up' }
  | { readonly type: 'rejoin' }
  /** `data` is null if not even the data can be read. */
  | { readonly type: 'bad-row'; readonly message: string; readonly data: Uint8Array | null }
  | { readonly type: 'ignore' }

/** The parts of an Electric message that a follower reads; all of it is untrusted input. */
export interface ShapeMessage {
  readonly headers: object
  readonly value?: unknown
}

/**
 * Reads one message. Rows whose seq is in `seen` are skipped: state already contained them, or the
 * log repeats itself. Deletes come from a fold and change nothing; a row without data is the seal.
 * No client applies a bad row (READ-1).
 */
export function followMessage(message: ShapeMessage, seen: ReadonlySet<number>): FollowAction {
  const { control, operation }: { control?: unknown; operation?: unknown } = message.headers
  if (control === 'up-to-date') return { type: 'caught-up' }
  if (control === 'must-refetch') return { type: 'rejoin' }
  if (operation !== 'insert') return { type: 'ignore' }
  return rowAction(message.value, seen)
}

/** The seq of the row, or of the seal, in a message; null if there is none that can be read. */
export function rowSeq({ headers, value }: ShapeMessage): number | null {
  if (!('operation' in headers) || headers.operation !== 'insert') return null
  if (typeof value !== 'object' || value === null || !('seq' in value)) return null
  return readSeq(value.seq)
}

/**
 * A seq, which a shape encodes as text; null for anything else. Some objects throw when they are
 * converted to a number.
 */
function readSeq(value: unknown): number | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  const seq = Number(value)
  return Number.isSafeInteger(seq) ? seq : null
}

function rowAction(value: unknown, seen: ReadonlySet<number>): FollowAction {
  if (typeof value !== 'object' || value === null || !('seq' in value) || !('data' in value)) {
    return { type: 'bad-row', message: 'a row has no seq and data', data: null }
  }
  const seq = readSeq(value.seq)
  if (seq === null || typeof value.data !== 'string') {
    return {
      type: 'bad-row',
      message: `the seq or data of a row cannot be read: ${JSON.stringify(value.seq)}`,
      data: null,
    }
  }
  if (seen.has(seq)) return { type: 'ignore' }
  let update: Uint8Array | null = null
  try {
    update = decodeBytea(value.data)
    if (update.byteLength === 0) return { type: 'sealed' }
    return { type: 'apply', seq, update, decoded: readRow(update) }
  } catch (error) {
    return { type: 'bad-row', message: `row ${seq}: ${(error as Error).message}`, data: update }
  }
}
