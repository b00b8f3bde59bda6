import type pg from 'pg'
import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'

/** The user or address that work is done for, and the signal that it no longer waits. */
export interface Asker {
  /**
   * Askers take turns. Default: the back end itself, which takes its turns with the others, but has no limit
   * of its own, and always a place in the queue.
   */
  readonly who?: string | undefined
  /** Aborted when the client disconnects: work that waits or runs for it is dropped. */
  readonly signal?: AbortSignal | undefined
}

/** The kinds of work with separate turns. */
export type TurnKind = 'inspection' | 'fold' | 'state'

export interface TurnLimits {
  /** The most jobs that run at once. */
  readonly atOnce: number
  /** The most jobs of one asker that run at once. */
  readonly perAsker: number
  /** The most jobs that wait. */
  readonly maxWaiting: number
  /** `Retry-After` for a request when the queue is full, in seconds. */
  readonly retryAfterSeconds: number
  /** A job that has run longer, in milliseconds, is aborted when others wait for its turn. Default: never. */
  readonly yieldAfterMs?: number | undefined
}

/** Thrown by work that was aborted because others waited. */
export class YieldedError extends Error {
  override readonly name = 'YieldedError'
}

/** The limits of inspections: everything except folds that needs a whole document in memory. */
export const inspectionTurns = (limits: Limits): TurnLimits => ({
  atOnce: limits.maxParallelInspections,
  perAsker: Math.min(limits.maxParallelInspections, limits.maxParallelPerUser),
  maxWaiting: limits.maxWaitingInspections,
  retryAfterSeconds: limits.busyRetryAfterSeconds,
})

interface Running {
  readonly who: string
  readonly since: number
  readonly stop: AbortController
}

interface Waiting {
  readonly who: string
  readonly start: (running: Running) => void
  readonly refuse: (error: unknown) => void
}

const BACK_END = ''

/** A bounded queue that goes round the askers. */
class Turns {
  readonly #running = new Set<Running>()
  /** By asker, in the order of their next turns. No queue is empty. */
  readonly #waiting = new Map<string, Waiting[]>()
  #pressing: NodeJS.Timeout | undefined

  async take<T>(
    { who = BACK_END, signal }: Asker,
    limits: TurnLimits,
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
      this.#startNext(limits)
    }
  }

  #mayStart(who: string, { atOnce, perAsker }: TurnLimits): boolean {
    const own = who === BACK_END ? atOnce : perAsker
    return this.#running.size < atOnce && this.#runningOf(who).length < own
  }

  #admit(who: string): Running {
    const running = { who, since: performance.now(), stop: new AbortController() }
    this.#running.add(running)
    return running
  }

  #runningOf(who: string): Running[] {
    return [...this.#running].filter((running) => running.who === who)
  }

  #wait(who: string, signal: AbortSignal | undefined, limits: TurnLimits): Promise<Running> {
    this.#makeRoom(who, limits)
    return new Promise<Running>((resolve, reject) => {
      const waiting: Waiting = {
        who,
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
        this.#remove(waiting)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', leave, { once: true })
      this.#waiting.set(who, [...(this.#waiting.get(who) ?? []), waiting])
      this.#press(limits)
    })
  }

  /** If the queue is full, the newest request of the asker with most requests is refused. @throws {RequestError} server_busy */
  #makeRoom(who: string, { maxWaiting, retryAfterSeconds }: TurnLimits): void {
    if (who === BACK_END) return
    const queues = [...this.#waiting].flatMap(([one, queue]) => (one === BACK_END ? [] : [queue]))
    if (queues.reduce((sum, queue) => sum + queue.length, 0) < maxWaiting) return
    const longest = queues.reduce((a, b) => (b.length > a.length ? b : a), [])
    const busy = new RequestError(
      'server_busy',
      'too much other work of this kind waits: try again later',
      { retryAfterSeconds, isRoutine: true },
    )
    const last = longest.at(-1)
    if (last === undefined || (this.#waiting.get(who)?.length ?? 0) + 1 >= longest.length)
      throw busy
    this.#remove(last)
    last.refuse(busy)
  }

  #remove(waiting: Waiting): void {
    const left = this.#waiting.get(waiting.who)?.filter((other) => other !== waiting) ?? []
    if (left.length === 0) this.#waiting.delete(waiting.who)
    else this.#waiting.set(waiting.who, left)
  }

  /** The turn goes to the next job at once, so that no other can take it. One ended, so one starts. */
  #startNext(limits: TurnLimits): void {
    for (const [who, [first, ...rest]] of this.#waiting) {
      if (first === undefined || !this.#mayStart(who, limits)) continue
      // An asker that had a turn is last in the next round.
      this.#waiting.delete(who)
      if (rest.length > 0) this.#waiting.set(who, rest)
      first.start(this.#admit(who))
      break
    }
    this.#press(limits)
  }

  /** Aborts the oldest work that others wait for, when it has used its time. */
  #press(limits: TurnLimits): void {
    clearTimeout(this.#pressing)
    const { yieldAfterMs } = limits
    if (yieldAfterMs === undefined) return
    const [who] = this.#waiting.keys()
    if (who === undefined) return
    const blocking = this.#running.size >= limits.atOnce ? [...this.#running] : this.#runningOf(who)
    const [oldest] = blocking
    // Work that was already aborted is about to release its turn.
    if (oldest === undefined || blocking.some(({ stop }) => stop.signal.aborted)) return
    const left = oldest.since + yieldAfterMs - performance.now()
    if (left <= 0) oldest.stop.abort(new YieldedError('others waited'))
    else this.#pressing = setTimeout(() => this.#press(limits), left).unref()
  }
}

const turnsByPool = new WeakMap<pg.Pool, Map<TurnKind, Turns>>()

/**
 * Does `work` when fewer than `atOnce` other jobs of the same pool and kind run, which limits how many
 * documents are in memory at once. Askers take turns; when the queue is full, a request is refused with
 * `server_busy`.
 * @param work its signal is aborted when the client disconnects, or when the work must give way
 * @throws {RequestError} `server_busy`, the reason of the asker's signal, and any error of `work`
 */
export function inTurn<T>(
  pool: pg.Pool,
  kind: TurnKind,
  asker: Asker,
  limits: TurnLimits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const byKind = turnsByPool.get(pool) ?? new Map<TurnKind, Turns>()
  turnsByPool.set(pool, byKind)
  const turns = byKind.get(kind) ?? new Turns()
  byKind.set(kind, turns)
  return turns.take(asker, limits, work)
}

/** {@link inTurn} for an inspection. */
export const inspectInTurn = <T>(
  pool: pg.Pool,
  asker: Asker | undefined,
  limits: Limits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => inTurn(pool, 'inspection', asker ?? {}, inspectionTurns(limits), work)
