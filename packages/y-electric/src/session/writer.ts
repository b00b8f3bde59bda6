import {
  type Batch,
  EMPTY_OUTBOX,
  type OutboxCommand,
  type OutboxEvent,
  type OutboxState,
  outboxStep,
  unackedIds,
  unackedSince,
  unackedUpdates,
} from '../core/outbox.ts'
import type { RetryPolicy } from '../core/retry.ts'
import { forbidsWriting, type Refusal, refusalOfStatus } from '../core/status.ts'
import { ElectricProviderError } from '../errors.ts'
import { withSignal } from '../io/abort.ts'
import { Backoff } from '../io/backoff.ts'
import type { Clock } from '../io/clock.ts'
import type { Http } from '../io/http.ts'
import { type SendResult, sendBatch } from '../io/update-sender.ts'
import { MAX_UPDATE_STRUCTS } from '../protocol/limits.ts'
import { cutUpdates } from '../protocol/update-encoding.ts'
import type { RefusedBatch } from './options.ts'
import { Unanswered } from './unanswered.ts'

export interface BatchAck {
  readonly seq: number
  readonly isRepeat: boolean
  readonly isUnexpected: boolean
}

export interface WriterOptions {
  readonly http: Http
  readonly clock: Clock
  readonly retry: RetryPolicy
  /** Where updates are posted. */
  readonly url: () => string
  readonly maxUpdateBytes: number
  /** An edit was taken; `batchId` is the batch that it will be sent in, with others made later. */
  readonly onEdit: (edit: Required<Batch>) => void
  /** What gathered under `batchId` was too large for one batch and is sent as these. */
  readonly onSplit: (batchId: string, batches: readonly Required<Batch>[]) => void
  /** What waited under these ids is sent otherwise. */
  readonly onReplaced: (batchIds: readonly string[]) => void
  /** A batch is about to be posted, and does not change any more. */
  readonly onSending: (batch: Batch) => void
  /**
   * A batch is committed. `isRepeat`: an earlier try had stored it. `isUnexpected`: nobody here knows of
   * an earlier try, so what is stored may be another batch with the same id.
   */
  readonly onAcked: (batch: Batch, ack: BatchAck) => void
  readonly onError: (error: ElectricProviderError) => void
  /** Called when a reported fact may have changed. */
  readonly onChange: () => void
}

/** The writing side of a session: tells the outbox what happened, and does what it says. */
export class Writer {
  readonly #options: WriterOptions
  #outbox: OutboxState = EMPTY_OUTBOX
  #error: ElectricProviderError | null = null
  #isFlushing = false
  #isReadOnly = false
  #lastSavedAt: number | null = null
  #postingSince: number | null = null
  readonly #unanswered = new Unanswered()
  /** No batch is posted for the first time for now. */
  #isHeld = false
  /** The batch that waits because of that. */
  #held: Batch | null = null
  /** Ends what is under way: a post, a wait. */
  #end: () => void = () => {}

  readonly #backoff: Backoff

  constructor(options: WriterOptions) {
    this.#options = options
    this.#backoff = new Backoff(options)
  }

  get outbox(): OutboxState {
    return this.#outbox
  }

  /** Why the last try failed; null once one has worked. */
  get error(): ElectricProviderError | null {
    return this.#error
  }

  get refusal(): Refusal {
    return this.#outbox.phase === 'blocked' ? refusalOfStatus(this.#error?.status) : null
  }

  /** The batch that the server does not take; null also while it only wants to know who this is. */
  get refused(): RefusedBatch | null {
    const [batch] = this.#outbox.batches
    if (this.refusal !== 'refused' || batch === undefined || this.#error === null) return null
    return { batchId: batch.batchId, update: batch.update, error: this.#error }
  }

  /** The server said that this client may not write, and has taken nothing since. */
  get isReadOnly(): boolean {
    return this.#isReadOnly
  }

  /** When the last batch was acked. */
  get lastSavedAt(): number | null {
    return this.#lastSavedAt
  }

  /** Since when a batch is in flight; null if none is. */
  get postingSince(): number | null {
    return this.#postingSince
  }

  /** When the oldest edit without an ack was made. */
  get unackedSince(): number | null {
    return unackedSince(this.#outbox)
  }

  /**
   * Takes over what a page that is gone left in its outbox. What it had not cut yet may be too large
   * for one batch.
   */
  restore(left: readonly Batch[]): void {
    const at = this.#options.clock.now()
    const batches = left.flatMap(({ batchId, update, madeAt }) =>
      this.#cut([update], batchId, madeAt ?? at),
    )
    // The page that is gone may have sent them.
    for (const { batchId } of batches) this.#unanswered.restored(batchId)
    this.#step({ type: 'restored', batches, at })
    this.#step({ type: 'flush' })
  }

  /** This one update takes the place of everything that waits; null: nothing does. */
  replace(update: Uint8Array | null): void {
    const { clock, onEdit, onReplaced } = this.#options
    const at = unackedSince(this.#outbox) ?? clock.now()
    const replaced = unackedIds(this.#outbox)
    this.#end()
    this.#error = null
    this.#held = null
    this.#unanswered.clear()
    const batchId = clock.uuid()
    const batches = update === null ? [] : this.#cutAnew([update], batchId, at)
    this.#step({ type: 'replaced', batches, at })
    onReplaced(replaced)
    for (const batch of batches) onEdit(batch)
    this.#step({ type: 'flush' })
  }

  /** Posts nothing new until `release`; what was posted is posted again until it is answered. */
  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    const held = this.#held
    this.#isHeld = false
    this.#held = null
    if (held !== null) this.#run({ type: 'send', batch: held })
  }

  /** Resolves when the server has answered for all that was posted; null when it has. */
  settled(): Promise<void> | null {
    return this.#unanswered.settled()
  }

  unacked(): Uint8Array[] {
    return unackedUpdates(this.#outbox)
  }

  /** Who may write may have changed. */
  forgetReadOnly(): void {
    this.#isReadOnly = false
  }

  open(): void {
    this.#step({ type: 'open' })
  }

  close(): void {
    this.#end()
    this.#held = null
    this.#unanswered.endWaits()
    this.#step({ type: 'close' })
  }

  /** Takes an edit, and sends it at the end of this task: edits made in one go are one batch. */
  edit(update: Uint8Array): void {
    const { clock, onEdit } = this.#options
    const freshId = clock.uuid()
    const at = clock.now()
    this.#step({ type: 'edited', update, freshId, at })
    onEdit({ update, batchId: this.#outbox.nextBatchId ?? freshId, madeAt: at })
    if (this.#isFlushing) return
    this.#isFlushing = true
    queueMicrotask(() => {
      this.#isFlushing = false
      this.#step({ type: 'flush' })
    })
  }

  /** The server may be back: a wait may be over earlier. */
  hasten(): void {
    this.#backoff.hasten()
  }

  #step(event: OutboxEvent): void {
    const { state, command } = outboxStep(this.#outbox, event, this.#cut)
    this.#outbox = state
    if (command !== null) this.#run(command)
  }

  /**
   * Pieces get ids of their own: were one sent under the gathered id, a page that comes back after a
   * crash could cut otherwise, and be told that its other piece is stored already.
   */
  readonly #cut = (
    edits: readonly Uint8Array[],
    batchId: string,
    madeAt: number,
  ): Required<Batch>[] => {
    const batches = this.#cutAnew(edits, batchId, madeAt)
    if (batches.length > 1) this.#options.onSplit(batchId, batches)
    return batches
  }

  #cutAnew(edits: readonly Uint8Array[], batchId: string, madeAt: number): Required<Batch>[] {
    const { clock, maxUpdateBytes } = this.#options
    const updates = cutUpdates(edits, maxUpdateBytes, MAX_UPDATE_STRUCTS)
    if (updates.length === 1) return updates.map((update) => ({ batchId, update, madeAt }))
    return updates.map((update) => ({ batchId: clock.uuid(), update, madeAt }))
  }

  #run(command: OutboxCommand): void {
    if (command.type === 'send') {
      if (this.#isHeld && this.#unanswered.isEmpty) this.#held = command.batch
      else this.#start(command.batch)
      return
    }
    this.#end = this.#backoff.wait(command.failures, this.#error?.retryAfterMs, () => {
      this.#step({ type: 'retry' })
      this.#options.onChange()
    })
  }

  #start(batch: Batch): void {
    const aborter = new AbortController()
    const isFirstTry = this.#unanswered.posted(batch.batchId)
    // Before the session is told: it asks since when an answer is awaited.
    this.#postingSince = this.#options.clock.now()
    this.#end = () => {
      this.#postingSince = null
      aborter.abort()
    }
    this.#options.onSending(batch)
    void this.#send(batch, isFirstTry, aborter.signal)
  }

  async #send(batch: Batch, isFirstTry: boolean, signal: AbortSignal): Promise<void> {
    const result = await this.#post(batch, signal)
    // A post that was given up is not answered for: its batch is still in the outbox.
    if (result === null) return
    const { clock, onAcked, onChange, onError } = this.#options
    this.#postingSince = null
    this.#error = result.type === 'acked' ? null : result.error
    if (result.type === 'acked') {
      this.#lastSavedAt = clock.now()
      this.#isReadOnly = false
    } else if (forbidsWriting(result.error.status)) this.#isReadOnly = true
    if (result.type === 'acked') this.#unanswered.answered(batch.batchId)
    // Batches behind a refused batch are not sent.
    else if (result.type === 'refused') this.#unanswered.clear()
    this.#step({ type: result.type, batchId: batch.batchId })
    if (result.type === 'acked') {
      const { seq, isRepeat } = result
      onAcked(batch, { seq, isRepeat, isUnexpected: isRepeat && isFirstTry })
    }
    onChange()
    if (result.type !== 'acked') onError(result.error)
  }

  async #post(batch: Batch, signal: AbortSignal): Promise<SendResult | null> {
    const { http, url } = this.#options
    try {
      return await withSignal(signal, (own) => sendBatch(http, url(), batch, own))
    } catch (cause) {
      if (signal.aborted) return null
      const error = new ElectricProviderError('network', 'the write failed', { cause })
      return { type: 'failed', error }
    }
  }
}
