import type { StreamEvent } from './events.ts'
import { comparePositions, laterPosition, type Position } from './position.ts'
import { ShapeLog } from './shape-log.ts'

/** The same bytes for each of these readers. */
export interface Delivery<Reader> {
  readonly readers: readonly Reader[]
  readonly bytes: Uint8Array
}

export interface Outcome<Reader> {
  readonly deliveries: readonly Delivery<Reader>[]
  /** Readers that are told to continue from their last offset; they have left. */
  readonly ended: readonly Reader[]
}

interface State {
  at: Position
  /** True if the reader can take bytes now. A delivery makes it false. */
  isReady: boolean
}

/**
 * Decides which reader of a shape gets which bytes: a pure machine without input and output. Each reader gets
 * every message after its position, once and in order. It never holds bytes for a single reader: a slow reader
 * catches up from the recent log, and is ended when it falls behind that log, unless it is the fastest reader.
 */
export class Fanout<Reader> {
  readonly #maxBytes: number
  readonly #log: ShapeLog
  readonly #readers = new Map<Reader, State>()

  /**
   * @param start the position from which the stream of the shape is requested
   * @param maxBytes how far a reader may fall behind
   */
  constructor(start: Position, maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#log = new ShapeLog(start, maxBytes)
  }

  /** The position from which the stream of the shape is requested again when it ends. */
  get last(): Position {
    return this.#log.last
  }

  /** The position after the last whole batch. */
  get tip(): Position {
    return this.#log.tip
  }

  get readers(): readonly Reader[] {
    return [...this.#readers.keys()]
  }

  get isEmpty(): boolean {
    return this.#readers.size === 0
  }

  /**
   * False while even the fastest reader is so far behind that more events would exceed `maxBytes`: nothing is
   * received until `ready` has brought it forward.
   */
  get hasRoom(): boolean {
    if (this.#log.bytes <= this.#maxBytes) return true
    return this.#log.bytesAfter(this.#fastest()) <= this.#maxBytes
  }

  covers(at: Position): boolean {
    return this.#log.covers(at)
  }

  /** The position of a reader that has joined. */
  positionOf(reader: Reader): Position | undefined {
    return this.#readers.get(reader)?.at
  }

  /** Adds a reader, which gets nothing until it is ready. @returns false if it must request the shape itself */
  join(reader: Reader, at: Position): boolean {
    if (!this.#log.covers(at)) return false
    // Readers at the end share one position, and so one delivery.
    const isAtTip = comparePositions(at, this.#log.tip) === 0
    this.#readers.set(reader, { at: isAtTip ? this.#log.tip : at, isReady: false })
    return true
  }

  /** @returns true if the reader had joined and was ready */
  leave(reader: Reader): boolean {
    const isReady = this.#readers.get(reader)?.isReady ?? false
    this.#readers.delete(reader)
    return isReady
  }

  /**
   * Reports that the reader can take bytes.
   * @returns the bytes that wait for it; null if it waits for the next ones
   */
  ready(reader: Reader): Uint8Array | null {
    const state = this.#readers.get(reader)
    if (state === undefined) return null
    const piece = this.#log.read(state.at)
    state.isReady = piece === null
    if (piece === null) return null
    state.at = piece.to
    return piece.bytes
  }

  /** Takes the next events of the shape's stream. */
  receive(events: readonly StreamEvent[]): Outcome<Reader> {
    const deliveries: Delivery<Reader>[] = []
    for (const event of events) {
      if (event.kind.type === 'must-refetch') {
        deliveries.push(...this.#deliver())
        // The other readers have not read everything before this event. They are refused when they request the
        // shape again.
        const readers = this.readers.filter((reader) => this.#isAtTip(reader))
        if (readers.length > 0) deliveries.push({ readers, bytes: event.bytes })
        const ended = this.readers
        this.#readers.clear()
        return { deliveries, ended }
      }
      this.#log.append(event)
    }
    deliveries.push(...this.#deliver())
    const comment = events.findLast(({ kind }) => kind.type === 'comment')
    if (comment !== undefined) {
      const readers = this.#takeReady()
      if (readers.length > 0) deliveries.push({ readers, bytes: comment.bytes })
    }
    return { deliveries, ended: this.#trim() }
  }

  /** Delivers new messages to the readers that are ready. Usually all of them are at the same position. */
  #deliver(): Delivery<Reader>[] {
    const groups = new Map<Position, { bytes: Uint8Array; to: Position; readers: Reader[] }>()
    for (const [reader, state] of this.#readers) {
      if (!state.isReady) continue
      let group = groups.get(state.at)
      if (group === undefined) {
        const piece = this.#log.read(state.at)
        if (piece === null) continue
        group = { ...piece, readers: [] }
        groups.set(state.at, group)
      }
      group.readers.push(reader)
      state.at = group.to
      state.isReady = false
    }
    return [...groups.values()]
  }

  #isAtTip(reader: Reader): boolean {
    const at = this.positionOf(reader)
    return at !== undefined && this.#log.read(at) === null
  }

  #takeReady(): Reader[] {
    const readers: Reader[] = []
    for (const [reader, state] of this.#readers) {
      if (!state.isReady) continue
      state.isReady = false
      readers.push(reader)
    }
    return readers
  }

  #trim(): Reader[] {
    if (this.#log.bytes <= this.#maxBytes) return []
    this.#log.trim(this.#fastest())
    const ended: Reader[] = []
    for (const [reader, { at }] of this.#readers) {
      if (comparePositions(at, this.#log.start) < 0) ended.push(reader)
    }
    for (const reader of ended) this.#readers.delete(reader)
    return ended
  }

  #fastest(): Position {
    let fastest = this.#log.start
    for (const { at } of this.#readers.values()) fastest = laterPosition(fastest, at)
    return fastest
  }
}
