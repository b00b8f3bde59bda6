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
  /** From behind this place on everything is handed on, with the numbers that all services give. */
  readonly onBegin: (lsn: number) => void
  /** In commit order. */
  readonly onEvent: (event: CaptureEvent, lsn: number) => void
  /** The connection broke, or said what cannot be read. Called once, and only after `begin` has resolved. */
  readonly onLost: () => void
}

/**
 * All notifications heard over one connection, numbered. When it breaks it is of no more use: what
 * committed until the next one listens is heard by nobody here.
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

  /** Resolves when changes are heard and their numbers are exact. */
  async begin(): Promise<void> {
    const { database, waitMs } = this.#options
    let timer: NodeJS.Timeout | undefined
    const broken = new Promise<never>((_, reject) => {
      this.#broken = reject
      timer = setTimeout(
        () => reject(new EmbeddedError('feed_down', 'Changes do not arrive')),
        waitMs,
      )
    })
    broken.catch(() => {})
    try {
      this.#unlisten = await database.listen(
        CHANNEL,
        (payload) => this.#hear(() => this.#reassembler.push(payload)),
        (error) => {
          // There is nothing left to end.
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
   * Says hello until that is a transaction with an exact number: as a rule at once, or when those
   * have ended that were open when we began.
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
      // A notification that we cannot read may have been a change: nothing built so far is safe.
      this.#break(error instanceof Error ? error : new Error(String(error)))
      return
    }
    for (const event of events) {
      const lsn = this.#positions.next(event.xid)
      if (event.kind === 'hello' && event.text === this.#token) {
        // Not once `begin` has resolved: more may be heard before that.
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

/** PGlite has one process, so nobody has to agree with it; Postgres starts with new counters. */
async function readCounters({ kind, pool }: Database): Promise<{ next: number; epoch: string }> {
  const { rows } = await pool.query<{ next: string; epoch: string }>(
    `SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next,
       concat_ws('/', extract(epoch FROM pg_postmaster_start_time())::text,
         (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())) AS epoch`,
  )
  const [row] = rows
  if (row === undefined) throw new EmbeddedError('feed_down', 'Postgres says nothing of itself')
  return { next: Number(row.next), epoch: kind === 'pglite' ? randomUUID() : row.epoch }
}
