import type pg from 'pg'
import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'

/** On whose behalf work is done, and whether anybody still waits for it. */
export interface Asker {
  /**
   * Work goes round among those who ask. Default: the back end itself, which takes its turns with them, but
   * has no limit of its own, and always a place in the queue.
   */
  readonly who?: string | undefined
  /** Aborted when the client has gone: work that waits or runs for it is dropped. */
  readonly signal?: AbortSignal | undefined
}

/** The kinds of work that have turns of their own. */
export type TurnKind = 'inspection' | 'fold' | 'state'

export interface TurnLimits {
  /** Pieces of work that run at once. */
  readonly atOnce: number
  /** Those of one asker that run at once. */
  readonly perAsker: number
  /** Pieces of work that wait. */
  readonly maxWaiting: number
  /** `Retry-After` for a request that cannot even wait, in seconds. */
  readonly retryAfterSeconds: number
  /** Work that has taken longer, in milliseconds, is stopped when others wait for its turn. Default: it is not. */
  readonly yieldAfterMs?: number | undefined
}

/** Thrown by work that was stopped because others waited. */
export class YieldedError extends Error {
  override readonly name = 'YieldedError'
}

/** The limits of inspections: everything that needs a whole document in memory, but for folds. */
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

/** A bounded queue that goes round among those who ask. */
class Turns {
  readonly #running = new Set<Running>()
  /** By who asks, in the order in which they have their next turn. Nobody's queue is empty. */
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

  /** The turn goes to the next at once, so that nobody can come in between. One ended, so one begins. */
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

  /** Stops the oldest work that others wait for, as soon as it has had its time. */
  #press(limits: TurnLimits): void {
    clearTimeout(this.#pressing)
    const { yieldAfterMs } = limits
    if (yieldAfterMs === undefined) return
    const [who] = this.#waiting.keys()
    if (who === undefined) return
    const blocking = this.#running.size >= limits.atOnce ? [...this.#running] : this.#runningOf(who)
    const [oldest] = blocking
    // One that was told to stop is about to give its turn away.
    if (oldest === undefined || blocking.some(({ stop }) => stop.signal.aborted)) return
    const left = oldest.since + yieldAfterMs - performance.now()
    if (left <= 0) oldest.stop.abort(new YieldedError('others waited'))
    else this.#pressing = setTimeout(() => this.#press(limits), left).unref()
  }
}

const turnsByPool = new WeakMap<pg.Pool, Map<TurnKind, Turns>>()

/**
 * Does `work` when fewer than `atOnce` others of the same pool and kind are at work, so that only so
 * many documents are in memory, whatever is asked for at once. Those who ask take turns; too many who
 * wait are told to come later.
 * @param work its signal is aborted when the client has gone, or when the work must give way
 * @throws {RequestError} `server_busy`, the reason of the asker's signal, and whatever `work` throws
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
