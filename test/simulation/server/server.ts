// A server process: the real routes and store over the database double. It may end between any two
// statements, and another process may replace it.
import type { Authorize, createApp } from '@y-electric/server'
import type { DatabaseDouble } from '../database/database.ts'
import { type Moment, PoolDouble } from '../database/pool.ts'
import { nameOf } from '../database/statements.ts'
import { Chance } from '../kernel/chance.ts'
import type { Lease } from '../kernel/copies.ts'
import type { TaskOwner, Timeline } from '../kernel/timeline.ts'
import type { Trace } from '../kernel/trace.ts'
import type { Plant } from '../plant.ts'
import type { compileServer } from './program.ts'
import type { ShapeServiceDouble } from './shapes.ts'

export interface ServerOptions {
  readonly name: string
  readonly seed: number
  readonly timeline: Timeline
  readonly trace: Trace
  readonly database: DatabaseDouble
  readonly shapes: ShapeServiceDouble
  readonly authorize: Authorize
  readonly program: Awaited<ReturnType<typeof compileServer>>
  readonly lease: Lease
  readonly plant: Plant
}

/** The longest pause at a moment of a statement, in milliseconds. */
const MAX_PAUSE_MS = 2
/** The longest commit of a transaction that has written, in milliseconds. */
const MAX_COMMIT_MS = 9
/** The share of the moments with a much longer pause. */
const SLOW_SHARE = 0.04
const SLOW_MS = 60

/** A notification takes at most this long, in milliseconds. */
const MAX_NOTIFY_MS = 10

/** Small limits, so that short runs reach them. */
const LIMITS = {
  minRollRows: 2,
  minRollBytes: 1,
  minRollAgeSeconds: 1,
  minMergedBytes: 1,
  keepSnapshots: 1,
}

export class ServerProcess implements TaskOwner {
  readonly #options: ServerOptions
  readonly #chance: Chance
  readonly #pool: PoolDouble
  readonly #handle: (request: Request) => Promise<Response>
  readonly #onDeath = new Set<() => void>()
  #isDead = false
  /** The number of moments after which the process ends; null if it does not end by itself. */
  #diesAfter: number | null = null
  /** The number of next statements that fail. */
  #breaks = 0

  constructor(options: ServerOptions) {
    const { name, seed, timeline, database, shapes, authorize, program, plant } = options
    this.#options = options
    this.#chance = Chance.of(seed, name)
    this.#pool = new PoolDouble({
      database,
      pause: (moment, text) => this.#pause(moment, text),
      statement: plant.statement,
    })
    const globals = { timeline, owner: this, now: timeline.now, random: this.#chance.number }
    const app = program(globals, plant.serverMutant ?? null, options.lease).createApp({
      ...LIMITS,
      pool: this.#pool.asPool(),
      shapes: { url: 'http://shapes.test', fetch: shapes.fetch },
      authorize,
      // In a simulation every operator may revoke.
      revoke: () => 'allow',
      listen: this.#listen,
      allowedHosts: '*',
      onError: (error) => options.trace.note(name, `failed: ${(error as Error).message}`),
    })
    const serve = async (request: Request): Promise<Response> => app.fetch(request)
    this.#handle = async (request) => plant.serve?.(request, serve) ?? serve(request)
  }

  /** Receives the notifications of the database, a little later. */
  readonly #listen: NonNullable<Parameters<typeof createApp>[0]['listen']> = async (
    channel,
    onPayload,
  ) => {
    const { database, timeline } = this.#options
    const hear = (heard: string, payload: string): void => {
      if (heard !== channel) return
      timeline.after(this.#chance.below(MAX_NOTIFY_MS + 1), this, () => onPayload(payload))
    }
    database.onNotify.add(hear)
    this.onDeath(() => database.onNotify.delete(hear))
    return async () => void database.onNotify.delete(hear)
  }

  get isDead(): boolean {
    return this.#isDead
  }

  readonly runsAt = (due: number): number => due

  readonly run = (task: () => void): void => {
    if (!this.#isDead) task()
  }

  /** Answers a request. Never resolves if the process ends meanwhile; use `onDeath` to notice this. */
  serve(request: Request): Promise<Response> {
    return this.#handle(request)
  }

  /** Registers a callback for the end of the process. The returned function removes it. */
  onDeath(tell: () => void): () => void {
    this.#onDeath.add(tell)
    return () => void this.#onDeath.delete(tell)
  }

  die(): void {
    if (this.#isDead) return
    this.#isDead = true
    this.#options.trace.note(this.#options.name, 'dies')
    this.#options.timeline.forget(this)
    this.#pool.die()
    for (const tell of [...this.#onDeath]) tell()
  }

  /** Makes the process die after this many moments of statements. */
  dieSoon(moments: number): void {
    this.#diesAfter = moments
  }

  /** Makes the next statements fail. */
  breakStatements(count: number): void {
    this.#breaks = count
  }

  /** Cancels all planned faults. */
  heal(): void {
    this.#diesAfter = null
    this.#breaks = 0
  }

  async #pause(moment: Moment, text: string): Promise<void> {
    const { timeline, trace, name } = this.#options
    if (this.#diesAfter !== null && this.#diesAfter-- <= 0) {
      trace.note(name, `${moment} of ${nameOf(text)}`)
      this.die()
    }
    const slow = this.#chance.happens(SLOW_SHARE) ? this.#chance.below(SLOW_MS) : 0
    const ms = slow + this.#chance.below((moment === 'commit' ? MAX_COMMIT_MS : MAX_PAUSE_MS) + 1)
    if (ms > 0) await timeline.sleep(ms, this)
    // A process that has ended runs no more code.
    if (this.#isDead) return new Promise(() => {})
    if (this.#breaks > 0 && text !== 'ROLLBACK') {
      this.#breaks -= 1
      trace.note(name, `the connection breaks, ${moment} of ${nameOf(text)}`)
      throw Object.assign(new Error('terminating connection'), { code: '57P01' })
    }
  }
}
