import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { CompactionPolicy } from '../core/compaction.ts'
import type { FollowPoint } from '../core/connection.ts'
import { missingOnServer } from '../core/reconcile.ts'
import type { RetryPolicy } from '../core/retry.ts'
import { isSaved, type ProviderStatus, providerStatus } from '../core/status.ts'
import type { ElectricProviderError } from '../errors.ts'
import type { Clock } from '../io/clock.ts'
import { type CompactionReport, Compactor } from '../io/compactor.ts'
import type { Http } from '../io/http.ts'
import { onOnline, onPageHide } from '../io/page.ts'
import { type FollowOptions, followShape, type LiveMode } from '../io/shape-reader.ts'
import type { Persistence } from '../persistence/local-store.ts'
import { segmentPath, statePath, updatesPath } from '../protocol/paths.ts'
import type { State } from '../protocol/state-frames.ts'
import { mergeUpdates } from '../protocol/update-encoding.ts'
import { canShareTabs } from '../tabs/channel.ts'
import { Tabs } from '../tabs/tabs.ts'
import { Local } from './local.ts'
import { Presence } from './presence.ts'
import { Reader } from './reader.ts'
import { Replica } from './replica.ts'
import { Writer } from './writer.ts'

/** What is true of a session now. */
export interface SessionFacts {
  readonly status: ProviderStatus
  readonly synced: boolean
  readonly saved: boolean
  /** All that is here is on this device. */
  readonly stored: boolean
  readonly error: ElectricProviderError | null
}

export interface SessionOptions {
  readonly baseUrl: string
  readonly docId: string
  readonly doc: Y.Doc
  /** The transaction origin of everything that comes from outside (rule 11). */
  readonly origin: object
  readonly http: Http
  readonly clock: Clock
  readonly live: LiveMode
  readonly retry: RetryPolicy
  readonly maxUpdateBytes: number
  readonly onFacts: (facts: SessionFacts) => void
  readonly onError: (error: ElectricProviderError) => void
  /** Null: this client never compacts. */
  readonly compaction: CompactionPolicy | null
  /** Who is here; null: nobody is told, and nobody is seen. */
  readonly awareness: Awareness | null
  /** Whether the tabs of one browser work together. */
  readonly tabs: boolean
  /** Keeps the document on this device; null: in memory only. */
  readonly persistence: Persistence | null
  readonly onCompaction: (report: CompactionReport) => void
}

/** Keeps a document in step: between the Y.Doc, a reader, a writer and a compactor. */
export class Session {
  readonly #options: SessionOptions
  readonly #replica: Replica
  readonly #reader: Reader
  readonly #writer: Writer
  readonly #compactor: Compactor | null
  readonly #local: Local | null
  readonly #tabs: Tabs | null
  /** What this device kept is being read; nothing is sent or read before. */
  #isLoading = false
  #isWanted = false
  #resume: FollowPoint | null = null
  readonly #presence: Presence | null
  /** False while the document may hold something older than this session that the server lacks. */
  #isReconciled: boolean
  /** Acked while state was being read, and so perhaps not in it. */
  #ackedMeanwhile: Uint8Array[] = []
  readonly #forgetPage: () => void

  constructor(options: SessionOptions) {
    this.#options = options
    this.#replica = new Replica(options)
    this.#isReconciled = this.#replica.isBlank
    this.#tabs = this.#createTabs()
    this.#writer = this.#createWriter()
    this.#reader = this.#createReader()
    this.#compactor = this.#createCompactor()
    this.#presence = this.#createPresence()
    this.#local = this.#createLocal()
    options.doc.on('update', this.#onUpdate)
    const forgetOnline = onOnline(() => {
      this.#reader.retryNow()
      this.#writer.retryNow()
    })
    const forgetPage = onPageHide({
      onHide: () => this.#presence?.leave(),
      onShowAgain: () => {
        if (this.#reader.connection.phase !== 'closed') this.#presence?.comeBack()
      },
    })
    this.#forgetPage = () => {
      forgetOnline()
      forgetPage()
    }
  }

  facts(): SessionFacts {
    const reader = this.#reader
    const writer = this.#writer
    return {
      status: providerStatus(reader.connection, writer.outbox, reader.refusal ?? writer.refusal),
      synced: reader.isSynced,
      saved: isSaved(writer.outbox, this.#isReconciled) && !this.#isLoading,
      stored: this.#local?.isStored ?? false,
      error: writer.error ?? reader.error,
    }
  }

  open(): void {
    this.#isWanted = true
    if (this.#isLoading) return
    if (this.#reader.connection.phase === 'closed') {
      this.#tabs?.open()
      this.#compactor?.start()
      this.#presence?.open()
    }
    this.#reader.open(this.#resume)
    this.#resume = null
    this.#reader.retryNow()
    this.#writer.open()
    this.#writer.retryNow()
    this.#tell()
  }

  close(): void {
    this.#isWanted = false
    this.#compactor?.stop()
    this.#presence?.close()
    this.#writer.close()
    this.#reader.close()
    this.#tabs?.close()
    this.#tell()
  }

  destroy(): void {
    this.#options.doc.off('update', this.#onUpdate)
    this.#presence?.destroy()
    this.#replica.destroy()
    this.#forgetPage()
    this.close()
    this.#local?.close()
  }

  #tell(): void {
    this.#options.onFacts(this.facts())
  }

  readonly #onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin === this.#options.origin) return
    this.#writer.edit(update)
    this.#tell()
  }

  #createWriter(): Writer {
    const { http, clock, retry, baseUrl, docId, maxUpdateBytes, onError } = this.#options
    return new Writer({
      http,
      clock,
      retry,
      url: baseUrl + updatesPath(docId),
      maxUpdateBytes,
      onEdit: (update, batchId) => {
        this.#local?.edit(update, batchId)
        this.#tabs?.edited(update, batchId)
      },
      onSplit: (batchId, batches) => {
        this.#local?.split(batchId, batches)
        for (const piece of batches) this.#tabs?.edited(piece.update, piece.batchId)
        this.#tabs?.settled(batchId)
      },
      onAcked: ({ batchId, update }) => {
        this.#local?.acked(batchId)
        this.#tabs?.settled(batchId)
        if (this.#reader.connection.phase === 'joining') this.#ackedMeanwhile.push(update)
        // What lets one through lets the other through.
        this.#reader.retryNow()
      },
      onError,
      onChange: () => this.#tell(),
    })
  }

  #createReader(): Reader {
    const { http, clock, retry, live, baseUrl, docId, onError } = this.#options
    return new Reader({
      http,
      clock,
      retry,
      live,
      follow: this.#follow,
      stateUrl: baseUrl + statePath(docId),
      segmentUrl: (segment) => baseUrl + segmentPath(docId, segment),
      onJoining: () => {
        this.#ackedMeanwhile = []
      },
      onState: (state) => this.#applyState(state),
      onRow: (seq, update) => this.#applyRow(`row ${seq}`, update),
      onPlace: (place) => this.#local?.resumeAt(place),
      onCaughtUp: () => this.#writer.retryNow(),
      onError,
      onChange: () => this.#tell(),
    })
  }

  #createCompactor(): Compactor | null {
    const { compaction, http, clock, baseUrl, docId, doc, awareness, onCompaction } = this.#options
    if (compaction === null) return null
    return new Compactor({
      http,
      clock,
      baseUrl,
      docId,
      clientId: doc.clientID,
      policy: compaction,
      gc: () => doc.gc,
      peers: () => knownPeers(awareness),
      tally: () => this.#reader.tally,
      onFolded: (snapshotBytes) => this.#reader.noteFolded(snapshotBytes),
      onReport: onCompaction,
    })
  }

  #createPresence(): Presence | null {
    const { awareness, ...options } = this.#options
    if (awareness === null) return null
    return new Presence({
      ...options,
      awareness,
      follow: this.#follow,
      onChanged: (update) => this.#tabs?.moved(awareness.clientID, update),
    })
  }

  #createTabs(): Tabs | null {
    const { tabs, baseUrl, docId, clock } = this.#options
    if (!tabs || !canShareTabs()) return null
    return new Tabs({
      name: `${baseUrl}/${docId}`,
      clock,
      onEdit: (update) => {
        // Who may not read any more is not shown what other tabs still may.
        if (this.#reader.connection.phase === 'stopped') return
        this.#applyRow('an edit of another tab', update)
      },
      onOrphans: (orphans) => {
        this.#writer.restore(
          orphans.map(({ batchId, updates }) => ({ batchId, update: mergeUpdates(updates) })),
        )
        this.#tell()
      },
      onAwareness: (clientId, update) => this.#presence?.hear(clientId, update),
      onLeft: (clientId) => this.#presence?.forget(clientId),
    })
  }

  /** With a stream of its own, or through the tab that leads. */
  readonly #follow = (options: FollowOptions): (() => void) =>
    this.#tabs === null ? followShape(options) : this.#tabs.follow(options)

  #createLocal(): Local | null {
    const { persistence, baseUrl, docId, doc, onError } = this.#options
    if (persistence === null) return null
    const local = new Local({
      persistence,
      key: `${baseUrl}/${docId}`,
      encodeDoc: () => Y.encodeStateAsUpdate(doc),
      onError,
      onChange: () => this.#tell(),
    })
    this.#isLoading = true
    void this.#load(local)
    return local
  }

  /** The document as this device kept it, before the network is asked. */
  async #load(local: Local): Promise<void> {
    const kept = await local.load()
    this.#isLoading = false
    if (kept !== null) {
      this.#replica.applyAll('a stored update', kept.updates)
      this.#writer.restore(kept.batches)
      // Who brought content along joins: the server may lack it, whatever was kept.
      if (this.#isReconciled) this.#resume = kept.resume
    }
    if (this.#isWanted) this.open()
    else this.#tell()
  }

  /** Rule 10, then the document as it was stored: reconciling looks at what was here before. */
  #applyState(state: State): void {
    const sending = [...this.#writer.unacked(), ...this.#ackedMeanwhile]
    const missing = missingOnServer(this.#options.doc, state, sending)
    this.#ackedMeanwhile = []
    this.#replica.applyState(state)
    this.#local?.whole()
    if (missing !== null) this.#writer.edit(missing)
    this.#isReconciled = true
  }

  #applyRow(what: string, update: Uint8Array): void {
    if (this.#replica.apply(what, update)) this.#local?.row(update)
  }
}

/** Without presence nobody knows who else stands. */
const knownPeers = (awareness: Awareness | null): readonly number[] | null =>
  awareness === null ? null : [...awareness.getStates().keys()]
