import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'
import type { CompactionPolicy } from './core/compaction.ts'
import type { ProviderFacts } from './core/ledger/facts.ts'
import type { RetryPolicy } from './core/retry.ts'
import type { ProviderStatus } from './core/status.ts'
import type { ElectricProviderError } from './errors.ts'
import type { CompactionReport } from './io/compactor.ts'
import type { HeadersSource } from './io/http.ts'
import type { LiveMode } from './io/live-mode.ts'
import type { Platform } from './io/platform.ts'
import type { Persistence } from './persistence/device-store.ts'

/** The options of a provider. */
export interface ElectricProviderOptions<A extends Awareness | null = Awareness> {
  /**
   * The address of the server's API: absolute, or relative to the page (`/api`). Every request keeps the
   * query (`/api?tenant=1`), which also distinguishes documents with the same id.
   */
  readonly url: string
  /** The id of the document; at most 200 characters. */
  readonly docId: string
  /**
   * The Y.Doc to synchronize. Its existing content is sent if the server lacks it. The first edit of a
   * Y.Doc with `gc: false` makes the document keep deleted content in every fold.
   */
  readonly doc: Y.Doc
  /** Headers for every request. A function is called for each request, and once more on 401. */
  readonly headers?: HeadersSource
  /** Replaces the global `fetch` for every request, streams included. */
  readonly fetch?: typeof fetch
  /**
   * How live changes arrive:
   * - `shared`: in one stream for all documents of this page that have the same `url`, `fetch` and
   *   credentials, so that any number of documents fits into the six connections of a browser
   * - `sse`: in a stream for each document, and one for its presence, which a CDN can share
   * - `long-poll`: by requests that the server holds
   *
   * Default: `shared` in a page or a worker of a browser, otherwise `sse`.
   */
  readonly live?: LiveMode
  /** Connect at once. Default: true. */
  readonly connect?: boolean
  /** How long to wait between tries, in milliseconds. */
  readonly retry?: Partial<RetryPolicy>
  /**
   * Largest batch that is sent, in bytes; a larger edit is sent as several batches. Default: 1 MiB,
   * as on the server.
   */
  readonly maxUpdateBytes?: number
  /**
   * Most structs (runs of text, values, elements) of a document that is applied. A larger one causes an
   * `error` event (`document_too_large`), and the status is `refused`: applying it would freeze the page.
   * Default: 1,000,000, which blocks the thread for about 3 s.
   */
  readonly maxDocumentStructs?: number
  /** When this client runs for election to compact the document; false: never. */
  readonly compaction?: false | Partial<CompactionPolicy>
  /** Keeps the document on this device: `indexeddb()` or `memory()`. Default: in memory, for this page. */
  readonly persistence?: Persistence
  /**
   * Whether the tabs of one browser share one set of streams. Default: true, where the browser
   * supports it.
   */
  readonly tabs?: boolean
  /**
   * Asks the user to confirm closing the page while edits are neither saved nor stored on this
   * device. Default: true, where there is a page. At any other time there is no such listener,
   * which would keep the page out of the back/forward cache.
   */
  readonly warnOnClose?: boolean
  /**
   * Shares presence: cursors, names, colours. Default: an awareness that is made, and shared from then on,
   * when the app or an editor first reads `provider.awareness`. Null: this client neither sends nor receives
   * presence. The local state must be plain JSON. A state that is not, or that is too large for the server,
   * causes an `error` event (`invalid_presence`, `awareness_too_large`), and the next one is sent.
   */
  readonly awareness?: A | undefined
  /**
   * The name under which the server remembers who wrote, for histories: `GET /docs/{docId}/writers`. A name that
   * `authorize` returns comes before it. Null: the server is not told who this client is. Default: `user.name` of the
   * local state of awareness, where editors keep it.
   */
  readonly userName?: string | null | undefined
  /**
   * The provider's access to its runtime: time, randomness, locks, channels, workers, page events and
   * `fetch`. For tests that simulate them; it may change in any release.
   * @internal
   */
  readonly platform?: Platform
}

/**
 * An awareness whose states may have any type, so that an editor with a type of its own for them (Lexical)
 * accepts it. It is an `Awareness` of y-protocols.
 */
export type ProviderAwareness = {
  // biome-ignore lint/suspicious/noExplicitAny: the app or its editor decides what a state is
  getLocalState(): any
  // biome-ignore lint/suspicious/noExplicitAny: as above
  getStates(): Map<number, any>
  // biome-ignore lint/suspicious/noExplicitAny: as above
  setLocalState(state: any): void
} & Awareness

/** Events, named as in y-websocket where it has them. */
export type ElectricProviderEvents = {
  /**
   * At least one fact changed; emitted once for all changes that one event caused. The other events
   * about facts follow it. `facts` is `provider.facts`.
   */
  change: (facts: ProviderFacts) => void
  status: (event: { status: ProviderStatus }) => void
  /** The client has all that the server had (true), or that is no longer known (false). */
  synced: (synced: boolean) => void
  /** The same as `synced`; bindings for y-websocket listen to this name. */
  sync: (synced: boolean) => void
  /** The server has all that is here (true), or not yet (false). */
  saved: (saved: boolean) => void
  /** Everything is stored on this device (true), or not yet (false). */
  stored: (stored: boolean) => void
  /** The server does not accept edits of this client (true), or may accept them again (false). */
  readOnly: (readOnly: boolean) => void
  /** Emitted for each failure. `provider.error` holds the error while the problem lasts. */
  error: (error: ElectricProviderError) => void
  /** This client folded rows into a snapshot row. */
  compaction: (report: CompactionReport) => void
  /** Never emitted, since the provider never replaces its Y.Doc. Lexical listens to it. */
  reload: (doc: Y.Doc) => void
  /** Never emitted; `doc` emits its own updates. The type of Lexical's providers has it. */
  update: (update: unknown) => void
  /** `destroy()` was called; no event follows. */
  destroyed: () => void
}
