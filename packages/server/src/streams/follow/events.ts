import { type Position, parsePosition } from './position.ts'

/** The effect of an event of a shape's stream on the positions of its readers. */
export type EventKind =
  /** Keeps the connection open. */
  | { readonly type: 'comment' }
  /** A row, or another message that belongs to the rows around it (`at` is null). */
  | { readonly type: 'change'; readonly at: Position | null }
  /** Ends a batch: its readers continue after it. */
  | { readonly type: 'up-to-date'; readonly at: Position | null }
  /** The shape is gone: its readers start over. */
  | { readonly type: 'must-refetch' }

/** A whole event as it came, with the blank line that ends it. */
export interface StreamEvent {
  readonly bytes: Uint8Array
  readonly kind: EventKind
}

const LF = 10
const CR = 13

/** The most bytes of a blank line that a chunk may end with. */
const OVERLAP = 3

/** Takes chunks of an event stream and returns whole events. */
export function wholeEvents(): (chunk: Uint8Array) => Uint8Array[] {
  /** The chunks of an event that has not ended, and their last bytes. */
  let rest: Uint8Array[] = []
  let tail = new Uint8Array()
  let endedWithCr = false
  return (received) => {
    // The LF of a line end CR LF, whose CR ended the previous chunk.
    const chunk = endedWithCr && received[0] === LF ? received.subarray(1) : received
    if (received.length > 0) endedWithCr = false
    if (chunk.length === 0) return []
    // A long event comes in many chunks, which are joined once.
    const seam = concat([tail, chunk])
    rest.push(chunk)
    if (endOfEvent(seam, 0) === -1) {
      tail = seam.slice(-OVERLAP)
      return []
    }
    const bytes = concat(rest)
    const events: Uint8Array[] = []
    let start = 0
    for (let end = endOfEvent(bytes, 0); end !== -1; end = endOfEvent(bytes, start)) {
      events.push(bytes.subarray(start, end))
      start = end
    }
    endedWithCr = start === bytes.length && bytes.at(-1) === CR
    rest = start === bytes.length ? [] : [bytes.slice(start)]
    tail = bytes.slice(Math.max(start, bytes.length - OVERLAP))
    return events
  }
}

/** The index after the next blank line, or -1. A line ends with LF, CR LF or CR. */
function endOfEvent(bytes: Uint8Array, from: number): number {
  for (let i = from; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte !== LF && byte !== CR) continue
    const next = byte === CR && bytes[i + 1] === LF ? i + 2 : i + 1
    if (bytes[next] === LF) return next + 1
    if (bytes[next] === CR && bytes[next + 1] === LF) return next + 2
    // At the end of a chunk, the LF of a CR LF may follow. A stream that ends its lines with CR has no LF.
    const endsWithCr = byte === CR && next === i + 1
    if (bytes[next] === CR && (endsWithCr || next + 1 < bytes.length)) return next + 1
  }
  return -1
}

const decoder = new TextDecoder()

export function readEvent(bytes: Uint8Array): StreamEvent {
  const data = decoder
    .decode(bytes)
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length))
  return { bytes, kind: data.length === 0 ? { type: 'comment' } : kindOf(data.join('\n')) }
}

function kindOf(json: string): EventKind {
  const { control, lsn, op_position, global_last_seen_lsn } = headersOf(json)
  if (control === 'must-refetch') return { type: 'must-refetch' }
  if (control === 'up-to-date') {
    return { type: 'up-to-date', at: parsePosition(`${global_last_seen_lsn}_0`) }
  }
  return { type: 'change', at: parsePosition(`${lsn}_${op_position}`) }
}

function headersOf(json: string): Readonly<Record<string, unknown>> {
  try {
    const message: unknown = JSON.parse(json)
    if (typeof message !== 'object' || message === null || !('headers' in message)) return {}
    return typeof message.headers === 'object' ? { ...message.headers } : {}
  } catch {
    return {}
  }
}

/** Joins the pieces in a new array. A single piece is returned itself. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces
  if (pieces.length === 1 && first !== undefined) return first
  const all = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}
