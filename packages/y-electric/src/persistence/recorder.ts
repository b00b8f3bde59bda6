import type { ResumePoint } from '../core/connection.ts'
import type { DeviceChange } from '../core/ledger/effects.ts'
import type { Stored } from '../core/ledger/state.ts'
import type { Batch } from '../core/outbox.ts'
import type { DeviceStore, DeviceStoreChange } from './device-store.ts'

/** After this many stored updates, one update replaces them. */
const UPDATES_BEFORE_WHOLE = 300

export interface RecorderOptions {
  readonly store: DeviceStore
  /**
   * How many updates the store held when it was loaded. `not-in-document`: the document does not contain
   * them, so it never replaces them.
   */
  readonly loaded: number | 'not-in-document'
  /** The whole document as one update. */
  readonly encodeDoc: () => Uint8Array
  /** Called when what was recorded becomes stored, or no longer is. */
  readonly onStored: (stored: Stored) => void
  /** The store failed: nothing is recorded any more. */
  readonly onLost: (cause: unknown) => void
}

/**
 * Records what happens to a document, in order. Everything recorded during a transaction goes into
 * the next one as a whole: content, outbox and resume point never disagree.
 */
export class Recorder {
  readonly #options: RecorderOptions
  #updates: Uint8Array[] = []
  #edits: Batch[] = []
  #settled: string[] = []
  #resume: ResumePoint | null | undefined
  /** How many updates the store holds; null if the document may not replace them. */
  #storedUpdates: number | null
  #isWholeDue = false
  #isDirty = false
  #stored: Stored = { all: true, edits: true }
  #running: Promise<void> | null = null
  #isLost = false

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#storedUpdates = options.loaded === 'not-in-document' ? null : options.loaded
  }

  /** How much of what was recorded is stored. */
  get stored(): Stored {
    return this.#stored
  }

  record(change: DeviceChange): void {
    switch (change.type) {
      case 'edit':
        this.edit(change.edit.update, change.edit.batchId, change.edit.madeAt)
        return
      case 'split':
        this.split(change.batchId, change.batches)
        return
      case 'settled':
        this.acked(change.batchId)
        return
      case 'row':
        this.update(change.update)
        return
      case 'whole':
        this.whole()
        return
      case 'resume':
        this.resumeAt(change.point)
    }
  }

  /** Content that came from outside. */
  update(update: Uint8Array): void {
    this.#updates.push(update)
    this.#note()
  }

  /** Content made here that will be sent. */
  edit(update: Uint8Array, batchId: string, madeAt?: number): void {
    this.#updates.push(update)
    this.#edits.push({ batchId, update, ...(madeAt === undefined ? {} : { madeAt }) })
    this.#note({ all: false, edits: false })
  }

  /** Edits that gathered under an id are sent as other batches. */
  split(batchId: string, batches: readonly Batch[]): void {
    this.#settled.push(batchId)
    this.#edits = this.#edits.filter((edit) => edit.batchId !== batchId)
    this.#edits.push(...batches)
    this.#note()
  }

  acked(batchId: string): void {
    this.#settled.push(batchId)
    this.#note()
  }

  /** The current document replaces everything before. */
  whole(): void {
    this.#isWholeDue = true
    this.#note()
  }

  /** Everything up to here has been recorded. */
  resumeAt(point: ResumePoint | null): void {
    this.#resume = point
    this.#note()
  }

  /** The store is gone: nothing is recorded any more. */
  lose(): void {
    this.#isLost = true
    this.#forget()
  }

  /** Writes what is left, and closes the store. */
  async close(): Promise<void> {
    while (this.#running !== null) await this.#running
    await this.#options.store.close().catch(() => {})
  }

  /** Starts storing what was just recorded; until then, this much is stored. */
  #note(stored: Stored = { all: false, edits: this.#stored.edits }): void {
    if (this.#isLost) {
      this.#forget()
      return
    }
    this.#tell(stored)
    this.#isDirty = true
    this.#running ??= this.#run()
  }

  #tell(stored: Stored): void {
    if (stored.all === this.#stored.all && stored.edits === this.#stored.edits) return
    this.#stored = stored
    this.#options.onStored(stored)
  }

  async #run(): Promise<void> {
    while (this.#isDirty && !this.#isLost) {
      // Waits for one iteration of the event loop, so that simultaneous changes are stored together.
      await Promise.resolve()
      this.#isDirty = false
      if (!(await this.#commit())) return
      const isAll = !this.#isDirty
      // Cleared before the listeners are notified: an edit made by a listener starts the next
      // run.
      if (isAll) this.#running = null
      if (!this.#isLost) this.#tell({ all: isAll, edits: this.#edits.length === 0 })
      if (isAll) return
    }
    this.#running = null
  }

  /** Resolves to false if the store failed. */
  async #commit(): Promise<boolean> {
    try {
      await this.#options.store.commit(this.#take())
      return true
    } catch (cause) {
      this.lose()
      this.#running = null
      this.#options.onLost(cause)
      return false
    }
  }

  #take(): DeviceStoreChange {
    const length = this.#storedUpdates === null ? 0 : this.#storedUpdates + this.#updates.length
    const isDue = this.#isWholeDue || length > UPDATES_BEFORE_WHOLE
    this.#isWholeDue = false
    const change: DeviceStoreChange = {
      updates: this.#updates,
      edits: this.#edits,
      settled: this.#settled,
      ...(this.#resume === undefined ? {} : { resume: this.#resume }),
      ...(isDue ? { whole: this.#options.encodeDoc() } : {}),
    }
    if (this.#storedUpdates !== null) this.#storedUpdates = isDue ? 1 : length
    this.#forget()
    return change
  }

  #forget(): void {
    this.#updates = []
    this.#edits = []
    this.#settled = []
    this.#resume = undefined
  }
}
