import { decodeBytea } from '../protocol/hex.ts'
import { readRow } from '../protocol/stored-row.ts'

/** What one message of a segment's shape means to a follower. */
export type FollowAction =
  | { readonly type: 'apply'; readonly seq: number; readonly update: Uint8Array }
  | { readonly type: 'sealed' }
  | { readonly type: 'caught-up' }
  | { readonly type: 'rejoin' }
  /** `data` is null if not even that can be read. */
  | { readonly type: 'bad-row'; readonly message: string; readonly data: Uint8Array | null }
  | { readonly type: 'ignore' }

/** As much of an Electric message as a follower looks at; everything in it comes from outside. */
export interface ShapeMessage {
  readonly headers: object
  readonly value?: unknown
}

/**
 * Reads one message. Rows whose seq is in `seen` are skipped: state brought them already, or the log
 * repeats itself. Deletes are a fold's doing and change nothing; a row without data is the seal. A bad row
 * is applied by nobody (READ-1).
 */
export function followMessage(message: ShapeMessage, seen: ReadonlySet<number>): FollowAction {
  const { control, operation }: { control?: unknown; operation?: unknown } = message.headers
  if (control === 'up-to-date') return { type: 'caught-up' }
  if (control === 'must-refetch') return { type: 'rejoin' }
  if (operation !== 'insert') return { type: 'ignore' }
  return rowAction(message.value, seen)
}

/** The seq of the row, or of the seal, that a message brings; null when it brings none that can be read. */
export function rowSeq({ headers, value }: ShapeMessage): number | null {
  if (!('operation' in headers) || headers.operation !== 'insert') return null
  if (typeof value !== 'object' || value === null || !('seq' in value)) return null
  return readSeq(value.seq)
}

/** A seq, which a shape holds as text; null for anything else. Some objects cannot even be made a number of. */
function readSeq(value: unknown): number | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  const seq = Number(value)
  return Number.isSafeInteger(seq) ? seq : null
}

function rowAction(value: unknown, seen: ReadonlySet<number>): FollowAction {
  if (typeof value !== 'object' || value === null || !('seq' in value) || !('data' in value)) {
    return { type: 'bad-row', message: 'a row without seq and data', data: null }
  }
  const seq = readSeq(value.seq)
  if (seq === null || typeof value.data !== 'string') {
    return {
      type: 'bad-row',
      message: `a row whose seq or data is not readable: ${JSON.stringify(value.seq)}`,
      data: null,
    }
  }
  if (seen.has(seq)) return { type: 'ignore' }
  let update: Uint8Array | null = null
  try {
    update = decodeBytea(value.data)
    if (update.byteLength === 0) return { type: 'sealed' }
    readRow(update)
    return { type: 'apply', seq, update }
  } catch (error) {
    return { type: 'bad-row', message: `row ${seq}: ${(error as Error).message}`, data: update }
  }
}
