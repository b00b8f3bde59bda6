import { ElectricProvider, type ElectricProviderError, indexeddb } from 'y-electric'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { Person } from '../people/person.ts'
import { type DocumentState, isSameState } from './DocumentState.ts'

/** One document, its provider, and its state in a form that React can subscribe to. */
export class OpenDocument {
  readonly doc = new Y.Doc()
  readonly awareness = new Awareness(this.doc)
  readonly provider: ElectricProvider
  readonly #listeners = new Set<() => void>()
  /** True while the content stored on this device is being read. */
  #isOpening = true
  #state: DocumentState

  /** @param person the person shown to others; null shows nobody that the document is open here */
  constructor(
    readonly docId: string,
    person: Person | null,
  ) {
    this.showPerson(person)
    this.provider = new ElectricProvider({
      url: '/api',
      docId,
      doc: this.doc,
      awareness: this.awareness,
      persistence: indexeddb(),
      // A reader does not change the document's rows.
      ...(person === null ? { compaction: false } : {}),
    })
    this.#state = this.#read()
    this.provider.on('status', this.#noteFact)
    this.provider.on('synced', this.#noteFact)
    this.provider.on('saved', this.#noteFact)
    this.provider.on('stored', this.#noteFact)
    this.provider.on('readOnly', this.#noteFact)
    this.provider.on('error', this.#noteError)
    this.doc.on('update', this.#noteEdit)
  }

  readonly getState = (): DocumentState => this.#state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The name that others see; null while they see nobody. */
  get personName(): string | null {
    return this.awareness.getLocalState()?.user?.name ?? null
  }

  showPerson(person: Person | null): void {
    if (person === null) this.awareness.setLocalState(null)
    else this.awareness.setLocalState({ ...this.awareness.getLocalState(), user: { ...person } })
  }

  readonly goOffline = (): void => {
    this.provider.disconnect()
    this.#set({ isOffByChoice: true })
  }

  /**
   * Reconnects; after a refusal this also tries again, since the person may have signed in. A batch
   * that was refused because of its content is recreated from the document, because the person may
   * have removed what was too large.
   */
  readonly goOnline = (): void => {
    this.#set({ isOffByChoice: false })
    const { refusedBatch, readOnly } = this.provider
    if (refusedBatch !== null && !readOnly) this.provider.resend()
    else this.provider.reconnect()
  }

  async close(): Promise<void> {
    this.provider.off('status', this.#noteFact)
    this.provider.off('synced', this.#noteFact)
    this.provider.off('saved', this.#noteFact)
    this.provider.off('stored', this.#noteFact)
    this.provider.off('readOnly', this.#noteFact)
    this.provider.off('error', this.#noteError)
    await this.provider.destroy()
    // This also destroys the awareness.
    this.doc.destroy()
  }

  readonly #noteFact = (): void => {
    const hasCopy = this.#isOpening ? this.doc.store.clients.size > 0 : this.#state.hasCopy
    this.#isOpening = false
    this.#set({ hasCopy })
  }

  readonly #noteError = (error: ElectricProviderError): void => {
    this.#set(error.code === 'storage_failed' ? { hasStorageFailed: true } : {})
  }

  // No event reports edits made while the document is opening, although only they are known to be
  // unsaved.
  readonly #noteEdit = (
    _update: Uint8Array,
    _origin: unknown,
    _doc: Y.Doc,
    { local }: Y.Transaction,
  ): void => {
    if (local && this.#isOpening) this.#set({})
  }

  #set(change: Partial<DocumentState>): void {
    const next = { ...this.#read(this.#state), ...change }
    if (isSameState(next, this.#state)) return
    this.#state = next
    for (const listener of [...this.#listeners]) listener()
  }

  #read(before?: DocumentState): DocumentState {
    const { status, synced, saved, stored, error, readOnly } = this.provider
    const { unsavedSince, lastSavedAt } = this.provider
    const mayNotOpen = status === 'refused' && error?.code === 'forbidden'
    // A retry alone does not prove that access was granted.
    const isStillForbidden = (before?.isForbidden ?? false) && !(status === 'connected' && saved)
    return {
      status,
      synced,
      saved,
      stored,
      hasUnsavedEdits: unsavedSince !== null,
      unsavedSince,
      lastSavedAt,
      loadedOnce: (before?.loadedOnce ?? false) || synced,
      hasCopy: before?.hasCopy ?? false,
      isOffByChoice: before?.isOffByChoice ?? false,
      isForbidden: readOnly || mayNotOpen || isStillForbidden,
      hasStorageFailed: before?.hasStorageFailed ?? false,
      error,
    }
  }
}
