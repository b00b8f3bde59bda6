import type { Awareness } from 'y-protocols/awareness'
import type { PresenceEffect } from '../../core/ledger/effects.ts'
import type { AppEvent, Dispatch } from '../../core/ledger/events.ts'
import type { RetryPolicy } from '../../core/retry.ts'
import type { ElectricProviderError } from '../../errors.ts'
import type { Clock } from '../../io/clock.ts'
import type { Http } from '../../io/http.ts'
import type { Platform } from '../../io/platform.ts'
import { PresenceReceiver } from '../../io/presence-receiver.ts'
import { PresenceSender } from '../../io/presence-sender.ts'
import type { Following, FollowOptions, StreamMode } from '../../io/shape-reader.ts'
import { SteadyClock } from '../../io/steady-clock.ts'
import type { ApiUrl } from '../../io/url.ts'
import { awarenessPath, awarenessRowsPath, clientAwarenessPath } from '../../protocol/paths.ts'

export interface PresenceOptions {
  readonly http: Http
  readonly clock: Clock
  readonly platform: Platform
  readonly retry: RetryPolicy
  readonly live: StreamMode
  readonly awareness: Awareness
  readonly origin: object
  readonly api: ApiUrl
  readonly docId: string
  readonly follow: (options: FollowOptions) => Following
  readonly dispatch: Dispatch<Extract<AppEvent, { type: 'user-moved' }>>
  /** Called when this client's own state cannot be sent to others. */
  readonly onError: (error: ElectricProviderError) => void
}

/** Sends this client's presence, and shows who else is present. */
export class Presence {
  readonly #sender: PresenceSender
  readonly #receiver: PresenceReceiver
  readonly #clock: SteadyClock

  constructor({ api, docId, clock, dispatch, ...others }: PresenceOptions) {
    this.#clock = new SteadyClock(clock, others.platform)
    const options = { ...others, clock: this.#clock }
    const { awareness } = options
    const url = api.at(clientAwarenessPath(docId, awareness.clientID))
    this.#sender = new PresenceSender({
      ...options,
      url,
      onChanged: (update) =>
        dispatch({ type: 'user-moved', user: { clientId: awareness.clientID, update } }),
    })
    this.#receiver = new PresenceReceiver({
      ...options,
      shapeUrl: api.at(awarenessPath(docId)),
      rowsUrl: api.at(awarenessRowsPath(docId)),
      onSelfGone: () => this.#sender.repeat(),
    })
  }

  /** Tells the other tabs who is here. */
  introduce(): void {
    this.#sender.announce()
  }

  run(effect: PresenceEffect): void {
    switch (effect.type) {
      case 'open':
        this.#open()
        return
      case 'interrupt':
        this.#sender.interrupt()
        this.#receiver.interrupt()
        return
      case 'close':
        this.#close()
        return
      case 'hear':
        this.#receiver.hearTab(effect.user.clientId, effect.user.update)
        return
      case 'forget':
        this.#receiver.forget(effect.clientId)
    }
  }

  /** Calling it twice has no further effect; after a refusal it tries again. */
  #open(): void {
    this.#sender.open()
    this.#receiver.open()
  }

  #close(): void {
    this.#sender.close()
    this.#receiver.close()
  }

  /** The page is being closed: others are notified, and what is shown here does not change. */
  leave(): void {
    this.#sender.close()
  }

  /** The page returned from the back/forward cache. */
  comeBack(): void {
    this.#sender.open()
  }

  destroy(): void {
    this.#sender.destroy()
    this.#receiver.close()
    this.#clock.close()
  }
}
