import { type Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import {
  PRESENCE_CLOSED,
  PRESENCE_HEARTBEAT_MS,
  PRESENCE_REST_MS,
  type PresenceCommand,
  type PresenceEvent,
  type PresenceState,
  presenceStep,
} from '../core/presence.ts'
import { type RetryPolicy, retryDelay } from '../core/retry.ts'
import { UPDATE_MEDIA_TYPE } from '../protocol/headers.ts'
import { withSignal } from './abort.ts'
import type { Clock } from './clock.ts'
import { type Http, isTransient } from './http.ts'

export interface PresenceSenderOptions {
  readonly http: Http
  readonly clock: Clock
  readonly retry: RetryPolicy
  readonly awareness: Awareness
  /** Where this client's row is put and deleted. */
  readonly url: string
  /** This client's state has changed. */
  readonly onChanged: (update: Uint8Array) => void
}

/** How long a write may take, in milliseconds. */
const DEADLINE_MS = 10_000

/** Writes this client's own presence: when it changes, and now and then while it does not. */
export class PresenceSender {
  readonly #options: PresenceSenderOptions
  #state: PresenceState = PRESENCE_CLOSED
  #aborter = new AbortController()
  #cancelRest: () => void = () => {}
  #cancelHeartbeat: () => void = () => {}
  /** The state that was last sent, as JSON: y-protocols renews its clock without news. */
  #sent: string | null = null

  constructor(options: PresenceSenderOptions) {
    this.#options = options
    options.awareness.on('update', this.#onUpdate)
  }

  /** Tells others; again after a refusal. Twice is once. */
  open(): void {
    if (this.#state.phase !== 'closed' && this.#state.phase !== 'barred') return
    this.#aborter = new AbortController()
    this.#sent = null
    this.#step('open')
    if (this.#options.awareness.getLocalState() !== null) this.#step('changed')
  }

  /** Others may not see this client, though it is here: they are told once more. */
  repeat(): void {
    if (this.#options.awareness.getLocalState() !== null) this.#step('changed')
  }

  /** Leaves: others are told at once. This client's own state stays as it is. */
  close(): void {
    const wasHere = this.#sent !== null && this.#state.phase !== 'barred'
    this.#stop()
    this.#sent = null
    if (wasHere) this.#options.http.beacon(this.#options.url, { method: 'DELETE' })
  }

  destroy(): void {
    this.close()
    this.#options.awareness.off('update', this.#onUpdate)
  }

  #stop(): void {
    this.#cancelRest()
    this.#cancelHeartbeat()
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
    if (JSON.stringify(awareness.getLocalState()) === this.#sent) return
    onChanged(encodeAwarenessUpdate(awareness, [awareness.clientID]))
    this.#step('changed')
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
        : retryDelay(retry, command.failures, clock.random(), PRESENCE_REST_MS)
    this.#cancelRest = clock.after(pause, () => this.#step('rested'))
  }

  /** At a later clock: a row that stays as it was is no news, and told to nobody. */
  #renew(): void {
    const { awareness } = this.#options
    const state = awareness.getLocalState()
    if (state !== null) awareness.setLocalState(state)
    this.#step('changed')
  }

  async #send(signal: AbortSignal): Promise<void> {
    const { http, awareness, clock, url } = this.#options
    const state = awareness.getLocalState()
    this.#sent = JSON.stringify(state)
    const body = encodeAwarenessUpdate(awareness, [awareness.clientID]) as Uint8Array<ArrayBuffer>
    const request: RequestInit =
      state === null
        ? { method: 'DELETE' }
        : { method: 'PUT', body, headers: { 'content-type': UPDATE_MEDIA_TYPE } }
    let event: PresenceEvent
    let isHere = false
    try {
      const response = await withSignal(signal, (own) =>
        http.send(url, { ...request, signal: own, deadlineMs: DEADLINE_MS }),
      )
      await response.body?.cancel()
      event = eventOf(response.status)
      isHere = response.ok && state !== null
    } catch {
      event = 'failed'
    }
    if (signal.aborted) return
    if (isHere) {
      this.#cancelHeartbeat = clock.after(PRESENCE_HEARTBEAT_MS, () => this.#renew())
    }
    this.#step(event)
  }
}

function eventOf(status: number): PresenceEvent {
  if (isTransient(status)) return 'failed'
  // This state cannot be stored; the next one may.
  const isItsOwnFault = status === 400 || status === 413
  return status < 400 || isItsOwnFault ? 'done' : 'refused'
}
