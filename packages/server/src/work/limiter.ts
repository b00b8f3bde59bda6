import type pg from 'pg'
import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { ungated } from '../store/index.ts'
import { AskerQueue } from './asker-queue.ts'

/** The user or address that work is done for, and the signal that it no longer waits. */
export interface Asker {
  /**
   * The limiter serves askers alternately. Default: the back end itself, which is served like the others, but
   * has no limit of its own and is always accepted into the queue.
   */
  readonly who?: string | undefined
  /** Aborted when the client disconnects: work that waits or runs for it is dropped. */
  readonly signal?: AbortSignal | undefined
}

/** The kinds of work. Each has its own limiter. */
export type WorkKind = 'inspection' | 'fold' | 'state'

export interface WorkLimits {
  /** The most jobs that run at once. */
  readonly atOnce: number
  /** The most jobs of one asker that run at once. */
  readonly perAsker: number
  /** The most jobs that wait. */
  readonly maxWaiting: number
  /** `Retry-After` for a request when the queue is full, in seconds. */
  readonly retryAfterSeconds: number
  /** A job that has run longer, in milliseconds, is aborted if others wait. Default: never. */
  readonly yieldAfterMs?: number | undefined
  /** If a client leaves its running work, the place stays taken for its asker at most this long, in milliseconds. */
  readonly maxRestMs: number
}

/** Thrown by work that was aborted because others waited. */
export class YieldedError extends Error {
  override readonly name = 'YieldedError'
}

/** The limits of inspections: everything except folds that needs a whole document in memory. */
export const inspectionLimits = (limits: Limits): WorkLimits => ({
  atOnce: limits.maxParallelInspections,
  perAsker: Math.min(limits.maxParallelInspections, limits.maxParallelPerUser),
  maxWaiting: limits.maxWaitingInspections,
  retryAfterSeconds: limits.busyRetryAfterSeconds,
  maxRestMs: limits.maxAbandonedRestMs,
})

interface Running {
  readonly who: string
  readonly since: number
  readonly stop: AbortController
}

interface Waiting {
  readonly start: (running: Running) => void
  readonly refuse: (error: unknown) => void
}

const BACK_END = ''

/**
 * Work whose client has left was useless, but has kept the event loop and the database busy. Its place stays taken for
 * this asker, not for others, for this many times the duration of the work, and at most for `maxRestMs`.
 */
const REST_FACTOR = 9

/** A bounded queue that serves its askers alternately. */
class Limiter {
  readonly #running = new Set<Running>()
  readonly #waiting = new AskerQueue<Waiting>()
  /** The places of work that clients have left, by asker. */
  readonly #resting = new Set<Pick<Running, 'who'>>()
  #pressing: NodeJS.Timeout | undefined

  async run<T>(
    { who = BACK_END, signal }: Asker,
    limits: WorkLimits,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted()
    const running = this.#mayStart(who, limits)
      ? this.#admit(who)
      : await this.#wait(who, signal, limits)
    const stop = running.stop.signal
    try {
      const signals = signal === undefined ? stop : AbortSignal.any([signal, stop])
      return await work(signals)
    } finally {
      this.#running.delete(running)
      if (signal?.aborted) this.#rest(running, limits)
      this.#startNext(limits)
    }
  }

  #mayStart(who: string, { atOnce, perAsker }: WorkLimits): boolean {
    const own = who === BACK_END ? atOnce : perAsker
    const resting = [...this.#resting].filter((place) => place.who === who).length
    return this.#running.size < atOnce && this.#runningOf(who).length + resting < own
  }

  #rest({ who, since }: Running, limits: WorkLimits): void {
    if (who === BACK_END) return
    const place = { who }
    const restMs = Math.min(limits.maxRestMs, REST_FACTOR * (performance.now() - since))
    if (restMs === 0) return
    this.#resting.add(place)
    const timer = setTimeout(() => {
      this.#resting.delete(place)
      this.#startNext(limits)
    }, restMs)
    // In Node a timer keeps the process alive, so it is unreferenced; elsewhere a timer is a number.
    if (typeof timer === 'object' && 'unref' in timer) timer.unref()
  }

  #admit(who: string): Running {
    const running = { who, since: performance.now(), stop: new AbortController() }
    this.#running.add(running)
    return running
  }

  #runningOf(who: string): Running[] {
    return [...this.#running].filter((running) => running.who === who)
  }

  #wait(who: string, signal: AbortSignal | undefined, limits: WorkLimits): Promise<Running> {
    this.#makeRoom(who, limits)
    return new Promise<Running>((resolve, reject) => {
      const waiting: Waiting = {
        start: (running) => {
          signal?.removeEventListener('abort', leave)
          resolve(running)
        },
        refuse: (error) => {
          signal?.removeEventListener('abort', leave)
          reject(error)
        },
      }
      const leave = () => {
        this.#waiting.remove(who, waiting)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', leave, { once: true })
      this.#waiting.add(who, waiting)
      this.#press(limits)
    })
  }

  /**
   * If the queue is full, refuses the newest request of the asker with the most requests.
   * @throws {RequestError} server_busy
   */
  #makeRoom(who: string, { maxWaiting, retryAfterSeconds }: WorkLimits): void {
    if (who === BACK_END) return
    const others = this.#waiting.askers.filter((one) => one !== BACK_END)
    const counts = others.map((one) => this.#waiting.countOf(one))
    if (counts.reduce((sum, count) => sum + count, 0) < maxWaiting) return
    const busy = new RequestError(
      'server_busy',
      'too much other work of this kind waits: try again later',
      { retryAfterSeconds, isRoutine: true },
    )
    const most = Math.max(0, ...counts)
    const longest = others[counts.indexOf(most)]
    if (longest === undefined || this.#waiting.countOf(who) + 1 >= most) throw busy
    this.#waiting.takeNewest(longest)?.refuse(busy)
  }

  /** Starts the next job at once, so that no other can start instead. One job has ended, so one starts. */
  #startNext(limits: WorkLimits): void {
    const next = this.#waiting.takeNext((who) => this.#mayStart(who, limits))
    next?.item.start(this.#admit(next.who))
    this.#press(limits)
  }

  /** Aborts the oldest work that others wait for, when it has used its time. */
  #press(limits: WorkLimits): void {
    clearTimeout(this.#pressing)
    const { yieldAfterMs } = limits
    if (yieldAfterMs === undefined) return
    const askers = this.#waiting.askers
    if (askers.length === 0) return
    const blocking = [...this.#running].filter(
      ({ who }) => this.#running.size >= limits.atOnce || askers.includes(who),
    )
    const [oldest] = blocking
    // Work that was already aborted is about to end.
    if (oldest === undefined || blocking.some(({ stop }) => stop.signal.aborted)) return
    const left = oldest.since + yieldAfterMs - performance.now()
    if (left <= 0) oldest.stop.abort(new YieldedError('others waited'))
    else this.#pressing = setTimeout(() => this.#press(limits), left).unref()
  }
}

const limitersByPool = new WeakMap<pg.Pool, Map<WorkKind, Limiter>>()

/**
 * A pool and the same pool behind edits have one limiter: routes use the gated pool, and functions of the back end the
 * other.
 */
function limiterOf(pool: pg.Pool, kind: WorkKind): Limiter {
  const key = ungated(pool)
  const byKind = limitersByPool.get(key) ?? new Map<WorkKind, Limiter>()
  limitersByPool.set(key, byKind)
  const limiter = byKind.get(kind) ?? new Limiter()
  byKind.set(kind, limiter)
  return limiter
}

/**
 * Does `work` when fewer than `atOnce` other jobs of the same pool and kind run, which limits how many
 * documents are in memory at once. Askers are served alternately. If the queue is full, a request is refused with
 * `server_busy`.
 * @param work its signal is aborted when the client disconnects, or when the work must give way
 * @throws {RequestError} `server_busy`, the reason of the asker's signal, and any error of `work`
 */
export const runLimited = <T>(
  pool: pg.Pool,
  kind: WorkKind,
  asker: Asker,
  limits: WorkLimits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => limiterOf(pool, kind).run(asker, limits, work)

/** {@link runLimited} for an inspection. */
export const inspectLimited = <T>(
  pool: pg.Pool,
  asker: Asker | undefined,
  limits: Limits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => runLimited(pool, 'inspection', asker ?? {}, inspectionLimits(limits), work)
