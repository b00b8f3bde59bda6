import { randomUUID } from 'node:crypto'
import type { Database } from '../database/database.ts'
import { EmbeddedError } from '../errors.ts'
import { CHANNEL } from './functions.ts'
import { Line } from './line.ts'
import { type Mark, markSql } from './payload.ts'
import type { CaptureEvent, Change } from './reassembler.ts'
import { Session } from './session.ts'

export interface Transaction {
  readonly xid: number
  /**
   * The transaction's number, which rises in commit order and takes the place of Electric's WAL
   * position. See `Positions`.
   */
  readonly lsn: number
  readonly changes: readonly Change[]
}

export interface FeedOptions {
  database: Database
  /** Handles one transaction. The feed hands on the next one only after the returned promise settles. */
  onTransaction: (transaction: Transaction) => void | Promise<void>
  /** Called each time before listening begins. */
  beforeBegin?: () => Promise<void>
  /**
   * Called when listening begins: the feed receives everything that commits after `lsn` and knows
   * nothing of earlier commits.
   */
  onBegin: (lsn: number) => void
  /** Called when another service begins to listen; it knows nothing of commits before `lsn`. */
  onHello: (lsn: number) => void
  /** Called when any service was asked to drop a shape: all services drop it. */
  onDrop: (shapeId: string, lsn: number) => void
  /**
   * Called when changes may have been missed: everything that was built from the feed is invalid.
   */
  onLost: () => void
  waitMs: number
}

const BACKOFF_MS = { first: 100, most: 5_000 }

/** The committed transactions of all captured tables, in commit order. */
export class Feed {
  readonly #options: FeedOptions
  readonly #barriers = new Map<string, (lsn: number) => void>()
  readonly #line = new Line()
  #session: Session | undefined
  #lastLsn = 0
  /** Incremented when changes may have been missed. Changes still queued from an earlier era are dropped. */
  #era = 0
  #listening: Promise<void>
  #backoff: { timer: NodeJS.Timeout; done: () => void } | undefined
  #running: Promise<number> | undefined
  #waiting: Promise<number> | undefined
  #closed = false

  constructor(options: FeedOptions) {
    this.#options = options
    this.#listening = this.#listen()
    this.#listening.catch(() => {})
  }

  /** The LSN up to which everything has been handed on. */
  get lastLsn(): number {
    return this.#lastLsn
  }

  /** The LSN up to which everything has been received; some of it may still be queued. */
  get heardLsn(): number {
    return this.#session?.lastLsn ?? 0
  }

  /** Services with the same epoch number transactions alike. */
  get epoch(): string {
    return this.#session?.epoch ?? ''
  }

  /**
   * Resolves while changes are received; rejects if none can be received for longer than `waitMs`.
   */
  async ready(): Promise<void> {
    await this.#inTime(this.#listening, 'Postgres is not reachable; try again')
    if (this.#closed) throw new EmbeddedError('closed', 'The shape service is closed')
  }

  /**
   * Resolves when everything that committed before the call has been handed on, with the LSN after it.
   * Calls made while one barrier is under way share the next one.
   */
  barrier(): Promise<number> {
    if (this.#running === undefined) return this.#start()
    this.#waiting ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#waiting = undefined
        return this.#start()
      })
    return this.#waiting
  }

  /**
   * Resolves when everything received so far has been handed on. This is usually immediate, and takes
   * at most `waitMs`.
   */
  async settled(): Promise<void> {
    if (!this.#line.isBusy) return
    const handedOn = this.#line.ask(() => {})
    await this.#inTime(handedOn, 'Changes are not processed in time; try again').catch(() => {})
  }

  /** Runs a step between two transactions. */
  inOrder<T>(step: () => T | Promise<T>): Promise<T> {
    return this.#line.ask(step)
  }

  /** Makes all services drop a shape; resolves when this service has dropped it. */
  async announceDrop(shapeId: string): Promise<void> {
    await this.ready()
    await this.#options.database.pool.query(markSql('drop'), [CHANNEL, shapeId])
    await this.barrier()
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#backoff !== undefined) {
      clearTimeout(this.#backoff.timer)
      this.#backoff.done()
    }
    await this.#listening.catch(() => {})
    await this.#session?.end()
  }

  #start(): Promise<number> {
    const running = this.#sendBarrier()
    this.#running = running
    const done = (): void => {
      if (this.#running === running) this.#running = undefined
    }
    running.then(done, done)
    return running
  }

  async #sendBarrier(): Promise<number> {
    await this.ready()
    const token = randomUUID()
    const heard = new Promise<number>((resolve, reject) => {
      this.#barriers.set(token, resolve)
      this.#options.database.pool.query(markSql('barrier'), [CHANNEL, token]).catch(reject)
    })
    try {
      return await this.#inTime(heard, 'No changes are received; try again')
    } finally {
      this.#barriers.delete(token)
    }
  }

  async #inTime<T>(promise: Promise<T>, message: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const overdue = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new EmbeddedError('feed_down', message)),
        this.#options.waitMs,
      )
    })
    try {
      return await Promise.race([promise, overdue])
    } finally {
      clearTimeout(timer)
    }
  }

  async #listen(): Promise<void> {
    const { database, waitMs, onBegin } = this.#options
    for (
      let delay = BACKOFF_MS.first;
      !this.#closed;
      delay = Math.min(delay * 2, BACKOFF_MS.most)
    ) {
      const session = new Session({
        database,
        waitMs,
        onBegin: (lsn) => {
          this.#era++
          this.#session = session
          this.#lastLsn = lsn
          onBegin(lsn)
        },
        onEvent: (event, lsn) => this.#handOn(event, lsn),
        onLost: () => this.#lose(),
      })
      try {
        await this.#options.beforeBegin?.()
        await session.begin()
        return
      } catch {
        await this.#wait(Math.random() * delay)
      }
    }
  }

  #wait(ms: number): Promise<void> {
    if (this.#closed) return Promise.resolve()
    return new Promise((resolve) => {
      this.#backoff = { timer: setTimeout(resolve, ms), done: resolve }
    })
  }

  #lose(): void {
    if (this.#closed) return
    this.#era++
    this.#listening = this.#listen()
    this.#listening.catch(() => {})
    this.#options.onLost()
  }

  #handOn(event: CaptureEvent, lsn: number): void {
    const era = this.#era
    const isCurrent = (): boolean => !this.#closed && era === this.#era
    const done = (): void => {
      if (isCurrent()) this.#lastLsn = lsn
    }
    this.#line.push(() => {
      if (!isCurrent()) return
      if (event.kind === 'transaction') {
        const { xid, changes } = event
        const underWay = this.#options.onTransaction({ xid, changes, lsn })
        return underWay === undefined ? done() : underWay.then(done)
      }
      this.#handOnMark(event, lsn)
      return done()
    })
  }

  #handOnMark({ kind, text }: Mark, lsn: number): void {
    if (kind === 'barrier') this.#barriers.get(text)?.(lsn)
    else if (kind === 'hello') this.#options.onHello(lsn)
    else this.#options.onDrop(text, lsn)
  }
}
