import type { Transaction } from '../capture/feed.ts'
import type { Change } from '../capture/reassembler.ts'
import type { Decisions } from '../where/decide.ts'
import { type Definition, schemaOf } from './definition.ts'
import { parseHandle } from './handle.ts'
import type { Past } from './history.ts'
import { Log, type LogChunk } from './log.ts'
import { seenBy } from './match.ts'
import { type Messages, messagesOf, type ShapeChange } from './message.ts'
import { compareOffsets, type Offset, SNAPSHOT_END } from './offset.ts'
import type { ShapeRows } from './pieces.ts'
import { Snapshot } from './snapshot.ts'
import { isVisible, type PgSnapshot } from './visibility.ts'

/** The messages that one transaction added to a log, encoded once for all readers. */
export interface Batch {
  readonly sse: Uint8Array
}

export interface Reader {
  /**
   * The snapshot of a reader that has read nothing after it; it tells which changes the reader
   * already has.
   */
  readonly snapshot: PgSnapshot | null
  changed(batch: Batch): void
  /** The shape was dropped; no further changes follow. */
  dropped(): void
}

/** The position in the log at which a reader continues. */
export interface Place {
  readonly offset: Offset
  readonly snapshot: PgSnapshot | null
}

const encoder = new TextEncoder()

export const sseOf = (jsons: readonly string[]): Uint8Array =>
  encoder.encode(jsons.map((json) => `data: ${json}\n\n`).join(''))

/**
 * In a stream the client continues at `<global_last_seen_lsn>_0`. So this message names the LSN after the
 * transaction: with the transaction's own LSN a returning client would read its second and later changes
 * twice.
 */
export const upToDateAfter = (lsn: number): string => upToDate(lsn + 1)

export const upToDate = (lsn: number): string =>
  `{"headers":{"control":"up-to-date","global_last_seen_lsn":"${lsn}"}}`

export interface ShapeOrigin {
  readonly id: string
  readonly definition: Definition
  readonly past: Past
  /** The decisions of Postgres about rows of past transactions. */
  readonly decisions: Decisions
}

/** One shape: its snapshot, its log and its waiting readers. */
export class Shape {
  /** The same in every service that serves this shape. */
  readonly id: string
  readonly definition: Definition
  readonly schema: string
  readonly messages: Messages
  readonly #chunkBytes: number
  readonly #log: Log
  readonly #readers = new Set<Reader>()
  /** The log is complete after this offset. */
  readonly #from: Offset
  #snapshot: Snapshot | null = null
  #dropped = false
  #lastBody: { from: Offset; end: Offset; body: string } | null = null
  lastUsed = 0

  constructor({ id, definition, past, decisions }: ShapeOrigin, chunkBytes: number) {
    this.id = id
    this.definition = definition
    this.schema = schemaOf(definition)
    this.messages = messagesOf(definition)
    this.#chunkBytes = chunkBytes
    this.#log = new Log(chunkBytes)
    let from = past.from
    for (const transaction of past.transactions) {
      const changes = changesSeen(definition, transaction, decisions)
      if (changes === undefined) from = { lsn: transaction.lsn, op: Number.POSITIVE_INFINITY }
      else this.apply(transaction, changes)
    }
    this.#from = from
  }

  /** The handle of the newest snapshot. */
  get handle(): string {
    return this.#snapshot?.handle ?? ''
  }

  /** The LSN in the handle of the newest snapshot. */
  get snapshotLsn(): number {
    return this.#snapshot?.name.lsn ?? 0
  }

  get bytes(): number {
    return (this.#snapshot?.bytes ?? 0) + this.#log.bytes
  }

  get isDropped(): boolean {
    return this.#dropped
  }

  get hasReaders(): boolean {
    return this.#readers.size > 0
  }

  get lastOffset(): Offset {
    const { last } = this.#log
    const place = this.placeOf(this.handle, SNAPSHOT_END)
    return place !== undefined && compareOffsets(last, place.offset) > 0 ? last : SNAPSHOT_END
  }

  get snapshotChunks(): number {
    return this.#snapshot?.chunkCount ?? 0
  }

  /**
   * Takes a new snapshot. `lsn` is the LSN of the feed before the rows were read: every other
   * service of this shape has all later changes that the rows do not contain.
   */
  begin({ messages, snapshot }: ShapeRows, lsn: number): void {
    const of = { shape: this.id, lsn, chunkBytes: this.#chunkBytes }
    this.#snapshot = new Snapshot(of, messages, snapshot)
  }

  apply(transaction: Transaction, changes: readonly ShapeChange[]): void {
    if (this.#dropped) return
    const entries = this.messages.ofTransaction(transaction, changes)
    if (entries.length === 0) return
    this.#log.append(entries)
    const { xid, lsn } = transaction
    if (this.#readers.size === 0) return
    const sse = sseOf([...entries.map(({ json }) => json), upToDateAfter(lsn)])
    for (const reader of [...this.#readers]) {
      if (reader.snapshot === null || !isVisible(xid, reader.snapshot)) reader.changed({ sse })
    }
  }

  /**
   * Tells readers that nothing changed up to this LSN, so that they do not return with an older
   * one.
   */
  advance(lsn: number): void {
    if (this.#readers.size === 0) return
    const sse = sseOf([upToDate(lsn)])
    for (const reader of [...this.#readers]) reader.changed({ sse })
  }

  /**
   * The position at which a reader with this handle and offset continues; undefined if this service does
   * not know it.
   */
  placeOf(handle: string, offset: Offset): Place | undefined {
    if (offset.lsn > 0) return this.#isKnown(offset) ? { offset, snapshot: null } : undefined
    const own = this.#snapshot?.handle === handle ? this.#snapshot : null
    const name = own?.name ?? parseHandle(handle)
    // Only the service that made a snapshot of several chunks has the other chunks.
    const isWhole = own !== null || name?.maker === null || offset.op === Number.POSITIVE_INFINITY
    if (name === undefined || !isWhole) return undefined
    const start = { lsn: name.lsn, op: Number.POSITIVE_INFINITY }
    if (!this.#isKnown(start)) return undefined
    const visible = own?.visible ?? name.visible
    if (visible === null) return { offset: start, snapshot: null }
    // Commits become visible in the order in which they are received, so the visible ones come
    // first.
    const place = this.#log.skip(start, ({ xid }) => isVisible(xid, visible))
    return { offset: place, snapshot: visible }
  }

  /** The text of one snapshot chunk: messages joined by commas. */
  snapshotChunk(index: number): string {
    return this.#snapshot?.chunk(index) ?? ''
  }

  isBehind(offset: Offset): boolean {
    return this.#log.isBehind(offset)
  }

  read(offset: Offset): LogChunk {
    return this.#log.read(offset)
  }

  /**
   * The messages of a chunk, joined. All waiting readers request the same chunk, so the text is
   * cached.
   */
  bodyOf(from: Offset, chunk: LogChunk): string {
    const known = this.#lastBody
    if (
      known !== null &&
      compareOffsets(known.from, from) === 0 &&
      compareOffsets(known.end, chunk.next) === 0
    ) {
      return known.body
    }
    const body = chunk.entries.map(({ json }) => json).join(',')
    this.#lastBody = this.#readers.size > 0 ? { from, end: chunk.next, body } : null
    return body
  }

  addReader(reader: Reader): () => void {
    this.#readers.add(reader)
    return () => {
      this.#readers.delete(reader)
      if (this.#readers.size === 0) this.#lastBody = null
    }
  }

  drop(): void {
    if (this.#dropped) return
    this.#dropped = true
    const readers = [...this.#readers]
    this.#readers.clear()
    for (const reader of readers) reader.dropped()
  }

  #isKnown(offset: Offset): boolean {
    return compareOffsets(offset, this.#from) >= 0
  }
}

/**
 * False if a row has another number of fields, because it was written before or after the table was
 * altered.
 */
export function hasColumnsOf(
  { table }: Definition,
  { operation, old, new: fresh }: Change,
): boolean {
  return operation !== 'truncate' && (fresh ?? old)?.length === table.columns.length
}

/** The changes of a past transaction that belong to a shape; undefined if they cannot be determined. */
function changesSeen(
  definition: Definition,
  transaction: Transaction,
  decisions: Decisions,
): ShapeChange[] | undefined {
  const { table, condition } = definition
  const changes: ShapeChange[] = []
  for (const change of transaction.changes) {
    if (change.table !== table.oid) continue
    if (!hasColumnsOf(definition, change)) return undefined
    const seen = seenBy(condition, change, decisions)
    if (seen === undefined) return undefined
    if (seen !== null) changes.push(seen)
  }
  return changes
}
