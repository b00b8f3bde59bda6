import { ObservableV2 } from 'lib0/observable'
import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'
import type { ProviderFacts, RefusedBatch } from './core/ledger/facts.ts'
import type { ProviderStatus } from './core/status.ts'
import { ElectricProviderError } from './errors.ts'
import { docIdProblem } from './protocol/limits.ts'
import { cutUpdates } from './protocol/update-encoding.ts'
import type {
  ElectricProviderEvents,
  ElectricProviderOptions,
  ProviderAwareness,
} from './provider-options.ts'
import { createSession } from './provider-session.ts'
import { NoSession, type ProviderSession, problemOfDoc } from './session/no-session.ts'
import { OwnAwareness } from './session/own-awareness.ts'

/**
 * Synchronizes a Y.Doc with a document on the server.
 *
 * ```ts
 * const doc = new Y.Doc()
 * const provider = new ElectricProvider({ url: '/api', docId: 'notes', doc })
 * await provider.whenSynced()
 * ```
 *
 * Two facts are kept apart: `synced`, this client has all that the server had; `saved`, the server
 * has all that this client has, committed in its database. Everything applied from outside has this
 * provider as its transaction origin.
 * @throws {ElectricProviderError} `invalid_doc_id` or `invalid_request`, from the constructor. A
 * Y.Doc of another copy of Yjs causes an `error` event (`yjs_duplicated`), and the status stays
 * `refused`.
 */
export class ElectricProvider<
  A extends Awareness | null = Awareness,
> extends ObservableV2<ElectricProviderEvents> {
  readonly doc: Y.Doc
  readonly docId: string
  readonly #awareness: OwnAwareness | null
  readonly #session: ProviderSession
  #facts: ProviderFacts
  #destroyed: Promise<void> | null = null

  constructor(options: ElectricProviderOptions<A>) {
    super()
    const problem = docIdProblem(options.docId)
    if (problem !== null) throw new ElectricProviderError('invalid_doc_id', problem)
    this.doc = options.doc
    this.docId = options.docId
    const { awareness } = options
    this.#awareness = awareness === null ? null : new OwnAwareness(options.doc, awareness ?? null)
    const docProblem = problemOfDoc(options.doc)
    this.#session =
      docProblem !== null
        ? new NoSession(docProblem)
        : createSession(options, this.#awareness, {
            origin: this,
            onFacts: (facts) => this.#announce(facts),
            onError: (error) => this.#emit('error', [error]),
            onCompaction: (report) => this.#emit('compaction', [report]),
          })
    this.#facts = this.#session.facts()
    this.doc.on('destroy', this.#onDocDestroy)
    if (docProblem !== null) this.#report(docProblem)
    else if (options.connect ?? true) this.connect()
  }

  /** Logs a mistake in the app on the console, because a page may not listen to errors. */
  #report(error: ElectricProviderError): void {
    console.error(`y-electric: ${error.message}`)
    queueMicrotask(() => this.#emit('error', [error]))
  }

  /**
   * The presence of this client and of others: the awareness passed as an option, or one that is made here at the first read. From then
   * on this client shares its presence and sees that of others. Null if the option is null.
   *
   * ```ts
   * provider.awareness.setLocalStateField('user', { name: 'Quiet Heron', color: '#2b6cb0' })
   * ```
   */
  get awareness(): A extends null ? null : ProviderAwareness {
    const awareness = this.#awareness?.demand() ?? null
    return awareness as A extends null ? null : ProviderAwareness
  }

  /**
   * All facts of the provider as one frozen object. It is the same object until a fact changes, and
   * the `change` event reports each change, so it fits `useSyncExternalStore` of React:
   *
   * ```ts
   * const facts = useSyncExternalStore(
   *   (listener) => {
   *     provider.on('change', listener)
   *     return () => provider.off('change', listener)
   *   },
   *   () => provider.facts,
   * )
   * ```
   */
  get facts(): ProviderFacts {
    return this.#facts
  }

  /** See `ProviderStatus`. */
  get status(): ProviderStatus {
    return this.#facts.status
  }

  /** True if this client has all that the server had. */
  get synced(): boolean {
    return this.#facts.synced
  }

  /** True if the server has all that this client has. */
  get saved(): boolean {
    return this.#facts.saved
  }

  /**
   * When the oldest edit that is not saved was made, in milliseconds since the epoch; null if all
   * is saved. Edits of an earlier page keep their time. Content that the document held before this
   * provider counts from when the provider found it. While `persistence` is still being read,
   * `saved` is false, and this is null unless somebody edits.
   */
  get unsavedSince(): number | null {
    return this.#facts.unsavedSince
  }

  /** When the server last confirmed an edit of this provider, in milliseconds since the epoch; null before. */
  get lastSavedAt(): number | null {
    return this.#facts.lastSavedAt
  }

  /**
   * The server answered (403) that this client may not write. Edits are kept but not sent, and
   * edits of others still arrive. False again once the server accepts a write, or after
   * `reconnect()`.
   */
  get readOnly(): boolean {
    return this.#facts.readOnly
  }

  /**
   * The edits that the server does not accept (400, 403, 413); null if there are none. Later edits
   * wait behind them, because nobody could show them without these. To continue: call `reconnect()`
   * if the server may accept them by now, or change the document and call `resend()`.
   */
  get refusedBatch(): RefusedBatch | null {
    return this.#facts.refusedBatch
  }

  /**
   * True if everything is stored on this device, and survives the page. Always false without
   * `persistence`.
   */
  get stored(): boolean {
    return this.#facts.stored
  }

  /** The current problem: why the provider is offline or refused. Null if there is none. */
  get error(): ElectricProviderError | null {
    return this.#facts.error
  }

  /**
   * Connects. Calling it twice has no further effect; after a refusal it tries again, with every
   * kept edit.
   */
  connect(): void {
    if (this.#destroyed === null) this.#session.open()
  }

  /**
   * Connects again, for example after signing in: calls `headers` again, tries again everything
   * that was refused, and keeps every edit. After `disconnect()` it is the same as `connect()`.
   */
  reconnect(): void {
    if (this.#destroyed === null) this.#session.reconnect()
  }

  /**
   * Replaces the refused batch and those behind it by new edits: what the document holds now and
   * the server lacks. Undo or delete what was too large, then call this. Nothing that the document
   * shows is dropped; edits that are still too large are refused again. Does nothing if no batch is
   * refused.
   */
  resend(): void {
    if (this.#destroyed === null) this.#session.resend()
  }

  /**
   * All edits that this provider has made and the server has not confirmed, as one Yjs v1 update;
   * null if there are none. It builds on what the server has: for a complete copy use
   * `Y.encodeStateAsUpdate(provider.doc)`.
   */
  unsavedUpdate(): Uint8Array | null {
    const [update] = cutUpdates(this.#session.unacked(), Number.POSITIVE_INFINITY)
    return this.#session.unacked().length === 0 ? null : (update ?? null)
  }

  /** Stops reading and sending. Edits are kept, and are sent after `connect()`. */
  disconnect(): void {
    this.#session.close()
  }

  /** Resolves when `synced` is true. @throws {ElectricProviderError} `destroyed`, `yjs_duplicated` */
  whenSynced(): Promise<void> {
    return this.#when('synced')
  }

  /** Resolves when `saved` is true. @throws {ElectricProviderError} `destroyed`, `yjs_duplicated` */
  whenSaved(): Promise<void> {
    return this.#when('saved')
  }

  /**
   * Releases everything at once: streams, timers, listeners. Resolves when what happened before is
   * stored on this device, if there is `persistence`. Edits that are neither saved nor stored by
   * then remain only in the Y.Doc, so wait for `whenSaved()` first if that matters.
   */
  override destroy(): Promise<void> {
    this.#destroyed ??= this.#destroy()
    return this.#destroyed
  }

  async #destroy(): Promise<void> {
    this.doc.off('destroy', this.#onDocDestroy)
    const isStored = this.#session.destroy()
    this.#awareness?.destroy()
    this.#emit('destroyed', [])
    super.destroy()
    await isStored
  }

  readonly #onDocDestroy = (): void => {
    void this.destroy()
  }

  /**
   * Changes all facts before it emits events: a listener of any of them finds all of them true
   * already.
   */
  #announce(facts: ProviderFacts): void {
    const before = this.#facts
    this.#facts = facts
    this.#emit('change', [facts])
    if (facts.status !== before.status) this.#emit('status', [{ status: facts.status }])
    if (facts.synced !== before.synced) {
      this.#emit('synced', [facts.synced])
      this.#emit('sync', [facts.synced])
    }
    if (facts.saved !== before.saved) this.#emit('saved', [facts.saved])
    if (facts.stored !== before.stored) this.#emit('stored', [facts.stored])
    if (facts.readOnly !== before.readOnly) this.#emit('readOnly', [facts.readOnly])
  }

  /** A throwing listener is a bug of the app; it must not break the provider. */
  #emit<Name extends keyof ElectricProviderEvents & string>(
    name: Name,
    args: Parameters<ElectricProviderEvents[Name]>,
  ): void {
    // One by one: `emit` of lib0 stops at the first listener that throws, and the others would not
    // be called.
    for (const listener of [...(this._observers.get(name) ?? [])]) {
      try {
        listener(...args)
      } catch (error) {
        console.error(`y-electric: a listener of "${name}" threw`, error)
      }
    }
  }

  #when(fact: 'synced' | 'saved'): Promise<void> {
    const destroyed = () => new ElectricProviderError('destroyed', 'the provider was destroyed')
    if (this.#destroyed !== null) return Promise.reject(destroyed())
    if (this.#facts[fact]) return Promise.resolve()
    if (this.#session instanceof NoSession) return Promise.reject(this.#facts.error)
    return new Promise((resolve, reject) => {
      const listen = (isTrue: boolean) => {
        if (isTrue) settle(resolve)
      }
      const onDestroyed = () => settle(() => reject(destroyed()))
      const settle = (end: () => void) => {
        this.off(fact, listen)
        this.off('destroyed', onDestroyed)
        end()
      }
      this.on(fact, listen)
      this.on('destroyed', onDestroyed)
    })
  }
}
