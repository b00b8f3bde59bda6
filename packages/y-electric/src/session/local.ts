import type { FollowPoint } from '../core/connection.ts'
import type { Batch } from '../core/outbox.ts'
import { ElectricProviderError } from '../errors.ts'
import type { Clock } from '../io/clock.ts'
import type {
  CheckedDocument,
  CheckedPersistence,
  CheckedStore,
} from '../persistence/checked-store.ts'
import type { TakenOver } from '../persistence/local-store.ts'
import { Recorder, type Stored } from '../persistence/recorder.ts'

const NOTHING_STORED: Stored = { all: false, edits: false }

interface Opened {
  readonly store: CheckedStore
  readonly document: CheckedDocument
}

export interface LocalOptions {
  readonly persistence: CheckedPersistence
  /** Names the server and the document. */
  readonly key: string
  readonly clock: Clock
  readonly encodeDoc: () => Uint8Array
  readonly onError: (error: ElectricProviderError) => void
  readonly onChange: () => void
}

/**
 * How long opening the store may take, in milliseconds: another page that does not let go of an old
 * version of it blocks it for as long as that page lives.
 */
const LOAD_DEADLINE_MS = 5_000

/** How long closing waits for a store that does not answer, in milliseconds. */
const CLOSE_DEADLINE_MS = 5_000

/**
 * What this device keeps of the document. Until the store has been read, what happens is remembered
 * here; when the store fails, the session goes on in memory, and says so once.
 */
export class Local {
  readonly #options: LocalOptions
  #recorder: Recorder | null = null
  #waiting: ((recorder: Recorder) => void)[] | null = []
  #store: CheckedStore | null = null
  #stored: Stored = NOTHING_STORED
  #isClosed = false
  #isLost = false
  #loading: Promise<void> = Promise.resolve()

  constructor(options: LocalOptions) {
    this.#options = options
  }

  /** All that happened is on this device. */
  get isStored(): boolean {
    return this.#stored.all
  }

  /** Every edit made here is on this device. */
  get areEditsStored(): boolean {
    return this.#stored.edits
  }

  /**
   * Reads what is stored, hands it on, and from then on records. Resolves also where there is no
   * store to be had; nothing is handed on then, nor after a close.
   */
  load(onLoaded: (kept: CheckedDocument) => void): Promise<void> {
    this.#loading = this.#load(onLoaded)
    return this.#loading
  }

  async #load(onLoaded: (kept: CheckedDocument) => void): Promise<void> {
    let opened: Opened
    try {
      opened = await this.#openInTime()
    } catch (cause) {
      this.#lost(cause)
      return
    }
    const { store, document } = opened
    if (this.#isLost) {
      await store.close().catch(() => {})
      return
    }
    if (!this.#isClosed) {
      // Before anything is recorded: a document takes the place of the list only when it holds it.
      onLoaded(document)
      this.#record(store, document.updates.length)
      this.#tellDamage(document.damage)
      return
    }
    // What happened before it was closed is written all the same, and then `close` closes the store.
    this.#record(store, Number.NEGATIVE_INFINITY)
  }

  #openInTime(): Promise<Opened> {
    const { persistence, key, clock } = this.#options
    return new Promise((resolve, reject) => {
      let isLate = false
      const cancel = clock.after(LOAD_DEADLINE_MS, () => {
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

  #record(store: CheckedStore, loaded: number): void {
    const { encodeDoc, onChange } = this.#options
    this.#store = store
    this.#recorder = new Recorder({
      store,
      loaded,
      encodeDoc,
      onStored: (stored) => {
        this.#stored = stored
        onChange()
      },
      onLost: (cause) => this.#lost(cause),
    })
    this.#stored = { all: true, edits: true }
    for (const record of this.#waiting ?? []) record(this.#recorder)
    this.#waiting = null
  }

  edit(update: Uint8Array, batchId: string, madeAt?: number): void {
    this.#then((recorder) => recorder.edit(update, batchId, madeAt))
  }

  split(batchId: string, batches: readonly Batch[]): void {
    this.#then((recorder) => recorder.split(batchId, batches))
  }

  acked(batchId: string): void {
    this.#then((recorder) => recorder.acked(batchId))
  }

  row(update: Uint8Array): void {
    this.#then((recorder) => recorder.update(update))
  }

  /** The document as it is now takes the place of everything before. */
  whole(): void {
    this.#then((recorder) => recorder.whole())
  }

  /** Null: what is here is to be compared with what the server has. */
  resumeAt(place: FollowPoint | null): void {
    this.#then((recorder) => recorder.resumeAt(place))
  }

  /** Unsent edits of pages that are gone by now; from here on they are this page's to send. */
  async takeOver(): Promise<TakenOver> {
    // What cannot be taken over now is there for the next page that loads.
    const nothing = { batches: [], ofOthers: [] }
    if (this.#isLost || this.#isClosed || this.#store === null) return nothing
    try {
      const { damage, ...taken } = await this.#store.takeOver()
      // The next page looks for the unreadable edits among the updates that it loads.
      if (damage.length > 0) this.resumeAt(null)
      this.#tellDamage(damage)
      return taken
    } catch {
      return nothing
    }
  }

  /** Resolves when all that happened is stored, or the store does not answer in time. */
  close(): Promise<void> {
    this.#isClosed = true
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(CLOSE_DEADLINE_MS, resolve)
      void this.#loading
        .then(() => this.#recorder?.close())
        .finally(() => {
          cancel()
          resolve()
        })
    })
  }

  #then(record: (recorder: Recorder) => void): void {
    if (this.#recorder !== null) record(this.#recorder)
    else this.#waiting?.push(record)
  }

  #tellDamage(damage: readonly string[]): void {
    if (damage.length === 0) return
    this.#options.onError(
      new ElectricProviderError(
        'storage_damaged',
        `the store of this device lost or changed data: ${damage.join('; ')}. ` +
          'The document is read from the server, readable edits that the server lacks are sent, ' +
          'and the store is rewritten',
      ),
    )
  }

  #lost(cause: unknown): void {
    if (this.#isLost) return
    const { onError, onChange } = this.#options
    this.#isLost = true
    this.#recorder?.lose()
    this.#waiting = null
    this.#stored = NOTHING_STORED
    onError(
      new ElectricProviderError(
        'storage_failed',
        'edits are kept in memory only: the store failed',
        {
          cause,
        },
      ),
    )
    onChange()
  }
}
