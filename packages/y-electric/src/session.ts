import * as Y from 'yjs'
import {
  type CompactionPolicy,
  EMPTY_TALLY,
  type Tally,
  tallyRow,
  tallySeal,
} from './core/compaction.ts'
import {
  CLOSED,
  type ConnectionCommand,
  type ConnectionEvent,
  type ConnectionState,
  connectionStep,
  type FollowPoint,
} from './core/connection.ts'
import { followMessage, type ShapeMessage } from './core/follow.ts'
import {
  type Batch,
  EMPTY_OUTBOX,
  type OutboxCommand,
  type OutboxEvent,
  type OutboxState,
  outboxStep,
  unackedUpdates,
} from './core/outbox.ts'
import { missingOnServer } from './core/reconcile.ts'
import { type RetryPolicy, retryDelay } from './core/retry.ts'
import { isSaved, type ProviderStatus, providerStatus, type Refusal } from './core/status.ts'
import { ElectricProviderError } from './errors.ts'
import { withSignal } from './io/abort.ts'
import type { Clock } from './io/clock.ts'
import { type CompactionReport, Compactor } from './io/compactor.ts'
import { type Http, isTransient } from './io/http.ts'
import { onOnline } from './io/online.ts'
import { followSegment, type LiveMode } from './io/shape-reader.ts'
import { readState } from './io/state-reader.ts'
import { sendBatch } from './io/update-sender.ts'
import { segmentPath, statePath, updatesPath } from './protocol/paths.ts'
import type { State } from './protocol/state-frames.ts'
import { mergeUpdates, splitUpdate } from './protocol/update-encoding.ts'

/** What is true of a session now. */
export interface SessionFacts {
  readonly status: ProviderStatus
  readonly synced: boolean
  readonly saved: boolean
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
  /** Client ids of everybody here; null when that is not known. */
  readonly peers: () => readonly number[] | null
  readonly onCompaction: (report: CompactionReport) => void
}

/**
 * Wires the two state machines (reading: `connection`, writing: `outbox`) to the document and to the
 * network. It decides nothing that they can decide: it tells them what happened and does what they say.
 */
export class Session {
  readonly #options: SessionOptions
  #connection: ConnectionState = CLOSED
  #outbox: OutboxState = EMPTY_OUTBOX
  #synced = false
  /** False while the document may hold something older than this session that the server lacks. */
  #reconciled: boolean
  #refusal: Refusal = null
  #readError: ElectricProviderError | null = null
  #writeError: ElectricProviderError | null = null

  /** Ends what the reading side is doing now: a read of state, a stream, a wait. */
  #endReading: () => void = () => {}
  /** Ends what the writing side is doing now: a post, a wait. */
  #endWriting: () => void = () => {}
  #flushing = false
  /** Rows of the followed segment that state brought already. */
  #seen: ReadonlySet<number> = new Set()
  /** Acked while state was being read, and so perhaps not in it. */
  #ackedMeanwhile: Uint8Array[] = []
  readonly #forgetOnline: () => void
  #tally: Tally = EMPTY_TALLY
  readonly #compactor: Compactor | null

  constructor(options: SessionOptions) {
    this.#options = options
    this.#reconciled = isBlank(options.doc)
    options.doc.on('update', this.#onUpdate)
    this.#forgetOnline = onOnline(() => this.#poke())
    this.#compactor = this.#createCompactor()
  }

  facts(): SessionFacts {
    return {
      status: providerStatus(this.#connection, this.#outbox, this.#refusal),
      synced: this.#synced,
      saved: isSaved(this.#outbox, this.#reconciled),
      error: this.#writeError ?? this.#readError,
    }
  }

  open(): void {
    if (this.#connection.phase === 'closed') this.#compactor?.start()
    this.#refusal = null
    this.#connectionEvent({ type: 'open' })
    this.#outboxEvent({ type: 'open' })
    this.#poke()
    this.#tell()
  }

  close(): void {
    this.#compactor?.stop()
    this.#endWriting()
    this.#synced = false
    this.#connectionEvent({ type: 'close' })
    this.#outboxEvent({ type: 'close' })
    this.#tell()
  }

  destroy(): void {
    this.#options.doc.off('update', this.#onUpdate)
    this.#forgetOnline()
    this.close()
  }

  #tell(): void {
    this.#options.onFacts(this.facts())
  }

  /** The network may be back: whoever waits tries now. */
  #poke(): void {
    if (this.#connection.phase === 'waiting') {
      this.#endReading()
      this.#connectionEvent({ type: 'retry' })
    }
    if (this.#outbox.phase === 'waiting') {
      this.#endWriting()
      this.#outboxEvent({ type: 'retry' })
    }
  }

  // Writing

  readonly #onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin === this.#options.origin) return
    this.#edit(update)
    this.#tell()
  }

  /** Takes an edit, and sends it at the end of this task: edits made in one go are one batch. */
  #edit(update: Uint8Array): void {
    this.#outboxEvent({ type: 'edited', update })
    if (this.#flushing) return
    this.#flushing = true
    queueMicrotask(() => {
      this.#flushing = false
      this.#outboxEvent({ type: 'flush' })
    })
  }

  #outboxEvent(event: OutboxEvent): void {
    const { state, command } = outboxStep(this.#outbox, event, this.#cutBatches)
    this.#outbox = state
    if (command !== null) this.#runOutbox(command)
  }

  readonly #cutBatches = (edits: readonly Uint8Array[]): Batch[] => {
    const { clock, maxUpdateBytes } = this.#options
    return cutUpdates(edits, maxUpdateBytes).map((update) => ({ batchId: clock.uuid(), update }))
  }

  #runOutbox(command: OutboxCommand): void {
    if (command.type === 'send') {
      const aborter = new AbortController()
      this.#endWriting = () => aborter.abort()
      void this.#send(command.batch, aborter.signal)
      return
    }
    const { clock, retry } = this.#options
    const delay = retryDelay(
      retry,
      command.failures,
      clock.random(),
      this.#writeError?.retryAfterMs,
    )
    this.#endWriting = clock.after(delay, () => {
      this.#outboxEvent({ type: 'retry' })
      this.#tell()
    })
  }

  async #send(batch: Batch, signal: AbortSignal): Promise<void> {
    const { baseUrl, docId, http } = this.#options
    const url = baseUrl + updatesPath(docId)
    const result = await withSignal(signal, (own) => sendBatch(http, url, batch, own)).catch(
      (cause: unknown) => {
        if (signal.aborted) return null
        const error = new ElectricProviderError('network', 'the write failed', { cause })
        return { type: 'failed', error } as const
      },
    )
    // A post that was given up is not answered for: its batch is still in the outbox.
    if (result === null) return
    if (result.type === 'acked') {
      this.#writeError = null
      if (this.#connection.phase === 'joining') this.#ackedMeanwhile.push(batch.update)
    } else {
      this.#writeError = result.error
      if (result.type === 'refused') this.#refusal = refusalOf(result.error)
    }
    this.#outboxEvent({ type: result.type, batchId: batch.batchId })
    if (result.type === 'acked') this.#poke()
    this.#tell()
    if (result.type !== 'acked') this.#options.onError(result.error)
  }

  // Reading

  #connectionEvent(event: ConnectionEvent): void {
    const { state, command } = connectionStep(this.#connection, event)
    this.#connection = state
    if (command === null) return
    this.#endReading()
    this.#endReading = this.#runConnection(command)
  }

  #runConnection(command: ConnectionCommand): () => void {
    switch (command.type) {
      case 'join': {
        const aborter = new AbortController()
        this.#synced = false
        this.#ackedMeanwhile = []
        void this.#join(aborter.signal)
        return () => aborter.abort()
      }
      case 'follow':
        return this.#follow(command.from)
      case 'wait': {
        const { clock, retry } = this.#options
        const asked = this.#readError?.retryAfterMs
        return clock.after(retryDelay(retry, command.failures, clock.random(), asked), () => {
          this.#connectionEvent({ type: 'retry' })
          this.#tell()
        })
      }
      case 'stop':
        return () => {}
    }
  }

  async #join(signal: AbortSignal): Promise<void> {
    const { baseUrl, docId, http } = this.#options
    const url = baseUrl + statePath(docId)
    let state: State
    try {
      state = await withSignal(signal, (own) => readState(http, url, own))
    } catch (cause) {
      if (signal.aborted) return
      const error =
        cause instanceof ElectricProviderError
          ? cause
          : new ElectricProviderError('network', 'the document could not be read', { cause })
      // Anything but a plain 4xx may pass, a captive portal's page included.
      const { status = 0 } = error
      this.#readFailed(error, status < 400 || isTransient(status), null)
      return
    }
    if (signal.aborted) return
    this.#applyState(state)
    this.#synced = true
    this.#readError = null
    this.#connectionEvent({ type: 'joined', activeSegment: state.activeSegment })
    this.#poke()
    this.#tell()
  }

  /** Rule 10, then the document as it was stored: reconciling looks at what was here before. */
  #applyState(state: State): void {
    const { doc, origin } = this.#options
    const missing = missingOnServer(doc, state, [
      ...unackedUpdates(this.#outbox),
      ...this.#ackedMeanwhile,
    ])
    this.#ackedMeanwhile = []
    this.#seen = new Set(state.rows.map(({ seq }) => seq))
    this.#tally = tallyState(state)
    const { snapshot, rows } = state
    // Not `doc.transact`: that would call what comes from outside local.
    const apply = () => {
      if (snapshot?.data) {
        const { data, seq } = snapshot
        this.#guardRow(`snapshot row ${seq}`, () => Y.applyUpdateV2(doc, data, origin))
      }
      for (const { seq, data } of rows) {
        this.#guardRow(`row ${seq}`, () => Y.applyUpdate(doc, data, origin))
      }
    }
    Y.transact(doc, apply, origin, false)
    if (missing !== null) this.#edit(missing)
    this.#reconciled = true
  }

  #follow(from: FollowPoint): () => void {
    const { baseUrl, docId, http, clock, live } = this.#options
    return followSegment({
      http,
      clock,
      live,
      from,
      url: baseUrl + segmentPath(docId, from.segment),
      onMessage: (message) => this.#onMessage(message),
      onEnd: ({ error, transient, position }) => {
        if (error.code === 'segment_folded') this.#rejoin()
        else this.#readFailed(error, transient, position)
      },
    })
  }

  #onMessage(message: ShapeMessage): void {
    const { doc, origin } = this.#options
    const action = followMessage(message, this.#seen)
    switch (action.type) {
      case 'apply':
        this.#tally = tallyRow(this.#tally, action.update.byteLength)
        this.#guardRow(`row ${action.seq}`, () => Y.applyUpdate(doc, action.update, origin))
        return
      case 'bad-row':
        this.#options.onError(new ElectricProviderError('bad_row', action.message))
        return
      case 'caught-up':
        if (this.#synced && this.#connection.phase === 'following' && this.#connection.live) return
        this.#synced = true
        this.#readError = null
        this.#connectionEvent({ type: 'caught-up' })
        this.#poke()
        this.#tell()
        return
      case 'sealed':
        this.#tally = tallySeal(this.#tally)
        this.#connectionEvent({ type: 'sealed' })
        this.#tell()
        return
      case 'rejoin':
        this.#rejoin()
        return
      case 'ignore':
    }
  }

  #rejoin(): void {
    this.#synced = false
    this.#connectionEvent({ type: 'rejoin' })
    this.#tell()
  }

  #readFailed(
    error: ElectricProviderError,
    transient: boolean,
    position: FollowPoint['position'],
  ): void {
    this.#synced = false
    this.#readError = error
    if (!transient) this.#refusal = refusalOf(error)
    this.#connectionEvent(transient ? { type: 'failed', position } : { type: 'refused' })
    this.#tell()
    this.#options.onError(error)
  }

  #createCompactor(): Compactor | null {
    const { compaction, http, clock, baseUrl, docId, doc, peers, onCompaction } = this.#options
    if (compaction === null) return null
    return new Compactor({
      http,
      clock,
      baseUrl,
      docId,
      clientId: doc.clientID,
      policy: compaction,
      gc: () => doc.gc,
      peers,
      tally: () => this.#tally,
      onFolded: (snapshotBytes) => {
        this.#tally = { ...this.#tally, snapshotBytes, isSealedWaiting: false }
      },
      onReport: onCompaction,
    })
  }

  /** Rule 7: one bad row never hides the rows after it. */
  #guardRow(what: string, apply: () => void): void {
    try {
      apply()
    } catch (cause) {
      this.#options.onError(
        new ElectricProviderError('bad_row', `${what} cannot be applied`, { cause }),
      )
    }
  }
}

function tallyState({ activeSegment, snapshot, rows }: State): Tally {
  const active = rows.filter(({ segment }) => segment === activeSegment)
  return {
    activeSegment,
    rows: active.length,
    bytes: active.reduce((sum, { data }) => sum + data.byteLength, 0),
    snapshotBytes: snapshot?.data?.byteLength ?? 0,
    isSealedWaiting: activeSegment - 1 > (snapshot?.throughSegment ?? -1),
  }
}

const refusalOf = (error: ElectricProviderError): Refusal =>
  error.status === 401 ? 'unauthenticated' : 'refused'

const isBlank = (doc: Y.Doc): boolean =>
  doc.store.clients.size === 0 && doc.store.pendingStructs === null && doc.store.pendingDs === null

/** One update of many edits, in pieces that the server takes. Whatever happens, no edit is dropped. */
function cutUpdates(edits: readonly Uint8Array[], maxBytes: number): Uint8Array[] {
  try {
    return splitUpdate(mergeUpdates(edits), maxBytes)
  } catch {
    return [Y.mergeUpdates([...edits])]
  }
}
