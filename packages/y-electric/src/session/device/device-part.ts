/** Runs the effects of the device store: opens it, records what happens, and takes over edits of pages that are gone. */

import type { StoredEdits } from '../../core/adoption.ts'
import type { DeviceChange, DeviceEffect } from '../../core/ledger/effects.ts'
import type { DeviceEvent, Dispatch } from '../../core/ledger/events.ts'
import type { Clock } from '../../io/clock.ts'
import type {
  CheckedDocument,
  CheckedPersistence,
  CheckedStore,
} from '../../persistence/checked-store.ts'
import { Recorder } from '../../persistence/recorder.ts'

interface Opened {
  readonly store: CheckedStore
  readonly document: CheckedDocument
}

export interface DevicePartOptions {
  readonly persistence: CheckedPersistence
  /** Names the server and the document. */
  readonly key: string
  readonly clock: Clock
  /** The content of the document as it is now, as one update. */
  readonly encodeDoc: () => Uint8Array
  readonly dispatch: Dispatch<DeviceEvent>
}

/**
 * How long opening the store may take, in milliseconds. Another page that keeps an old version of
 * it open blocks it for as long as that page lives.
 */
const OPEN_WITHIN_MS = 5_000

/** How long closing waits for a store that does not answer, in milliseconds. */
const CLOSE_DEADLINE_MS = 5_000

/**
 * Runs the device store of a document. Until the store has been read, changes are remembered here;
 * if the store fails, the session continues in memory.
 */
export class DevicePart {
  readonly #options: DevicePartOptions
  #phase: Phase = { type: 'loading', waiting: [] }
  #isClosed = false
  #loading: Promise<void> = Promise.resolve()

  constructor(options: DevicePartOptions) {
    this.#options = options
  }

  run(effect: DeviceEffect): void {
    switch (effect.type) {
      case 'record':
        this.#record(effect.change)
        return
      case 'take-over':
        void this.#takeOver()
    }
  }

  /**
   * Reads what is stored, dispatches it, and records from then on. Also resolves if no store is
   * available; then, and after a close, nothing is dispatched.
   */
  load(): Promise<void> {
    this.#loading = this.#load()
    return this.#loading
  }

  /** Resolves when everything that happened is stored, or the store does not answer in time. */
  close(): Promise<void> {
    this.#isClosed = true
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(CLOSE_DEADLINE_MS, resolve)
      void this.#loading
        .then(() => (this.#phase.type === 'loading' ? null : this.#phase.recorder?.close()))
        .finally(() => {
          cancel()
          resolve()
        })
    })
  }

  async #load(): Promise<void> {
    let opened: Opened
    try {
      opened = await this.#openInTime()
    } catch (cause) {
      this.#lost(cause)
      return
    }
    const { store, document } = opened
    if (this.#phase.type === 'lost') {
      await store.close().catch(() => {})
      return
    }
    if (!this.#isClosed) {
      // Before anything is recorded: a document may replace the list of updates only if it contains
      // it.
      this.#options.dispatch({ type: 'device-loaded', kept: document })
      this.#begin(store, document.updates.length)
      return
    }
    // Changes from before the close are still written, and then `close` closes the store. None of
    // them may replace the stored list, because the document does not contain it.
    this.#begin(store, 'not-in-document')
  }

  #openInTime(): Promise<Opened> {
    const { persistence, key, clock } = this.#options
    return new Promise((resolve, reject) => {
      let isLate = false
      const cancel = clock.after(persistence.openWithinMs ?? OPEN_WITHIN_MS, () => {
        isLate = true
        reject(new Error('the store did not open in time'))
      })
      const open = async () => {
        const store = await persistence.open(key, (cause) => this.#lost(cause))
        try {
          const document = await store.load()
          if (!isLate) return resolve({ store, document })
        } catch (error) {
          reject(error)
        }
        await store.close()
      }
      open()
        .catch(reject)
        .finally(() => cancel())
    })
  }

  #begin(store: CheckedStore, loaded: number | 'not-in-document'): void {
    const { encodeDoc, dispatch } = this.#options
    const waiting = this.#phase.type === 'loading' ? this.#phase.waiting : []
    const recorder = new Recorder({
      store,
      loaded,
      encodeDoc,
      onStored: (stored) => dispatch({ type: 'device-stored', stored }),
      onLost: (cause) => this.#lost(cause),
    })
    this.#phase = { type: 'open', store, recorder }
    for (const change of waiting) recorder.record(change)
    dispatch({ type: 'device-stored', stored: recorder.stored })
  }

  #record(change: DeviceChange): void {
    if (this.#phase.type === 'loading') this.#phase.waiting.push(change)
    else if (this.#phase.type === 'open') this.#phase.recorder.record(change)
  }

  /** Asks for unsent edits of pages that are gone by now; from then on this page sends them. */
  async #takeOver(): Promise<void> {
    this.#options.dispatch({ type: 'taken-over', stored: await this.#left() })
  }

  async #left(): Promise<StoredEdits> {
    // Edits that cannot be adopted now remain for the next page that loads.
    const nothing = { batches: [], ofOthers: [] }
    const phase = this.#phase
    if (this.#isClosed || phase.type !== 'open') return nothing
    try {
      const { damage, ...left } = await phase.store.takeOver()
      if (damage.length > 0) {
        // The next page looks for the unreadable edits among the updates that it loads.
        phase.recorder.record({ type: 'resume', point: null })
        this.#options.dispatch({ type: 'device-damaged', damage })
      }
      return left
    } catch {
      return nothing
    }
  }

  #lost(cause: unknown): void {
    const phase = this.#phase
    if (phase.type === 'lost') return
    if (phase.type === 'open') phase.recorder.lose()
    this.#phase = { type: 'lost', recorder: phase.type === 'open' ? phase.recorder : null }
    this.#options.dispatch({ type: 'device-lost', cause })
  }
}

type Phase =
  /** The changes since the session began, until the store has been read. */
  | { readonly type: 'loading'; readonly waiting: DeviceChange[] }
  | { readonly type: 'open'; readonly store: CheckedStore; readonly recorder: Recorder }
  | { readonly type: 'lost'; readonly recorder: Recorder | null }
