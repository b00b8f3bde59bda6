import type { NewestRows } from '../protocol/newest-rows.ts'
import { earliest } from './status.ts'

/** A row that the server has, and that has not come for this long, shows a silent stream. Milliseconds. */
export const SILENT_AFTER_MS = 5_000

/** While other rows come, a missing one is waited for so many times as long: a backlog may be on its way. */
const BACKLOG_PATIENCE = 6
/** Each remedy that did not help doubles the wait for the next, up to this often. */
const MAX_DOUBLINGS = 4
/** How many received rows are remembered, in case their ack or announcement comes after them. */
const REMEMBERED_ROWS = 1_000

/** Read again from where the stream is, or, where that did not help, read state and begin anew. */
export type Remedy = 'reread' | 'join'

interface Missing {
  readonly since: number
  /** The row is one of our own, known by its ack; its segment is not known. */
  readonly isOwn: boolean
}

/**
 * Which rows the server is known to have, by its announcements and by the acks of our own writes, that
 * the followed stream has not brought: a stream that stays open and brings nothing is noticed by them.
 * Pure: time comes in as an argument, in milliseconds.
 *
 * Sequence numbers may commit out of order, so each is looked for by itself. Rows up to `#floor` count
 * as received.
 */
export class AwaitedRows {
  #segment = 0
  /** Null until an announcement tells what there was before this reader began to follow. */
  #floor: number | null = null
  readonly #received = new Set<number>()
  readonly #missing = new Map<number, Missing>()
  #sealMissingSince: number | null = null
  #heardAt = Number.NEGATIVE_INFINITY
  #remediedAt: number | null = null
  /** Remedies since a row last came in time. */
  #tries = 0

  /** State was read: it holds every row that the server has told of. */
  joined(activeSegment: number, seqs: Iterable<number>): void {
    this.#begin(activeSegment, 0)
    this.#missing.clear()
    for (const seq of seqs) this.#remember(seq)
    this.#settle()
  }

  /** Reading goes on in this segment, where an earlier page left off. */
  resumed(segment: number): void {
    this.#begin(segment, null)
    this.#missing.clear()
    this.#settle()
  }

  /** The seal of the followed segment has come, and all that was before it. */
  crossed(segment: number): void {
    this.#begin(segment, 0)
    for (const [seq, { isOwn }] of this.#missing) if (!isOwn) this.#missing.delete(seq)
    this.#settle()
  }

  /** A row, or a seal, has come. */
  arrived(seq: number, now: number): void {
    this.#heardAt = now
    // What state has brought says nothing of how quickly rows come.
    const isNew = !this.#received.has(seq)
    this.#remember(seq)
    this.#missing.delete(seq)
    this.#settle()
    if (isNew && this.#remediedAt === null) this.#tries = 0
  }

  /** Something of a row has come, but no whole row. */
  heard(now: number): void {
    this.#heardAt = now
  }

  /** The server has stored a row of ours, which was new to it. */
  acked(seq: number, now: number): void {
    this.#expect(seq, { since: now, isOwn: true })
  }

  /** The server has told what it has. */
  announced({ activeSegment, seqs }: NewestRows, now: number): void {
    // Told before this reader began there, by a stream that a cache keeps.
    if (activeSegment < this.#segment) return
    this.#floor ??= Math.max(0, ...seqs)
    for (const seq of seqs) this.#expect(seq, { since: now, isOwn: false })
    if (activeSegment > this.#segment) this.#sealMissingSince ??= now
  }

  /** When a remedy is due, unless the rows come before; null: nothing is missing. */
  get dueAt(): number | null {
    const since = this.#missingSince
    if (since === null) return null
    const wait = SILENT_AFTER_MS * 2 ** Math.min(this.#tries, MAX_DOUBLINGS)
    const from = Math.max(since, this.#remediedAt ?? since)
    return Math.min(Math.max(from, this.#heardAt) + wait, from + BACKLOG_PATIENCE * wait)
  }

  /** True from the first remedy on, until what was missing is here. */
  get isBehind(): boolean {
    return this.#remediedAt !== null
  }

  /** What to do now; null: nothing. */
  remedy(now: number): Remedy | null {
    const { dueAt } = this
    if (dueAt === null || now < dueAt) return null
    this.#remediedAt = now
    this.#tries += 1
    return this.#tries === 1 ? 'reread' : 'join'
  }

  get #missingSince(): number | null {
    // A map keeps the order in which its entries were made.
    const [oldest] = this.#missing.values()
    return earliest([oldest?.since ?? null, this.#sealMissingSince])
  }

  #begin(segment: number, floor: number | null): void {
    this.#segment = segment
    this.#floor = floor
    this.#received.clear()
    this.#sealMissingSince = null
  }

  #expect(seq: number, missing: Missing): void {
    if (this.#received.has(seq) || this.#missing.has(seq)) return
    if (this.#floor !== null && seq <= this.#floor) return
    this.#missing.set(seq, missing)
  }

  #remember(seq: number): void {
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
