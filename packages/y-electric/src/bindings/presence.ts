import type { Awareness } from 'y-protocols/awareness'
import { isServer } from './connection.ts'
import { Listeners, type Store } from './store.ts'

/** The state of a client: what it set, such as `{ user, cursor }`. Editors add fields of their own. */
// biome-ignore lint/suspicious/noExplicitAny: other clients decide what their states hold
export type PresenceState = { readonly [field: string]: any }

/** Another client that has the document open. */
export interface Peer<State extends object = PresenceState> {
  readonly clientId: number
  readonly state: State
}

export interface Presence<State extends object = PresenceState> {
  /** The state of this client; null if it hides itself, or has not been mounted yet. */
  readonly self: State | null
  /** The other clients, in the order of their ids. */
  readonly others: readonly Peer<State>[]
}

export const NOBODY: Presence = Object.freeze({ self: null, others: Object.freeze([]) })

/** The people who are present in a document. The awareness is made when the first component subscribes. */
export class PresenceStore implements Store<Presence> {
  readonly #awareness: () => Awareness
  readonly #listeners = new Listeners()
  #presence = NOBODY

  constructor(awareness: () => Awareness) {
    this.#awareness = awareness
  }

  readonly get = (): Presence => this.#presence

  readonly subscribe = (listener: () => void): (() => void) => {
    if (isServer()) return () => {}
    const awareness = this.#awareness()
    const remove = this.#listeners.add(listener)
    if (this.#listeners.size === 1) {
      awareness.on('change', this.#look)
      this.#presence = presenceOf(awareness)
    }
    return () => {
      remove()
      if (this.#listeners.size === 0) awareness.off('change', this.#look)
    }
  }

  /** Sets these fields of this client's state, and keeps the others. */
  readonly update = (fields: PresenceState): void => {
    const awareness = this.#awareness()
    awareness.setLocalState({ ...awareness.getLocalState(), ...fields })
  }

  readonly #look = (): void => {
    this.#presence = presenceOf(this.#awareness())
    this.#listeners.tell()
  }
}

function presenceOf(awareness: Awareness): Presence {
  const others = [...awareness.getStates()]
    .filter(([clientId]) => clientId !== awareness.clientID)
    .sort(([one], [other]) => one - other)
    .map(([clientId, state]) => Object.freeze({ clientId, state }))
  return Object.freeze({ self: awareness.getLocalState(), others: Object.freeze(others) })
}
