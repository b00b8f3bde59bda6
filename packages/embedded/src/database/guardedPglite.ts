import { setImmediate as nextTurn } from 'node:timers/promises'
import type { PGlite } from '@electric-sql/pglite'
import { EmbeddedError, messageOf, sqlStateOf } from '../errors.ts'

type Exec = PGlite['execProtocolStream']

/** How long statements may follow one another before timers and sockets have their turn, in milliseconds. */
const TURN_MS = 10

/**
 * A PGlite that lets the rest of the process live, and is never used again after a PANIC.
 *
 * PGlite works on this thread and answers in microtasks. So statements that follow one another without a
 * pause would keep the event loop from turning: no timer ends, and no socket is read.
 *
 * A Postgres server ends at a PANIC, because its memory can no longer be trusted, and recovers when it
 * starts again. PGlite instead runs in a loop for ever at the next statement, and the process with it.
 */
export class GuardedPglite {
  /** Resolves if PGlite has stopped. */
  readonly stopped: Promise<EmbeddedError>
  readonly #pglite: PGlite
  #error: EmbeddedError | undefined
  /** When the event loop turned last, as far as statements know; null until one runs. */
  #turnedAt: number | null = null
  /** Ends when all that was asked before has begun: a pause changes no order. */
  #before: Promise<void> = Promise.resolve()
  #resolve: (error: EmbeddedError) => void = () => {}

  constructor(pglite: PGlite) {
    this.#pglite = pglite
    this.stopped = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  get hasStopped(): boolean {
    return this.#error !== undefined
  }

  /** @throws {EmbeddedError} database_stopped */
  readonly exec: Exec = async (...parameters) => {
    this.#before = this.#before.then(() => this.#pause())
    await this.#before
    this.requireRunning()
    try {
      const messages = await this.#pglite.execProtocolStream(...parameters)
      for (const message of messages) {
        if (message.name === 'error' && severityOf(message) === 'PANIC') this.#stop(message)
      }
      return messages
    } catch (error) {
      // WebAssembly that was aborted does not run again.
      if (error instanceof WebAssembly.RuntimeError) this.#stop(error)
      throw error
    }
  }

  async #pause(): Promise<void> {
    const now = performance.now()
    if (this.#turnedAt === null) {
      this.#turnedAt = now
      setImmediate(() => {
        this.#turnedAt = null
      })
    } else if (now - this.#turnedAt >= TURN_MS) await nextTurn()
  }

  /** @throws {EmbeddedError} database_stopped */
  requireRunning(): void {
    if (this.#error !== undefined) throw this.#error
  }

  #stop(cause: unknown): void {
    if (this.#error !== undefined) return
    const isFull = sqlStateOf(cause) === DISK_FULL
    this.#error = new EmbeddedError(
      isFull ? 'storage_full' : 'database_stopped',
      `PGlite has stopped: ${messageOf(cause)}. Everything that was acknowledged is stored: ${isFull ? 'free space on its disk, then start again' : 'start again'}`,
      { cause },
    )
    this.#resolve(this.#error)
  }
}

const DISK_FULL = '53100'

const severityOf = (message: object): unknown =>
  'severity' in message ? message.severity : undefined
