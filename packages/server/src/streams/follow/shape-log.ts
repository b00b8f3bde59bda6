import { concat, type StreamEvent } from './events.ts'
import { comparePositions, laterPosition, type Position } from './position.ts'

/** A batch of a shape's stream: messages up to the one that ends it. */
interface Batch {
  readonly bytes: Uint8Array
  /** The position after each event, and where its bytes end. Neither decreases from one event to the next. */
  readonly events: readonly { readonly at: Position; readonly end: number }[]
  /** The position before the batch, and after it. */
  readonly from: Position
  readonly to: Position
}

/** Bytes for a reader, and the position that the reader has after them. */
export interface Piece {
  readonly bytes: Uint8Array
  readonly to: Position
}

/** Batches that wait together for a reader are sent in pieces of about this size, in bytes. */
const PIECE_BYTES = 64 * 1024

/**
 * A larger batch is passed on in parts, so that its memory is bounded. Electric sends chunks of 10 MB. The
 * clients act on a batch when it is whole.
 */
const MAX_BATCH_BYTES = 16 * 1024 * 1024

/** The recent batches of one shape, encoded as its stream brought them. */
export class ShapeLog {
  readonly #maxBytes: number
  #batches: Batch[] = []
  #bytes = 0
  #start: Position
  /** The end of the last whole batch. */
  #tip: Position
  /** The events after the last whole batch. */
  #partial: StreamEvent[] = []
  #partialEnds: Batch['events'][number][] = []
  #last: Position

  /** @param start the position from which the stream of the shape was requested */
  constructor(start: Position, maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#start = start
    this.#tip = start
    this.#last = start
  }

  /** The log is complete after this position. */
  get start(): Position {
    return this.#start
  }

  get tip(): Position {
    return this.#tip
  }

  /** The position from which the stream of the shape is requested again. */
  get last(): Position {
    return this.#last
  }

  get bytes(): number {
    return this.#bytes
  }

  /** True if a reader at this position can continue from this log. */
  covers(at: Position): boolean {
    return comparePositions(this.#start, at) <= 0 && comparePositions(at, this.#tip) <= 0
  }

  /** Adds an event, unless it repeats an earlier one. */
  append(event: StreamEvent): void {
    const { kind } = event
    if (kind.type === 'comment' || kind.type === 'must-refetch') return
    const isBatchEnd = kind.type === 'up-to-date'
    const at = kind.at === null ? this.#last : laterPosition(this.#last, kind.at)
    const isRepeated = kind.at !== null && comparePositions(kind.at, this.#last) <= 0
    if (isRepeated && (!isBatchEnd || this.#partial.length === 0)) return
    if (isBatchEnd && this.#partial.length === 0 && at === this.#last) return
    this.#last = at
    this.#partial.push(event)
    const length = (this.#partialEnds.at(-1)?.end ?? 0) + event.bytes.length
    this.#partialEnds.push({ at, end: length })
    if (isBatchEnd || length > MAX_BATCH_BYTES) this.#close()
  }

  #close(): void {
    const batch = {
      bytes: joined(this.#partial.map(({ bytes }) => bytes)),
      events: this.#partialEnds,
      from: this.#tip,
      to: this.#last,
    }
    this.#partial = []
    this.#partialEnds = []
    this.#batches.push(batch)
    this.#bytes += batch.bytes.length
    this.#tip = batch.to
  }

  /** The next piece for a reader at a position that the log covers; null if there is nothing after it. */
  read(from: Position): Piece | null {
    let i = this.#firstAfter(from)
    const first = this.#batches[i]
    if (first === undefined) return null
    const pieces = [partAfter(first, from)]
    let length = first.bytes.length
    let { to } = first
    for (;;) {
      const next = this.#batches[++i]
      if (next === undefined || length + next.bytes.length > PIECE_BYTES) break
      pieces.push(next.bytes)
      length += next.bytes.length
      to = next.to
    }
    return { bytes: concat(pieces), to }
  }

  /** The bytes after a position. */
  bytesAfter(from: Position): number {
    let bytes = 0
    for (let i = this.#firstAfter(from); i < this.#batches.length; i++) {
      bytes += this.#batches[i]?.bytes.length ?? 0
    }
    return bytes
  }

  /** Forgets the oldest batches beyond the limit. The last batch, and all batches that end after `needed`, stay. */
  trim(needed: Position): void {
    let count = 0
    while (this.#bytes > this.#maxBytes && count < this.#batches.length - 1) {
      const oldest = this.#batches[count]
      if (oldest === undefined || comparePositions(oldest.to, needed) > 0) break
      this.#bytes -= oldest.bytes.length
      this.#start = oldest.to
      count++
    }
    if (count > 0) this.#batches = this.#batches.slice(count)
  }

  #firstAfter(from: Position): number {
    let i = this.#batches.length
    while (i > 0 && comparePositions(this.#batches[i - 1]?.to ?? from, from) > 0) i--
    return i
  }
}

function partAfter({ bytes, events, from }: Batch, position: Position): Uint8Array {
  if (comparePositions(position, from) <= 0) return bytes
  const next = events.findIndex(({ at }) => comparePositions(at, position) > 0)
  return bytes.subarray(events[next - 1]?.end ?? 0)
}

/**
 * Joins events. Events that came in one chunk are not copied, unless they are a small part of the chunk, all of
 * which would stay in memory.
 */
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  if (first === undefined || first.buffer.byteLength > 2 * length) return concat(copied(pieces))
  const isOnePiece = pieces.every(
    ({ buffer, byteOffset }, i) =>
      buffer === first.buffer &&
      (i === 0 ||
        byteOffset === (pieces[i - 1]?.byteOffset ?? 0) + (pieces[i - 1]?.byteLength ?? 0)),
  )
  return isOnePiece ? new Uint8Array(first.buffer, first.byteOffset, length) : concat(pieces)
}

const copied = (pieces: readonly Uint8Array[]): Uint8Array[] =>
  pieces.length === 1 ? pieces.map((piece) => piece.slice()) : [...pieces]
