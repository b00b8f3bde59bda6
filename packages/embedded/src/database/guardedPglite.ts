import { setImmediate as nextTurn } from 'node:timers/promises'
import type { PGlite } from '@electric-sql/pglite'
import { EmbeddedError, messageOf, sqlStateOf } from '../errors.ts'

type Exec = PGlite['execProtocolStream']

/**
 * How long statements may follow one another, in milliseconds, before timers and sockets get a
 * turn.
 */
const TURN_MS = 10

/**
 * A PGlite that does not block the event loop, and that is never used again after a PANIC.
 *
 * PGlite works on this thread and answers in microtasks. Statements that follow one another without
 * a pause would therefore block the event loop: no timer fires and no socket is read.
 *
 * A Postgres server exits at a PANIC, because its memory can no longer be trusted, and recovers at
 * the next start. PGlite instead enters an endless loop at the next statement, which blocks the
 * whole process.
 */
export class GuardedPglite {
  /** Resolves if PGlite has stopped. */
  readonly stopped: Promise<EmbeddedError>
  readonly #pglite: PGlite
  #error: EmbeddedError | undefined
  /**
   * The time of the first statement in this turn of the event loop; null if no statement has run in
   * it.
   */
  #turnedAt: number | null = null
  /**
   * Resolves when all earlier statements have begun, so that a pause does not change their order.
   */
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
      // An aborted WebAssembly instance cannot run again.
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
      `PGlite has stopped: ${messageOf(cause)}. Everything that was acknowledged is stored. ${isFull ? 'Free space on its disk, then restart.' : 'Restart the process.'}`,
      { cause },
    )
    this.#resolve(this.#error)
  }
}

const DISK_FULL = '53100'

const severityOf = (message: object): unknown =>
  'severity' in message ? message.severity : undefined
