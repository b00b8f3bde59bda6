import { randomUUID } from 'node:crypto'
import type { Database } from '../database/database.ts'
import { EmbeddedError } from '../errors.ts'
import { type Change, Reassembler } from './reassembler.ts'
import { CHANNEL } from './triggers.ts'

export interface Transaction {
  readonly xid: number
  /** Our own number for it, rising in commit order; where Electric has the WAL position. */
  readonly lsn: number
  readonly changes: readonly Change[]
}

export interface FeedOptions {
  database: Database
  onTransaction: (transaction: Transaction) => void
  /** Changes may have been missed: what was built from the feed is worth nothing any more. */
  onLost: () => void
  waitMs: number
}

const BACKOFF_MS = { first: 100, most: 5_000 }

/** The committed transactions of all captured tables, in commit order. */
export class Feed {
  readonly #options: FeedOptions
  readonly #reassembler = new Reassembler()
  readonly #barriers = new Map<string, () => void>()
  #lsn = Date.now() * 1000
  #listening: Promise<void>
  #unlisten: (() => Promise<void>) | undefined
  #backoff: { timer: NodeJS.Timeout; done: () => void } | undefined
  #closed = false

  constructor(options: FeedOptions) {
    this.#options = options
    this.#listening = this.#listen()
    this.#listening.catch(() => {})
  }

  get lastLsn(): number {
    return this.#lsn
  }

  /**
   * A number above that of every transaction so far. The one after it stays free: it is the place
   * behind all of the transaction's changes, whatever their number.
   */
  nextLsn(): number {
    const next = this.#lsn + 1
    this.#lsn += 2
    return next
  }

  /** Resolves while changes are heard; rejects when they are not for longer than `waitMs`. */
  async ready(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const overdue = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new EmbeddedError('feed_down', 'Postgres is not reachable; try again')),
        this.#options.waitMs,
      )
    })
    try {
      await Promise.race([this.#listening, overdue])
    } finally {
      clearTimeout(timer)
    }
    if (this.#closed) throw new EmbeddedError('closed', 'The shape service is closed')
  }

  /** Resolves when everything that committed before the call has been handed on. */
  async barrier(): Promise<void> {
    await this.ready()
    const token = randomUUID()
    let timer: NodeJS.Timeout | undefined
    try {
      await new Promise<void>((resolve, reject) => {
        this.#barriers.set(token, resolve)
        timer = setTimeout(
          () => reject(new EmbeddedError('feed_down', 'Changes do not arrive; try again')),
          this.#options.waitMs,
        )
        this.#options.database.pool
          .query('SELECT pg_notify($1, $2)', [CHANNEL, `B ${token}`])
          .catch(reject)
      })
    } finally {
      clearTimeout(timer)
      this.#barriers.delete(token)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#backoff !== undefined) {
      clearTimeout(this.#backoff.timer)
      this.#backoff.done()
    }
    await this.#listening.catch(() => {})
    await this.#unlisten?.()
  }

  async #listen(): Promise<void> {
    for (
      let delay = BACKOFF_MS.first;
      !this.#closed;
      delay = Math.min(delay * 2, BACKOFF_MS.most)
    ) {
      try {
        this.#unlisten = await this.#options.database.listen(
          CHANNEL,
          (payload) => this.#hear(payload),
          () => this.#lose(),
          () => this.#settle(),
        )
        return
      } catch {
        await this.#wait(Math.random() * delay)
      }
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#backoff = { timer: setTimeout(resolve, ms), done: resolve }
    })
  }

  #lose(): void {
    if (this.#closed) return
    this.#unlisten = undefined
    this.#reassembler.reset()
    this.#listening = this.#listen()
    this.#options.onLost()
  }

  #hear(payload: string): void {
    this.#handOn(() => this.#reassembler.push(payload))
  }

  #settle(): void {
    this.#handOn(() => this.#reassembler.settle())
  }

  #handOn(read: () => ReturnType<Reassembler['push']>): void {
    if (this.#closed) return
    let events: ReturnType<Reassembler['push']>
    try {
      events = read()
    } catch {
      // A notification that we cannot read may have been a change: nothing built so far is safe.
      this.#reassembler.reset()
      this.#options.onLost()
      return
    }
    for (const event of events) {
      if (event.kind === 'barrier') this.#barriers.get(event.token)?.()
      else {
        const { xid, changes } = event
        this.#options.onTransaction({ xid, changes, lsn: this.nextLsn() })
      }
    }
  }
}
