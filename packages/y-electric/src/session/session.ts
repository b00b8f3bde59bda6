import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { FollowPoint } from '../core/connection.ts'
import { missingOnServer } from '../core/reconcile.ts'
import { isSaved, providerStatus } from '../core/status.ts'
import { Compactor } from '../io/compactor.ts'
import { onOnline, onPageHide } from '../io/page.ts'
import { type FollowOptions, followShape } from '../io/shape-reader.ts'
import { segmentPath, statePath, updatesPath } from '../protocol/paths.ts'
import type { State } from '../protocol/state-frames.ts'
import { mergeUpdates } from '../protocol/update-encoding.ts'
import { canShareTabs } from '../tabs/channel.ts'
import { Tabs } from '../tabs/tabs.ts'
import { Local } from './local.ts'
import type { SessionFacts, SessionOptions } from './options.ts'
import { Presence } from './presence.ts'
import { Reader } from './reader.ts'
import { Replica } from './replica.ts'
import { Writer } from './writer.ts'

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
      saved:
        isSaved(writer.outbox, this.#isReconciled) &&
        !this.#isLoading &&
        this.#unsentByTabs().length === 0,
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
    }
    this.#presence?.open()
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

  readonly #onUpdate = (
    update: Uint8Array,
    origin: unknown,
    _doc: Y.Doc,
    { local }: Y.Transaction,
  ): void => {
    if (origin === this.#options.origin) return
    if (local || !this.#willJoin) this.#writer.edit(update)
    else {
      // Another keeper of the document (y-indexeddb, say) loads it: most of it the server has, and
      // joining tells what it lacks.
      this.#isReconciled = false
      this.#resume = null
      this.#local?.row(update)
      this.#local?.resumeAt(null)
    }
    this.#tell()
  }

  /** State is read, and what is here compared with it, before anything else. */
  get #willJoin(): boolean {
    const { connection } = this.#reader
    if (connection.phase === 'waiting') return connection.resumeFrom === null
    return connection.phase !== 'following'
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
      onChange: () => this.#tell(),
      onAwareness: (clientId, update) => this.#presence?.hear(clientId, update),
      onLeft: (clientId) => this.#presence?.forget(clientId),
    })
  }

  /** With a stream of its own, or through the tab that leads. */
  readonly #follow = (options: FollowOptions): (() => void) =>
    this.#tabs === null ? followShape(options) : this.#tabs.follow(options)

  #createLocal(): Local | null {
    const { persistence, clock, baseUrl, docId, doc, onError } = this.#options
    if (persistence === null) return null
    const local = new Local({
      persistence,
      key: `${baseUrl}/${docId}`,
      clock,
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
    await local.load((kept) => {
      this.#replica.applyAll('a stored update', kept.updates)
      this.#writer.restore(kept.batches)
      if (this.#isReconciled) {
        // What another page may not get to send is compared with what the server has, and so is
        // what was kept without a place.
        this.#resume = kept.hasUnsentOfOthers ? null : kept.resume
        this.#isReconciled = this.#resume !== null || kept.updates.length === 0
      } else {
        // Who brought content along joins, now or on the next page: the server may lack it.
        local.whole()
        local.resumeAt(null)
      }
    })
    this.#isLoading = false
    if (this.#isWanted) this.open()
    else this.#tell()
  }

  /** Rule 10, then the document as it was stored: reconciling looks at what was here before. */
  #applyState(state: State): void {
    const sending = [...this.#writer.unacked(), ...this.#ackedMeanwhile, ...this.#unsentByTabs()]
    const missing = missingOnServer(this.#options.doc, state, sending)
    this.#ackedMeanwhile = []
    this.#replica.applyState(state)
    this.#local?.whole()
    if (missing !== null) this.#writer.edit(missing)
    this.#isReconciled = true
  }

  #unsentByTabs(): Uint8Array[] {
    return this.#tabs?.unsent() ?? []
  }

  #applyRow(what: string, update: Uint8Array): void {
    if (this.#replica.apply(what, update)) this.#local?.row(update)
  }
}

/** Without presence nobody knows who else stands. */
const knownPeers = (awareness: Awareness | null): readonly number[] | null =>
  awareness === null ? null : [...awareness.getStates().keys()]
