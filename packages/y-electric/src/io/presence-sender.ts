import type { Awareness } from 'y-protocols/awareness'
import {
  PRESENCE_CLOSED,
  PRESENCE_HEARTBEAT_MS,
  PRESENCE_RECHECK_MS,
  PRESENCE_REST_MS,
  type PresenceCommand,
  type PresenceEvent,
  type PresenceState,
  presenceStep,
} from '../core/presence.ts'
import { holdsBack, isFinal, rejectsContent } from '../core/refusals.ts'
import { type RetryPolicy, retryDelay } from '../core/retry.ts'
import { ElectricProviderError, type ProviderErrorCode } from '../errors.ts'
import { UPDATE_MEDIA_TYPE } from '../protocol/headers.ts'
import { withSignal } from './abort.ts'
import { drain, errorOfResponse } from './answers.ts'
import type { Clock } from './clock.ts'
import type { Http } from './http.ts'
import { ABSENT, encodeOwnPresence, type OwnPresence, readOwnPresence } from './own-presence.ts'

export interface PresenceSenderOptions {
  readonly http: Http
  readonly clock: Clock
  readonly retry: RetryPolicy
  readonly awareness: Awareness
  /** The URL for writing and deleting this client's row. */
  readonly url: string
  /** This client's state has changed. */
  readonly onChanged: (update: Uint8Array) => void
  /** Called once, in a separate task, for each state that cannot be sent to others. */
  readonly onError: (error: ElectricProviderError) => void
}

/** How long a write may take, in milliseconds. */
const DEADLINE_MS = 10_000

/**
 * Writes this client's own presence when it changes, and as a heartbeat while it does not. It
 * reports a state that cannot be written; others keep seeing the last written state until the next
 * valid one.
 */
export class PresenceSender {
  readonly #options: PresenceSenderOptions
  #state: PresenceState = PRESENCE_CLOSED
  #aborter = new AbortController()
  #cancelRest: () => void = () => {}
  #cancelHeartbeat: () => void = () => {}
  #cancelRecheck: () => void = () => {}
  /** The last sent state as JSON: y-protocols renews its clock without a change. */
  #sent: string | null = null
  /** The state in this client's row, as JSON; null when it has no row. */
  #stored: string | null = null
  /** The state that the server refused, as JSON; it is not sent again. */
  #refused: string | null = null
  /** The last reported state that JSON cannot express. */
  #reported: unknown = null
  /** The last reported reason why the server does not show this client for now. */
  #heldBack: ProviderErrorCode | null = null
  /** The wait that the server asked for when the last write failed, in milliseconds. */
  #askedMs: number | undefined

  constructor(options: PresenceSenderOptions) {
    this.#options = options
    options.awareness.on('update', this.#onUpdate)
  }

  /** Starts sending; also after a refusal. Calling it twice has no further effect. */
  open(): void {
    if (this.#state.phase !== 'closed' && this.#state.phase !== 'barred') return
    this.#aborter = new AbortController()
    this.#sent = null
    this.#refused = null
    this.#step('open')
    if (this.#options.awareness.getLocalState() !== null) this.#step('changed')
  }

  /**
   * Drops the write that is under way, without leaving: `open` sends the state again. Its answer may
   * be a refusal that was true before the app signed in again.
   */
  interrupt(): void {
    if (this.#state.phase !== 'closed') this.#stop()
  }

  /** Calls `onChanged` with the current state, if others can get it. */
  announce(): void {
    const own = this.#read()
    if (own !== null) this.#options.onChanged(own.update)
  }

  /** Sends the state once more, because others may not see this client although it is present. */
  repeat(): void {
    if (this.#options.awareness.getLocalState() !== null) this.#step('changed')
  }

  /** Leaves: others are notified at once. This client's own state is unchanged. */
  close(): void {
    const wasHere = this.#sent !== null && this.#state.phase !== 'barred'
    this.#stop()
    this.#sent = null
    this.#stored = null
    if (wasHere) this.#options.http.beacon(this.#options.url, { method: 'DELETE' })
  }

  destroy(): void {
    this.close()
    this.#options.awareness.off('update', this.#onUpdate)
  }

  #stop(): void {
    this.#cancelRest()
    this.#cancelHeartbeat()
    this.#cancelRecheck()
    this.#aborter.abort()
    this.#step('close')
  }

  readonly #onUpdate = (
    { added, updated, removed }: { added: number[]; updated: number[]; removed: number[] },
    origin: unknown,
  ): void => {
    const { awareness, onChanged } = this.#options
    const isOwn = [added, updated, removed].some((ids) => ids.includes(awareness.clientID))
    if (!isOwn || origin !== 'local') return
    const wasReported = awareness.getLocalState() === this.#reported
    const own = this.#read()
    if (own === null ? wasReported : own.json === this.#sent) return
    if (own !== null) onChanged(own.update)
    this.#step('changed')
  }

  /** This client's state in the form to send; null, with a report, if it cannot be sent. */
  #read(): OwnPresence | null {
    const { awareness } = this.#options
    try {
      const own = readOwnPresence(awareness)
      this.#reported = null
      this.#cancelRecheck()
      return own
    } catch (error) {
      const state: unknown = awareness.getLocalState()
      if (state !== this.#reported) this.#report(error as ElectricProviderError)
      this.#reported = state
      this.#recheckLater()
      return null
    }
  }

  /**
   * If a getter of a state throws, y-protocols throws to the app while it compares the next state with
   * that one. The next state is then set, but without an event.
   */
  #recheckLater(): void {
    this.#cancelRecheck()
    if (this.#state.phase === 'closed' || this.#state.phase === 'barred') return
    this.#cancelRecheck = this.#options.clock.after(PRESENCE_RECHECK_MS, () => {
      if (this.#options.awareness.getLocalState() === this.#reported) this.#recheckLater()
      else this.#step('changed')
    })
  }

  /**
   * Reports later, so that an app that is setting a state or creating its provider can add its
   * listener first.
   */
  #report(error: ElectricProviderError): void {
    queueMicrotask(() => this.#options.onError(error))
  }

  #step(event: PresenceEvent): void {
    const { state, command } = presenceStep(this.#state, event)
    this.#state = state
    if (command !== null) this.#run(command)
  }

  #run(command: PresenceCommand): void {
    const { clock, retry } = this.#options
    if (command.type === 'send') {
      this.#cancelHeartbeat()
      void this.#send(this.#aborter.signal)
      return
    }
    const pause =
      command.failures === 0
        ? PRESENCE_REST_MS
        : Math.max(
            PRESENCE_REST_MS,
            retryDelay(retry, command.failures, clock.random(), this.#askedMs),
          )
    this.#cancelRest = clock.after(pause, () => this.#step('rested'))
  }

  /** Renews the state at a later clock, because nobody is notified of a row that does not change. */
  #renew(): void {
    const { awareness } = this.#options
    const state = awareness.getLocalState()
    try {
      if (state !== null) awareness.setLocalState(state)
    } catch (error) {
      console.error('y-electric: a listener of the awareness threw', error)
    }
    this.#step('changed')
  }

  /**
   * The presence to write now: the newest state, or the stored one if that cannot be sent; null if
   * there is none.
   */
  #message(): OwnPresence | null {
    const own = this.#read()
    if (own !== null && own.json !== this.#refused) return own
    const json = this.#stored
    return json === null ? null : encodeOwnPresence(this.#options.awareness, json)
  }

  async #send(signal: AbortSignal): Promise<void> {
    const message = this.#message()
    if (message === null) {
      this.#step('done')
      return
    }
    const event = await this.#write(message, signal)
    if (signal.aborted) return
    if (event === 'done' && this.#stored !== null) {
      this.#cancelHeartbeat = this.#options.clock.after(PRESENCE_HEARTBEAT_MS, () => this.#renew())
    }
    this.#step(event)
  }

  async #write({ json, update }: OwnPresence, signal: AbortSignal): Promise<PresenceEvent> {
    const { http, url } = this.#options
    this.#sent = json
    const request: RequestInit =
      json === ABSENT
        ? { method: 'DELETE' }
        : {
            method: 'PUT',
            body: update as Uint8Array<ArrayBuffer>,
            headers: { 'content-type': UPDATE_MEDIA_TYPE },
          }
    try {
      const response = await withSignal(signal, (own) =>
        http.send(url, { ...request, signal: own, deadlineMs: DEADLINE_MS }),
      )
      if (!response.ok) throw await errorOfResponse(response)
      await drain(response)
      if (!signal.aborted) this.#stored = json === ABSENT ? null : json
      this.#heldBack = null
      return 'done'
    } catch (error) {
      if (signal.aborted || !(error instanceof ElectricProviderError)) return 'failed'
      this.#askedMs = error.retryAfterMs
      if (!isFinal('presence', error)) {
        // Reported once, not at each try.
        if (holdsBack(error.code) && error.code !== this.#heldBack) this.#report(error)
        this.#heldBack = error.code
        return 'failed'
      }
      if (!rejectsContent(error.code)) return 'refused'
      this.#onRefused(json, error)
      return 'done'
    }
  }

  /** Handles a state that the server cannot store; it may accept the next one. */
  #onRefused(json: string, error: ElectricProviderError): void {
    this.#refused = json
    if (this.#stored === json) this.#stored = null
    this.#report(error)
  }
}
