import { ObservableV2 } from 'lib0/observable'
import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'
import { type CompactionPolicy, DEFAULT_COMPACTION } from './core/compaction.ts'
import { DEFAULT_RETRY, type RetryPolicy } from './core/retry.ts'
import type { ProviderStatus } from './core/status.ts'
import { ElectricProviderError } from './errors.ts'
import { systemClock } from './io/clock.ts'
import type { CompactionReport } from './io/compactor.ts'
import { createHttp, type HeadersSource } from './io/http.ts'
import type { LiveMode } from './io/shape-reader.ts'
import { absoluteUrl } from './io/url.ts'
import type { Persistence } from './persistence/local-store.ts'
import { docIdProblem, MAX_UPDATE_BYTES } from './protocol/limits.ts'
import type { SessionFacts } from './session/options.ts'
import { Session } from './session/session.ts'

/** What a provider is made with. */
export interface ElectricProviderOptions {
  /** Where the server's API is mounted: absolute, or relative to the page (`/api`). */
  readonly url: string
  /** Which document; at most 200 characters. */
  readonly docId: string
  /** The Y.Doc to keep in step. What it already holds is sent, if the server lacks it. */
  readonly doc: Y.Doc
  /** Headers for every request. A function is asked anew, and once more on 401. */
  readonly headers?: HeadersSource
  /** Replaces the global `fetch` for every request, streams included. */
  readonly fetch?: typeof fetch
  /** How live changes arrive. Default: `sse`. */
  readonly live?: LiveMode
  /** Connect at once. Default: true. */
  readonly connect?: boolean
  /** How long to wait between tries, in milliseconds. */
  readonly retry?: Partial<RetryPolicy>
  /** Largest batch that is sent, in bytes; larger edits go as several. Default: 1 MiB, as on the server. */
  readonly maxUpdateBytes?: number
  /** When this client stands for compacting the document; false: never. */
  readonly compaction?: false | Partial<CompactionPolicy>
  /** Keeps the document on this device: `indexeddb()` or `memory()`. Default: in memory, for this page. */
  readonly persistence?: Persistence
  /** Whether the tabs of one browser share one set of streams. Default: true, where they can. */
  readonly tabs?: boolean
  /** Shares who is here: cursors, names, colours. Without it nobody is told, and nobody is seen. */
  readonly awareness?: Awareness
}

/** Events, named as in y-websocket where it has them. */
export type ElectricProviderEvents = {
  status: (event: { status: ProviderStatus }) => void
  /** All that the server had is here, or no longer known to be. */
  synced: (synced: boolean) => void
  /** The same as `synced`; bindings for y-websocket listen to this name. */
  sync: (synced: boolean) => void
  /** The server has all that is here, or not yet. */
  saved: (saved: boolean) => void
  /** All that is here is on this device, or not yet. */
  stored: (stored: boolean) => void
  /** Something failed. `provider.error` holds it for as long as it stands. */
  error: (error: ElectricProviderError) => void
  /** This client folded rows into a snapshot row. */
  compaction: (report: CompactionReport) => void
  /** `destroy()` was called; nothing comes after this. */
  destroyed: () => void
}

/**
 * Keeps a Y.Doc in step with a document on the server.
 *
 * ```ts
 * const doc = new Y.Doc()
 * const provider = new ElectricProvider({ url: '/api', docId: 'notes', doc })
 * await provider.whenSynced()
 * ```
 *
 * Two truths, never mixed: `synced`, I have all that the server had; `saved`, the server has all that
 * I have, committed in its database. Everything applied from outside has this provider as its
 * transaction origin.
 * @throws {ElectricProviderError} `invalid_doc_id` or `invalid_request`, from the constructor.
 */
export class ElectricProvider extends ObservableV2<ElectricProviderEvents> {
  readonly doc: Y.Doc
  readonly docId: string
  /** The awareness that was given; null when presence is not shared. */
  readonly awareness: Awareness | null
  readonly #session: Session
  #facts: SessionFacts
  #destroyed = false

  constructor(options: ElectricProviderOptions) {
    super()
    const problem = docIdProblem(options.docId)
    if (problem !== null) throw new ElectricProviderError('invalid_doc_id', problem)
    this.doc = options.doc
    this.docId = options.docId
    this.awareness = options.awareness ?? null
    this.#session = new Session({
      baseUrl: absoluteUrl(options.url),
      docId: options.docId,
      doc: options.doc,
      origin: this,
      http: createHttp({ headers: options.headers, fetch: options.fetch, clock: systemClock }),
      clock: systemClock,
      live: options.live ?? 'sse',
      retry: { ...DEFAULT_RETRY, ...options.retry },
      maxUpdateBytes: options.maxUpdateBytes ?? MAX_UPDATE_BYTES,
      onFacts: (facts) => this.#announce(facts),
      onError: (error) => this.#emit('error', [error]),
      compaction:
        options.compaction === false ? null : { ...DEFAULT_COMPACTION, ...options.compaction },
      awareness: this.awareness,
      tabs: options.tabs ?? true,
      persistence: options.persistence ?? null,
      onCompaction: (report) => this.#emit('compaction', [report]),
    })
    this.#facts = this.#session.facts()
    this.doc.on('destroy', this.#onDocDestroy)
    if (options.connect ?? true) this.connect()
  }

  /** See `ProviderStatus`. */
  get status(): ProviderStatus {
    return this.#facts.status
  }

  /** I have all that the server had. */
  get synced(): boolean {
    return this.#facts.synced
  }

  /** The server has all that I have. */
  get saved(): boolean {
    return this.#facts.saved
  }

  /** All that is here is on this device, and survives the page. Always false without `persistence`. */
  get stored(): boolean {
    return this.#facts.stored
  }

  /** What stands in the way now: why it is offline or refused. Null when nothing does. */
  get error(): ElectricProviderError | null {
    return this.#facts.error
  }

  /** Connects. Twice is once; after a refusal it tries again, with every edit that was kept. */
  connect(): void {
    if (!this.#destroyed) this.#session.open()
  }

  /** Stops reading and sending. Edits wait here, and are sent after `connect()`. */
  disconnect(): void {
    this.#session.close()
  }

  /** Resolves when `synced` is true. @throws {ElectricProviderError} `destroyed` */
  whenSynced(): Promise<void> {
    return this.#when('synced')
  }

  /** Resolves when `saved` is true. @throws {ElectricProviderError} `destroyed` */
  whenSaved(): Promise<void> {
    return this.#when('saved')
  }

  /**
   * Lets go of everything: streams, timers, listeners. Edits that are not saved by then stay in the
   * Y.Doc alone, so wait for `whenSaved()` first where that matters.
   */
  override async destroy(): Promise<void> {
    if (this.#destroyed) return
    this.#destroyed = true
    this.doc.off('destroy', this.#onDocDestroy)
    this.#session.destroy()
    this.#emit('destroyed', [])
    super.destroy()
  }

  readonly #onDocDestroy = (): void => {
    void this.destroy()
  }

  /** Facts first, events after: whoever listens to one finds all of them already true. */
  #announce(facts: SessionFacts): void {
    const before = this.#facts
    this.#facts = facts
    if (facts.status !== before.status) this.#emit('status', [{ status: facts.status }])
    if (facts.synced !== before.synced) {
      this.#emit('synced', [facts.synced])
      this.#emit('sync', [facts.synced])
    }
    if (facts.saved !== before.saved) this.#emit('saved', [facts.saved])
    if (facts.stored !== before.stored) this.#emit('stored', [facts.stored])
  }

  /** A listener that throws is the app's bug; it must not break the provider. */
  #emit<Name extends keyof ElectricProviderEvents & string>(
    name: Name,
    args: Parameters<ElectricProviderEvents[Name]>,
  ): void {
    // One by one: `emit` of lib0 stops at the first that throws, and the others would never know.
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
    if (this.#destroyed) return Promise.reject(destroyed())
    if (this.#facts[fact]) return Promise.resolve()
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
