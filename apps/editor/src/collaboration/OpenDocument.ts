import { ElectricProvider, type ElectricProviderError, type ProviderStatus } from 'y-electric'
import * as Y from 'yjs'

export interface DocumentState {
  status: ProviderStatus
  /** This tab has all that the server had. */
  synced: boolean
  /** The server has all that this tab has. */
  saved: boolean
  /** This tab holds edits that the server does not. */
  hasUnsavedEdits: boolean
  /** The document was complete at least once since it was opened here. */
  loadedOnce: boolean
  error: ElectricProviderError | null
}

/** One document, its provider, and what is true of the two, in a form that React can subscribe to. */
export class OpenDocument {
  readonly doc = new Y.Doc()
  readonly provider: ElectricProvider
  readonly #listeners = new Set<() => void>()
  #editedSinceSaved = false
  #state: DocumentState

  constructor(readonly docId: string) {
    this.provider = new ElectricProvider({ url: '/api', docId, doc: this.doc })
    this.#state = this.#read(false)
    this.provider.on('status', this.#refresh)
    this.provider.on('synced', this.#refresh)
    this.provider.on('saved', this.#noteSaved)
    this.provider.on('error', this.#refresh)
    this.doc.on('update', this.#noteEdit)
  }

  readonly getState = (): DocumentState => this.#state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.provider.off('status', this.#refresh)
    this.provider.off('synced', this.#refresh)
    this.provider.off('saved', this.#noteSaved)
    this.provider.off('error', this.#refresh)
    await this.provider.destroy()
    this.doc.destroy()
  }

  // `saved` is also false before the first answer of the server; only an edit made here can be lost.
  readonly #noteEdit = (
    _update: Uint8Array,
    _origin: unknown,
    _doc: Y.Doc,
    { local }: Y.Transaction,
  ): void => {
    if (!local || this.#editedSinceSaved) return
    this.#editedSinceSaved = true
    this.#refresh()
  }

  readonly #noteSaved = (saved: boolean): void => {
    if (saved) this.#editedSinceSaved = false
    this.#refresh()
  }

  readonly #refresh = (): void => {
    this.#state = this.#read(this.#state.loadedOnce)
    for (const listener of [...this.#listeners]) listener()
  }

  #read(loadedBefore: boolean): DocumentState {
    const { status, synced, saved, error } = this.provider
    return {
      status,
      synced,
      saved,
      hasUnsavedEdits: !saved && this.#editedSinceSaved,
      loadedOnce: loadedBefore || synced,
      error,
    }
  }
}
