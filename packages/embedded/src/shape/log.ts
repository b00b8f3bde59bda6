import { compareOffsets, formatOffset, type Offset, SNAPSHOT_END } from './offset.ts'

/** A message in the log. Its JSON is written once for all readers. */
export interface Entry extends Offset {
  readonly json: string
  /** The transaction that made the change. */
  readonly xid: number
}

export interface LogChunk {
  readonly entries: readonly Entry[]
  /** The reader's offset after this chunk. */
  readonly next: Offset
  /** True if this chunk ends the log. */
  readonly atEnd: boolean
}

/**
 * The changes since a shape's snapshot. The log is cut into chunks at fixed offsets, so that all
 * readers request the same chunks and a cache can answer them.
 */
export class Log {
  readonly #chunkBytes: number
  #entries: Entry[] = []
  /** Indexes of the entries that end a full chunk, rising. */
  #cuts: number[] = []
  #sinceCut = 0
  #bytes = 0

  constructor(chunkBytes: number) {
    this.#chunkBytes = chunkBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  get last(): Offset {
    const last = this.#entries.at(-1)
    return last === undefined ? SNAPSHOT_END : { lsn: last.lsn, op: last.op }
  }

  append(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (compareOffsets(entry, this.last) <= 0) {
        throw new RangeError(`${formatOffset(entry)} after ${formatOffset(this.last)}`)
      }
      this.#entries.push(entry)
      this.#bytes += entry.json.length
      this.#sinceCut += entry.json.length
      if (this.#sinceCut >= this.#chunkBytes) {
        this.#cuts.push(this.#entries.length - 1)
        this.#sinceCut = 0
      }
    }
  }

  /**
   * The entries after `offset`, up to the end of a chunk. An offset in the snapshot reads from the
   * start.
   */
  read(offset: Offset): LogChunk {
    const from = this.#indexAfter(offset)
    const cut = this.#cuts.find((index) => index >= from)
    const end = cut === undefined ? this.#entries.length : cut + 1
    const entries = this.#entries.slice(from, end)
    const last = entries.at(-1)
    return {
      entries,
      next: last === undefined ? laterOf(offset, this.last) : { lsn: last.lsn, op: last.op },
      atEnd: end === this.#entries.length,
    }
  }

  /** The offset after those entries that follow `offset` directly and satisfy `isAsked`. */
  skip(offset: Offset, isAsked: (entry: Entry) => boolean): Offset {
    let place = offset
    for (let i = this.#indexAfter(offset); i < this.#entries.length; i++) {
      const entry = this.#entries[i]
      if (entry === undefined || !isAsked(entry)) break
      place = { lsn: entry.lsn, op: entry.op }
    }
    return place
  }

  /** True if there are entries after this offset. */
  isBehind(offset: Offset): boolean {
    return this.#entries.length > 0 && compareOffsets(offset, this.last) < 0
  }

  #indexAfter(offset: Offset): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      const entry = this.#entries[middle]
      if (entry !== undefined && compareOffsets(entry, offset) <= 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

const laterOf = (a: Offset, b: Offset): Offset => (compareOffsets(a, b) < 0 ? b : a)
