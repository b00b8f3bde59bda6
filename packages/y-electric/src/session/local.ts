import type { FollowPoint } from '../core/connection.ts'
import type { Batch } from '../core/outbox.ts'
import { ElectricProviderError } from '../errors.ts'
import type { LocalDocument, LocalStore, Persistence } from '../persistence/local-store.ts'
import { Recorder } from '../persistence/recorder.ts'

export interface LocalOptions {
  readonly persistence: Persistence
  /** Names the server and the document. */
  readonly key: string
  readonly encodeDoc: () => Uint8Array
  readonly onError: (error: ElectricProviderError) => void
  readonly onChange: () => void
}

/**
 * What this device keeps of the document. Until the store has been read, what happens is remembered
 * here; when the store fails, the session goes on in memory, and says so once.
 */
export class Local {
  readonly #options: LocalOptions
  #recorder: Recorder | null = null
  #waiting: ((recorder: Recorder) => void)[] | null = []
  #isStored = false
  #isClosed = false

  constructor(options: LocalOptions) {
    this.#options = options
  }

  /** All that happened is on this device. */
  get isStored(): boolean {
    return this.#isStored
  }

  /** Reads what is stored, and from then on records. Null when there is no store to be had. */
  async load(): Promise<LocalDocument | null> {
    const { persistence, key } = this.#options
    let store: LocalStore
    let document: LocalDocument
    try {
      store = await persistence.open(key)
      document = await store.load()
    } catch (cause) {
      this.#lost(cause)
      return null
    }
    if (this.#isClosed) {
      await store.close()
      return null
    }
    this.#record(store, document.updates.length)
    return document
  }

  #record(store: LocalStore, loaded: number): void {
    const { encodeDoc, onChange } = this.#options
    this.#recorder = new Recorder({
      store,
      loaded,
      encodeDoc,
      onStored: (isStored) => {
        if (this.#isStored === isStored) return
        this.#isStored = isStored
        onChange()
      },
      onLost: (cause) => this.#lost(cause),
    })
    this.#isStored = true
    for (const record of this.#waiting ?? []) record(this.#recorder)
    this.#waiting = null
  }

  edit(update: Uint8Array, batchId: string): void {
    this.#then((recorder) => recorder.edit(update, batchId))
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

  resumeAt(place: FollowPoint): void {
    this.#then((recorder) => recorder.resumeAt(place))
  }

  close(): void {
    this.#isClosed = true
    void this.#recorder?.close()
  }

  #then(record: (recorder: Recorder) => void): void {
    if (this.#recorder !== null) record(this.#recorder)
    else this.#waiting?.push(record)
  }

  #lost(cause: unknown): void {
    const { onError, onChange } = this.#options
    this.#waiting = null
    this.#isStored = false
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
