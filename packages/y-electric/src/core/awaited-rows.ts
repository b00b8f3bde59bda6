import type { NewestRows } from '../protocol/newest-rows.ts'
import { earliest } from './status.ts'

/** If a row that the server has does not arrive for this long, the stream is silent. Milliseconds. */
export const SILENT_AFTER_MS = 5_000

/**
 * The factor by which the wait for a missing row is longer while other rows arrive: there may be a
 * backlog.
 */
const BACKLOG_PATIENCE = 6
/** How many times an unsuccessful remedy doubles the wait for the next one. */
const MAX_DOUBLINGS = 4
/** How many received rows are remembered, in case their ack or announcement arrives after them. */
const REMEMBERED_ROWS = 1_000

/**
 * `reread` reads again from the current offset; `join`, the next step, reads state and starts over.
 */
export type Remedy = 'reread' | 'join'

interface Missing {
  readonly since: number
  /** True for a row of this client that is known from its ack; its segment is unknown. */
  readonly isOwn: boolean
}

/**
 * Tracks the rows that the server is known to have (from its announcements and from the acks of our own
 * writes) and that the followed stream has not delivered. They reveal a stream that stays open and
 * delivers nothing, and a shape service that lags: a reader
 * that lacks announced rows is not synced (SYNC-1). Pure: times are arguments, in milliseconds.
 *
 * Sequence numbers may commit out of order, so each one is tracked separately. Rows up to `#floor` count
 * as received.
 */
export class AwaitedRows {
  #segment = 0
  /** Null until an announcement names the rows from before this reader began to follow. */
  #floor: number | null = null
  readonly #received = new Set<number>()
  /** The largest sequence number of the segment that has arrived, 0 if it had none; null if it is not known. */
  #newest: number | null = null
  readonly #missing = new Map<number, Missing>()
  #sealMissingSince: number | null = null
  /** When something last arrived; null before. */
  #heardAt: number | null = null
  #remediedAt: number | null = null
  /** The number of remedies since a row last arrived in time. */
  #tries = 0

  /** Records that state was read, which holds every announced row. */
  joined(activeSegment: number, seqs: Iterable<number>): void {
    this.#begin(activeSegment, 0)
    this.#missing.clear()
    for (const seq of seqs) this.#remember(seq)
    this.#settle()
  }

  /**
   * Records that reading continues in this segment, where an earlier page left off.
   * @param newest the largest sequence number that has arrived; null if it is not known
   */
  resumed(segment: number, newest: number | null): void {
    this.#begin(segment, newest)
    this.#missing.clear()
    this.#settle()
  }

  /** Records that the seal of the followed segment has arrived, with everything before it. */
  crossed(segment: number): void {
    this.#begin(segment, 0)
    for (const [seq, { isOwn }] of this.#missing) if (!isOwn) this.#missing.delete(seq)
    this.#settle()
  }

  /** Records that a row or a seal has arrived. */
  arrived(seq: number, now: number): void {
    this.#heardAt = now
    // A row that state has already delivered is no evidence that the stream is fast enough.
    const isNew = !this.#received.has(seq)
    this.#remember(seq)
    this.#missing.delete(seq)
    this.#settle()
    if (isNew && this.#remediedAt === null) this.#tries = 0
  }

  /** Records that part of a row has arrived. */
  heard(now: number): void {
    this.#heardAt = now
  }

  /** Records that the server has stored a row of this client that was new to it. */
  acked(seq: number, now: number): void {
    this.#expect(seq, { since: now, isOwn: true })
  }

  /** Records an announcement of the server. */
  announced({ activeSegment, seqs }: NewestRows, now: number): void {
    // A stream from a cache can repeat an announcement that is older than this reader's offset.
    if (activeSegment < this.#segment) return
    this.#floor ??= Math.max(0, ...seqs)
    for (const seq of seqs) this.#expect(seq, { since: now, isOwn: false })
    if (activeSegment > this.#segment) this.#sealMissingSince ??= now
  }

  /** When a remedy is due if the rows do not arrive before; null if nothing is missing. */
  get dueAt(): number | null {
    const since = this.#missingSince
    if (since === null) return null
    const wait = SILENT_AFTER_MS * 2 ** Math.min(this.#tries, MAX_DOUBLINGS)
    const from = Math.max(since, this.#remediedAt ?? since)
    return Math.min(Math.max(from, this.#heardAt ?? from) + wait, from + BACKLOG_PATIENCE * wait)
  }

  /** The largest sequence number of the followed segment that has arrived, 0 if it had none; null if it is not known. */
  get newest(): number | null {
    return this.#newest
  }

  /** True while rows that the server announced have not arrived. */
  get lacksAnnounced(): boolean {
    if (this.#sealMissingSince !== null) return true
    for (const { isOwn } of this.#missing.values()) if (!isOwn) return true
    return false
  }

  /** True from the first remedy until the missing rows have arrived. */
  get isBehind(): boolean {
    return this.#remediedAt !== null
  }

  /** The remedy to apply now; null if none is due. */
  remedy(now: number): Remedy | null {
    const { dueAt } = this
    if (dueAt === null || now < dueAt) return null
    this.#remediedAt = now
    this.#tries += 1
    return this.#tries === 1 ? 'reread' : 'join'
  }

  get #missingSince(): number | null {
    // A map iterates in insertion order, so the first entry is the oldest.
    const [oldest] = this.#missing.values()
    return earliest([oldest?.since ?? null, this.#sealMissingSince])
  }

  #begin(segment: number, floor: number | null): void {
    this.#segment = segment
    this.#floor = floor
    this.#newest = floor
    this.#received.clear()
    this.#sealMissingSince = null
  }

  #expect(seq: number, missing: Missing): void {
    if (this.#received.has(seq) || this.#missing.has(seq)) return
    if (this.#floor !== null && seq <= this.#floor) return
    this.#missing.set(seq, missing)
  }

  #remember(seq: number): void {
    this.#newest = Math.max(this.#newest ?? 0, seq)
    this.#received.add(seq)
    if (this.#received.size <= REMEMBERED_ROWS) return
    const [oldest = seq] = this.#received
    this.#received.delete(oldest)
    if (this.#floor !== null) this.#floor = Math.max(this.#floor, oldest)
  }

  #settle(): void {
    if (this.#missingSince === null) this.#remediedAt = null
  }
}
