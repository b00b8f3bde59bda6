import * as Y from 'yjs'
import type { ProviderFacts } from '../core/ledger/facts.ts'
import type { ProviderStatus } from '../core/status.ts'
import { ElectricProviderError } from '../errors.ts'
import { systemClock } from '../io/clock.ts'
import { ElectricProvider } from '../provider.ts'
import type { ProviderAwareness } from '../provider-options.ts'
import { type Connection, isServer, newestHeaders } from './connection.ts'
import { CLOSE_AFTER_MS, MOUNT_WITHIN_MS } from './options.ts'
import { PresenceStore } from './presence.ts'
import { Listeners, type Store } from './store.ts'
import { VersionsStore } from './versions.ts'

/** An open document, shared by all components that use it: the same object until it is closed. */
export interface DocumentHandle {
  readonly docId: string
  readonly doc: Y.Doc
  /** Connects when the first component is mounted. Do not destroy it: it ends with the last component. */
  readonly provider: ElectricProvider
  /** `provider.awareness`. */
  readonly awareness: ProviderAwareness
}

/** The facts of a document that no component has mounted yet, and on a server that renders pages. */
export const OPENING: ProviderFacts = Object.freeze({
  status: 'connecting',
  synced: false,
  saved: true,
  unsavedSince: null,
  lastSavedAt: null,
  stored: false,
  readOnly: false,
  refusedBatch: null,
  error: null,
})

/** The address of the provider on a server that renders pages, where nothing connects. */
const NOWHERE = 'http://localhost'

/**
 * The life of a shared document:
 *
 * - `idle`: no component has asked for its content, so nothing is connected
 * - `open`: connected; a component uses it, or may soon
 * - `given-up`: connected, and a component showed an error instead of the document
 * - `stranded`: no component uses it, and it is closed once its edits are saved
 * - `closed`: for good
 */
type Phase = 'idle' | 'open' | 'given-up' | 'stranded' | 'closed'

/** Whether there is content to show. A document that was shown stays `shown`. */
type Readiness =
  | { readonly type: 'unknown' }
  | { readonly type: 'awaited'; readonly promise: Promise<void> }
  | { readonly type: 'shown' }

/**
 * One document and its provider, with the number of components that use it. It is closed soon after the last
 * one has gone, but not before its edits are saved.
 */
export class SharedDocument implements DocumentHandle {
  readonly docId: string
  readonly doc: Y.Doc
  readonly facts: Store<ProviderFacts>
  readonly presence: PresenceStore
  readonly versions: VersionsStore
  readonly #connection: Connection
  readonly #onClosed: () => void
  readonly #ended = new Listeners()
  #provider: ElectricProvider | null = null
  #users = 0
  #phase: Phase = 'idle'
  #readiness: Readiness = { type: 'unknown' }
  /** Cancels the close that is due, or that waits for edits to be saved. */
  #cancelClose: () => void = () => {}

  constructor(connection: Connection, docId: string, onClosed: () => void) {
    const { createDoc = () => new Y.Doc() } = connection.options
    this.docId = docId
    this.doc = createDoc(docId)
    this.#connection = connection
    this.#onClosed = onClosed
    this.facts = { get: this.#getFacts, subscribe: this.#subscribe }
    this.presence = new PresenceStore(() => this.awareness)
    this.versions = new VersionsStore(connection, docId)
  }

  get provider(): ElectricProvider {
    if (this.#provider === null) {
      const { persistence, ...options } = this.#connection.options
      this.#provider = new ElectricProvider({
        ...options,
        ...(persistence !== undefined && !isServer() && { persistence }),
        url: isServer() ? NOWHERE : options.url,
        headers: newestHeaders(this.#connection),
        docId: this.docId,
        doc: this.doc,
        connect: false,
      })
    }
    return this.#provider
  }

  get awareness(): ProviderAwareness {
    return this.provider.awareness
  }

  /** True if the document was closed before the component that asked for it was mounted: ask again. */
  get isClosed(): boolean {
    return this.#phase === 'closed'
  }

  /**
   * A component is mounted and uses the document: connects.
   * @returns a function to call when it is unmounted; further calls have no effect
   */
  hold(): () => void {
    if (this.isClosed || isServer()) return () => {}
    this.#cancelClose()
    this.#users += 1
    this.#connect()
    this.#phase = 'open'
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#users -= 1
      const { closeAfterMs = CLOSE_AFTER_MS } = this.#connection.options
      this.#closeUnlessUsed(this.#phase === 'given-up' ? 0 : closeAfterMs)
    }
  }

  /** A component is being rendered, and may be mounted soon. */
  expectUser(): void {
    if (this.#phase === 'stranded') {
      this.#tryAgain()
      this.#phase = 'open'
    }
    this.#closeUnlessUsed(this.#connection.options.mountWithinMs ?? MOUNT_WITHIN_MS)
  }

  /**
   * Resolves when the document has content to show, cannot get it, or is closed: look again then. Connects, since a
   * component that waits is not mounted. Null: look now. A document that was shown stays ready.
   */
  whenReady(): Promise<void> | null {
    if (this.isClosed) return null
    this.#connect()
    if (this.#isSettled()) return null
    if (this.#readiness.type === 'awaited') return this.#readiness.promise
    const promise = new Promise<void>((resolve) => {
      const look = (): void => {
        if (!this.#isSettled() && !this.isClosed) return
        if (this.#readiness.type === 'awaited') this.#readiness = { type: 'unknown' }
        stop()
        forget()
        resolve()
      }
      const stop = this.#subscribe(look)
      const forget = this.#ended.add(look)
    })
    this.#readiness = { type: 'awaited', promise }
    return promise
  }

  /** True if the document can be shown, or cannot be read until the app acts. */
  #isSettled(): boolean {
    const { facts } = this.provider
    if (isReady(facts)) this.#readiness = { type: 'shown' }
    return this.#readiness.type === 'shown' || fatalError(facts) !== null
  }

  /** A component shows an error instead of the document: the next one that asks begins anew. */
  giveUp(): void {
    if (this.#phase === 'open') this.#phase = 'given-up'
    this.#closeUnlessUsed(0)
  }

  #connect(): void {
    if (this.#phase !== 'idle') return
    this.provider.connect()
    this.#phase = 'open'
  }

  /** A component that asks for the document again after a refusal wants another try. */
  #tryAgain(): void {
    if (fatalError(this.provider.facts) !== null) this.provider.reconnect()
  }

  #closeUnlessUsed(ms: number): void {
    if (this.#users > 0 || this.isClosed || isServer()) return
    this.#cancelClose()
    this.#cancelClose = systemClock.after(ms, () => this.#closeWhenSaved())
  }

  /** Waits as long as an edit is not saved. A component that comes back finds it here. */
  #closeWhenSaved(): void {
    const isDone = () => this.#phase === 'idle' || !hasUnsaved(this.provider.facts)
    if (isDone()) {
      void this.#close()
      return
    }
    this.#phase = 'stranded'
    this.#cancelClose = this.#subscribe(() => {
      if (isDone()) this.#closeUnlessUsed(0)
    })
  }

  async #close(): Promise<void> {
    this.#phase = 'closed'
    this.#onClosed()
    this.#ended.tell()
    await this.#provider?.destroy()
    this.doc.destroy()
  }

  readonly #getFacts = (): ProviderFacts =>
    this.#phase === 'idle' ? OPENING : (this.#provider?.facts ?? OPENING)

  readonly #subscribe = (listener: () => void): (() => void) => {
    if (isServer()) return () => {}
    const { provider } = this
    const own = (): void => listener()
    provider.on('change', own)
    return () => provider.off('change', own)
  }
}

/** True if the provider knows of edits that are not saved. */
const hasUnsaved = ({ saved, unsavedSince }: ProviderFacts): boolean =>
  !saved && unsavedSince !== null

/** True if the document can be shown: it is what the server had, or what this device has while offline. */
export const isReady = ({ synced, stored, status }: ProviderFacts): boolean =>
  synced || (stored && status === 'offline')

/** Whether the document is not read in this status until the app acts. The compiler requires every status. */
const IS_STOPPED: Readonly<Record<ProviderStatus, boolean>> = {
  connecting: false,
  connected: false,
  offline: false,
  refused: true,
  'auth-failed': true,
  closed: false,
}

/**
 * The error of a document that cannot be read until the app acts. Edits that the server does not accept are no
 * such error: the document stays on the screen, with `readOnly` or `refusedBatch`.
 */
export function fatalError(facts: ProviderFacts): ElectricProviderError | null {
  return IS_STOPPED[facts.status] && !facts.readOnly && facts.refusedBatch === null
    ? facts.error
    : null
}

/** @throws {ElectricProviderError} `invalid_request`, if the app made the object itself */
export function sharedDocument(handle: DocumentHandle): SharedDocument {
  if (handle instanceof SharedDocument) return handle
  throw new ElectricProviderError(
    'invalid_request',
    'this is no document of `useDocument`: pass what that returned',
  )
}
