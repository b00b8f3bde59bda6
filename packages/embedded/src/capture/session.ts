import { randomUUID } from 'node:crypto'
import type { Database } from '../database/database.ts'
import { EmbeddedError } from '../errors.ts'
import { CHANNEL } from './functions.ts'
import { markSql } from './payload.ts'
import { Positions } from './positions.ts'
import { type CaptureEvent, Reassembler } from './reassembler.ts'

export interface SessionOptions {
  readonly database: Database
  readonly waitMs: number
  /** Every event after this LSN is handed on, with the numbers that all services give. */
  readonly onBegin: (lsn: number) => void
  /** Called in commit order. */
  readonly onEvent: (event: CaptureEvent, lsn: number) => void
  /**
   * The connection broke, or sent a payload that cannot be parsed. Called once, and only after
   * `begin` has resolved.
   */
  readonly onLost: () => void
}

/**
 * Receives and numbers all notifications of one connection. A broken session is of no further use:
 * it misses what commits until the next session listens.
 */
export class Session {
  readonly #options: SessionOptions
  readonly #reassembler = new Reassembler()
  readonly #token = randomUUID()
  #positions = new Positions(0)
  #unlisten: (() => Promise<void>) | undefined
  #state: 'beginning' | 'heard' | 'ended' = 'beginning'
  #hasBegun = false
  #onHello: (() => void) | undefined
  #broken: (error: Error) => void = () => {}
  #epoch = ''

  constructor(options: SessionOptions) {
    this.#options = options
  }

  /** Two sessions with the same epoch give the same numbers. */
  get epoch(): string {
    return this.#epoch
  }

  get lastLsn(): number {
    return this.#positions.last
  }

  /** Resolves when changes are received and their numbers are exact. */
  async begin(): Promise<void> {
    const { database, waitMs } = this.#options
    let timer: NodeJS.Timeout | undefined
    const broken = new Promise<never>((_, reject) => {
      this.#broken = reject
      timer = setTimeout(
        () => reject(new EmbeddedError('feed_down', 'No changes are received')),
        waitMs,
      )
    })
    broken.catch(() => {})
    try {
      this.#unlisten = await database.listen(
        CHANNEL,
        (payload) => this.#hear(() => this.#reassembler.push(payload)),
        (error) => {
          // The connection is gone, so there is nothing to unlisten.
          this.#unlisten = undefined
          this.#break(error)
        },
        () => this.#hear(() => this.#reassembler.settle()),
      )
      await Promise.race([this.#synchronise(), broken])
      if (this.#state !== 'heard') throw new EmbeddedError('feed_down', 'The connection was lost')
      this.#hasBegun = true
    } catch (error) {
      await this.end()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  async end(): Promise<void> {
    this.#state = 'ended'
    const unlisten = this.#unlisten
    this.#unlisten = undefined
    await unlisten?.()
  }

  /**
   * Sends hello until the hello's own transaction has an exact number: usually at once, otherwise
   * after the transactions that were open at the start have ended.
   */
  async #synchronise(): Promise<void> {
    const { next, epoch } = await readCounters(this.#options.database)
    this.#epoch = epoch
    this.#positions = new Positions(next)
    do {
      const heard = new Promise<void>((resolve) => {
        this.#onHello = resolve
      })
      await this.#options.database.pool.query(markSql('hello'), [CHANNEL, this.#token])
      await heard
    } while (this.#state === 'beginning')
  }

  #hear(read: () => CaptureEvent[]): void {
    if (this.#state === 'ended') return
    let events: CaptureEvent[]
    try {
      events = read()
    } catch (error) {
      // A notification that cannot be parsed may have been a change, so the state built so far is
      // not safe.
      this.#break(error instanceof Error ? error : new Error(String(error)))
      return
    }
    for (const event of events) {
      const lsn = this.#positions.next(event.xid)
      if (event.kind === 'hello' && event.text === this.#token) {
        // Set here and not when `begin` resolves: more events may arrive before that.
        if (this.#state === 'beginning' && this.#positions.isExact) {
          this.#state = 'heard'
          this.#options.onBegin(lsn)
        }
        this.#onHello?.()
      } else if (this.#state === 'heard') this.#options.onEvent(event, lsn)
    }
  }

  #break(error: Error): void {
    if (this.#state === 'ended') return
    this.#broken(error)
    void this.end().catch(() => {})
    if (this.#hasBegun) this.#options.onLost()
  }
}

/**
 * PGlite has one process, so it needs no shared numbers; Postgres keeps its counters until it
 * restarts.
 */
async function readCounters({ kind, pool }: Database): Promise<{ next: number; epoch: string }> {
  const { rows } = await pool.query<{ next: string; epoch: string }>(
    `SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next,
       concat_ws('/', extract(epoch FROM pg_postmaster_start_time())::text,
         (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())) AS epoch`,
  )
  const [row] = rows
  if (row === undefined)
    throw new EmbeddedError('feed_down', 'Postgres did not report its transaction counters')
  return { next: Number(row.next), epoch: kind === 'pglite' ? randomUUID() : row.epoch }
}
