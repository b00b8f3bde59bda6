import type { Transaction } from '../capture/feed.ts'
import { type Definition, schemaOf } from './definition.ts'
import { type Entry, Log, type LogChunk } from './log.ts'
import { type Messages, messagesOf, type ShapeChange } from './message.ts'
import { compareOffsets, type Offset } from './offset.ts'
import type { Rows } from './query.ts'
import { isVisible, type PgSnapshot, snapshotFields } from './visibility.ts'

/** What one transaction added to a log, written out once for all readers. */
export interface Batch {
  readonly lsn: number
  readonly sse: Uint8Array
}

export interface Reader {
  changed(batch: Batch): void
  /** The shape is gone; nothing more will come. */
  dropped(): void
}

const encoder = new TextEncoder()

export const sseOf = (jsons: readonly string[]): Uint8Array =>
  encoder.encode(jsons.map((json) => `data: ${json}\n\n`).join(''))

/**
 * In a stream the client takes `<global_last_seen_lsn>_0` for the place where it stands. So we name
 * the place behind the transaction; its own number would have the client read the second change
 * and those after it once more when it comes back.
 */
export const upToDateAfter = (lsn: number): string => upToDate(lsn + 1)

export const upToDate = (lsn: number): string =>
  `{"headers":{"control":"up-to-date","global_last_seen_lsn":"${lsn}"}}`

/** One shape: its snapshot, its log, and who waits for more. */
export class Shape {
  readonly handle: string
  readonly definition: Definition
  readonly schema: string
  readonly messages: Messages
  readonly #chunkBytes: number
  readonly #log: Log
  readonly #readers = new Set<Reader>()
  /** The snapshot's messages, already joined; one text for each chunk. */
  #chunks: readonly string[] = []
  #snapshot: PgSnapshot | null = null
  #snapshotBytes = 0
  /** What committed before the snapshot was known. */
  #early: { transaction: Transaction; changes: readonly ShapeChange[] }[] = []
  #dropped = false
  #lastBody: { from: Offset; end: Offset; body: string } | null = null
  lastUsed = 0

  constructor(handle: string, definition: Definition, chunkBytes: number) {
    this.handle = handle
    this.definition = definition
    this.schema = schemaOf(definition)
    this.messages = messagesOf(definition)
    this.#chunkBytes = chunkBytes
    this.#log = new Log(chunkBytes)
  }

  get bytes(): number {
    return this.#snapshotBytes + this.#log.bytes
  }

  get isDropped(): boolean {
    return this.#dropped
  }

  get hasReaders(): boolean {
    return this.#readers.size > 0
  }

  get lastOffset(): Offset {
    return this.#log.last
  }

  get snapshotChunks(): number {
    return this.#chunks.length
  }

  /** Sets the snapshot; from here on the shape can be read. */
  begin({ rows, snapshot }: Rows): void {
    const end = JSON.stringify({
      headers: { control: 'snapshot-end', ...snapshotFields(snapshot) },
    })
    this.#chunks = joinChunks(
      [...rows.map((row) => this.messages.ofRow(row)), end],
      this.#chunkBytes,
    )
    this.#snapshotBytes = this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    this.#snapshot = snapshot
    const early = this.#early
    this.#early = []
    for (const { transaction, changes } of early) this.apply(transaction, changes)
  }

  apply(transaction: Transaction, changes: readonly ShapeChange[]): void {
    if (this.#dropped) return
    if (this.#snapshot === null) {
      this.#early.push({ transaction, changes })
      return
    }
    // The snapshot holds it already.
    if (isVisible(transaction.xid, this.#snapshot)) return
    const entries = this.messages.ofTransaction(transaction, changes)
    if (entries.length === 0) return
    this.#log.append(entries)
    if (this.#readers.size > 0) this.#publish(entries, transaction.lsn)
  }

  /** The text of one snapshot chunk: messages joined by commas. */
  snapshotChunk(index: number): string {
    return this.#chunks[index] ?? ''
  }

  isBehind(offset: Offset): boolean {
    return this.#log.isBehind(offset)
  }

  read(offset: Offset): LogChunk {
    return this.#log.read(offset)
  }

  /** The messages of a chunk, joined. All who were waiting ask for the same: it is joined once. */
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

  #publish(entries: readonly Entry[], lsn: number): void {
    const sse = sseOf([...entries.map(({ json }) => json), upToDateAfter(lsn)])
    for (const reader of [...this.#readers]) reader.changed({ lsn, sse })
  }
}

function joinChunks(messages: readonly string[], chunkBytes: number): string[] {
  const chunks: string[] = []
  let current: string[] = []
  let bytes = 0
  for (const message of messages) {
    // The end mark never makes a chunk of its own.
    if (bytes >= chunkBytes && message !== messages.at(-1)) {
      chunks.push(current.join(','))
      current = []
      bytes = 0
    }
    current.push(message)
    bytes += message.length
  }
  chunks.push(current.join(','))
  return chunks
}
