import { type Awareness, applyAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness'
import { expired, sweepDelay } from '../core/presence.ts'
import { presenceMessage } from '../core/presence-message.ts'
import { isFinal } from '../core/refusals.ts'
import { type RetryPolicy, retryDelay } from '../core/retry.ts'
import { ElectricProviderError } from '../errors.ts'
import { decodePresence, isPresenceOf } from '../protocol/presence-frames.ts'
import { withSignal } from './abort.ts'
import { errorOfResponse } from './answers.ts'
import type { Clock } from './clock.ts'
import type { Http } from './http.ts'
import type { Following, FollowOptions, StreamMode } from './shape-reader.ts'

export interface PresenceReceiverOptions {
  readonly http: Http
  readonly clock: Clock
  readonly retry: RetryPolicy
  readonly live: StreamMode
  /** Follows a shape: with a stream of its own, or through another tab's. */
  readonly follow: (options: FollowOptions) => Following
  readonly awareness: Awareness
  /** The origin of what is applied to the awareness. */
  readonly origin: object
  readonly shapeUrl: string
  /** The URL for reading all presence rows. */
  readonly rowsUrl: string
  /** Called when this client has no row: an earlier leave arrived late, or the row was too old. */
  readonly onSelfGone: () => void
}

/** How long reading the rows may take, in milliseconds. */
const DEADLINE_MS = 10_000

/** A time for clients that never expire. */
const OTHER_TAB = Number.POSITIVE_INFINITY

/**
 * Shows who else is present. It first takes the shape's offset and then reads the current rows, so
 * that clients that arrive in between are seen, and clients without a row that left before are not.
 * It removes clients that have been silent for too long, without writing anything.
 */
export class PresenceReceiver {
  readonly #options: PresenceReceiverOptions
  /**
   * When each other client was last heard from, by this client's clock. Clients in other tabs of
   * this browser (`OTHER_TAB`) are present as long as their tab is open, without heartbeats.
   */
  readonly #lastHeard = new Map<number, number>()
  /**
   * Clients that left since the offset was taken: rows that were read before may still name them.
   */
  readonly #left = new Set<number>()
  /**
   * Clients that this stream has shown since its offset was taken. The stream also reports when one
   * of them leaves, so the rows, whenever they were read, do not decide about them.
   */
  readonly #shown = new Set<number>()
  #failures = 0
  /** False when closed or refused: nothing is requested. */
  #isOpen = false
  #end: () => void = () => {}
  #sweepAt = Number.POSITIVE_INFINITY
  #cancelSweep: () => void = () => {}

  constructor(options: PresenceReceiverOptions) {
    this.#options = options
  }

  /** Starts showing others; also after a refusal. Calling it twice has no further effect. */
  open(): void {
    if (this.#isOpen) return
    this.#isOpen = true
    this.#cancelSweep()
    this.#follow()
    this.#sweep()
  }

  /**
   * Drops what is being read, and keeps showing the clients that it has heard of: `open` reads again. An
   * answer that is on its way may be a refusal from before the app signed in again.
   */
  interrupt(): void {
    this.#isOpen = false
    this.#end()
    this.#end = () => {}
  }

  /** Removes all other clients. */
  close(): void {
    this.#isOpen = false
    this.#end()
    this.#end = () => {}
    this.#cancelSweep()
    this.#forget([...this.#lastHeard.keys()])
  }

  /** The client of another tab is present from now on, until `forget`. */
  hearTab(clientId: number, update: Uint8Array): void {
    this.#left.delete(clientId)
    this.#hear(clientId, update, OTHER_TAB)
  }

  /** Another client has left. */
  forget(clientId: number): void {
    if (clientId === this.#options.awareness.clientID) {
      this.#options.onSelfGone()
      return
    }
    this.#left.add(clientId)
    this.#forget([clientId])
  }

  #follow(): void {
    const { http, clock, live, follow, shapeUrl } = this.#options
    const aborter = new AbortController()
    /** The read of the rows that belongs to the current offset; null before it has begun. */
    let reading: symbol | null = null
    const begin = (): void => {
      // An answer from before this offset could name a client that left in between, so it is
      // ignored. It is not aborted, because browsers would show that as a failed request.
      reading = null
      this.#left.clear()
      this.#shown.clear()
    }
    begin()
    const { stop } = follow({
      http,
      clock,
      live,
      url: shapeUrl,
      start: 'now',
      log: 'changes_only',
      onBegin: begin,
      onMessage: (message) => {
        const action = presenceMessage(message)
        if (action.type === 'here') {
          this.#left.delete(action.clientId)
          this.#shown.add(action.clientId)
          this.#hear(action.clientId, action.update, clock.now())
        } else if (action.type === 'gone') this.forget(action.clientId)
        else if (action.type === 'restart') this.#retry()
        else if (action.type === 'caught-up' && reading === null) {
          const own = Symbol('a read of the rows')
          reading = own
          void this.#readRows(aborter.signal, () => reading === own)
        }
      },
      onEnd: ({ transient, error }) => {
        if (transient) this.#retry(error.retryAfterMs)
        else this.#refused()
      },
    })
    this.#end = () => {
      aborter.abort()
      stop()
    }
  }

  /**
   * After this, leaves are no longer received: removes everybody except other tabs, which report
   * themselves.
   */
  #refused(): void {
    this.#isOpen = false
    const heard = [...this.#lastHeard].filter(([, heardAt]) => heardAt !== OTHER_TAB)
    this.#forget(heard.map(([clientId]) => clientId))
  }

  #retry(askedMs?: number): void {
    const { clock, retry } = this.#options
    this.#end()
    const wait = retryDelay(retry, ++this.#failures, clock.random(), askedMs)
    this.#end = clock.after(wait, () => this.#follow())
  }

  async #readRows(signal: AbortSignal, isCurrent: () => boolean): Promise<void> {
    const { http, clock, rowsUrl, awareness, onSelfGone } = this.#options
    try {
      const response = await withSignal(signal, (own) =>
        http.send(rowsUrl, { signal: own, deadlineMs: DEADLINE_MS }),
      )
      if (!response.ok) throw await errorOfResponse(response)
      const rows = decodePresence(new Uint8Array(await response.arrayBuffer()))
      if (signal.aborted || !isCurrent()) return
      this.#failures = 0
      // This client was shown before and is gone now: an earlier leave arrived late.
      if (!rows.some(({ clientId }) => clientId === awareness.clientID)) onSelfGone()
      this.#forgetAbsent(new Set(rows.map(({ clientId }) => clientId)))
      for (const { clientId, ageMs, data } of rows) {
        if (!this.#left.has(clientId)) this.#hear(clientId, data, clock.now() - ageMs)
      }
    } catch (error) {
      if (signal.aborted || !isCurrent()) return
      const known = error instanceof ElectricProviderError ? error : null
      if (known === null || !isFinal('read', known)) this.#retry(known?.retryAfterMs)
      else {
        this.#end()
        this.#refused()
      }
    }
  }

  /**
   * Clients of an earlier stream that have no row left unnoticed. Other tabs of this browser report
   * themselves.
   */
  #forgetAbsent(present: ReadonlySet<number>): void {
    const absent = [...this.#lastHeard].filter(
      ([clientId, heardAt]) =>
        heardAt !== OTHER_TAB && !present.has(clientId) && !this.#shown.has(clientId),
    )
    this.#forget(absent.map(([clientId]) => clientId))
  }

  #hear(clientId: number, update: Uint8Array, heardAt: number): void {
    const { awareness, clock, origin } = this.#options
    // An unreadable row, or one with the state of another client, shows nobody.
    if (clientId === awareness.clientID || !isPresenceOf(clientId, update)) return
    const before = this.#lastHeard.get(clientId) ?? Number.NEGATIVE_INFINITY
    if (expired(new Map([[clientId, heardAt]]), clock.now()).length > 0) return
    this.#lastHeard.set(clientId, Math.max(heardAt, before))
    if (this.#isOpen && clock.now() + sweepDelay(this.#lastHeard, clock.now()) < this.#sweepAt) {
      this.#sweepLater()
    }
    guardListeners(() => applyAwarenessUpdate(awareness, update, origin))
  }

  /**
   * Removes clients together with their clocks, so that a client that comes back is seen at once,
   * whatever its clock.
   */
  #forget(clientIds: readonly number[]): void {
    const { awareness, origin } = this.#options
    guardListeners(() => removeAwarenessStates(awareness, [...clientIds], origin))
    for (const clientId of clientIds) {
      awareness.meta.delete(clientId)
      this.#lastHeard.delete(clientId)
    }
  }

  #sweep(): void {
    const { awareness, clock } = this.#options
    this.#forget(expired(this.#lastHeard, clock.now()))
    // Renews clients that are still present in the timestamps of y-protocols.
    for (const clientId of this.#lastHeard.keys()) {
      const meta = awareness.meta.get(clientId)
      if (meta !== undefined) meta.lastUpdated = clock.now()
    }
    this.#sweepLater()
  }

  #sweepLater(): void {
    const { clock } = this.#options
    const delay = sweepDelay(this.#lastHeard, clock.now())
    this.#sweepAt = clock.now() + delay
    this.#cancelSweep()
    this.#cancelSweep = clock.after(delay, () => this.#sweep())
  }
}

/** A throwing listener is a bug of the app; it must break neither this client nor its timers. */
function guardListeners(change: () => void): void {
  try {
    change()
  } catch (error) {
    console.error('y-electric: a listener of the awareness threw', error)
  }
}
