import { ElectricProvider, type ElectricProviderError, indexeddb } from 'y-electric'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { Person } from '../people/person.ts'
import { type DocumentState, isSameState } from './DocumentState.ts'

/** One document, its provider, and what is true of the two, in a form that React can subscribe to. */
export class OpenDocument {
  readonly doc = new Y.Doc()
  readonly awareness = new Awareness(this.doc)
  readonly provider: ElectricProvider
  readonly #listeners = new Set<() => void>()
  /** What this device kept is still being read. */
  #isOpening = true
  #state: DocumentState

  /** @param person whom others see; null: nobody is told that the document is open here. */
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
      // Who only reads leaves the document's rows as they are.
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

  showPerson(person: Person | null): void {
    if (person === null) this.awareness.setLocalState(null)
    else this.awareness.setLocalState({ ...this.awareness.getLocalState(), user: { ...person } })
  }

  readonly goOffline = (): void => {
    this.provider.disconnect()
    this.#set({ isOffByChoice: true })
  }

  /**
   * Also the second try after a refusal, as whoever has signed in by now. What was refused for what it
   * is, is made anew from the document: the person may have taken out what was too large.
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
    // Takes the awareness along.
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

  // While opening nothing is known to be unsaved but for what is typed meanwhile, and no event tells so.
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
    // A second try is not yet a yes.
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
