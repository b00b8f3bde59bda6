import {
  type Batch,
  EMPTY_OUTBOX,
  type OutboxCommand,
  type OutboxEvent,
  type OutboxState,
  outboxStep,
  unackedUpdates,
} from '../core/outbox.ts'
import { type RetryPolicy, retryDelay } from '../core/retry.ts'
import { type Refusal, refusalOfStatus } from '../core/status.ts'
import { ElectricProviderError } from '../errors.ts'
import { withSignal } from '../io/abort.ts'
import type { Clock } from '../io/clock.ts'
import type { Http } from '../io/http.ts'
import { type SendResult, sendBatch } from '../io/update-sender.ts'
import { cutUpdates } from '../protocol/update-encoding.ts'

export interface WriterOptions {
  readonly http: Http
  readonly clock: Clock
  readonly retry: RetryPolicy
  /** Where updates are posted. */
  readonly url: string
  readonly maxUpdateBytes: number
  /** An edit was taken; `batchId` is the batch that it will be sent in. */
  readonly onEdit: (update: Uint8Array, batchId: string) => void
  /** What gathered under `batchId` was too large for one batch and is sent as these. */
  readonly onSplit: (batchId: string, batches: readonly Batch[]) => void
  /** A batch is committed. */
  readonly onAcked: (batch: Batch) => void
  readonly onError: (error: ElectricProviderError) => void
  /** Something that is told of may have changed. */
  readonly onChange: () => void
}

/** The writing side of a session: tells the outbox what happened, and does what it says. */
export class Writer {
  readonly #options: WriterOptions
  #outbox: OutboxState = EMPTY_OUTBOX
  #error: ElectricProviderError | null = null
  #isFlushing = false
  /** Ends what is under way: a post, a wait. */
  #end: () => void = () => {}

  constructor(options: WriterOptions) {
    this.#options = options
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

  /**
   * Takes over what a page that is gone left in its outbox. What it had not cut yet may be too large
   * for one batch.
   */
  restore(left: readonly Batch[]): void {
    const batches = left.flatMap(({ batchId, update }) => this.#cut([update], batchId))
    this.#step({ type: 'restored', batches })
    this.#step({ type: 'flush' })
  }

  unacked(): Uint8Array[] {
    return unackedUpdates(this.#outbox)
  }

  open(): void {
    this.#step({ type: 'open' })
  }

  close(): void {
    this.#end()
    this.#step({ type: 'close' })
  }

  /** Takes an edit, and sends it at the end of this task: edits made in one go are one batch. */
  edit(update: Uint8Array): void {
    const { clock, onEdit } = this.#options
    this.#step({ type: 'edited', update, freshId: clock.uuid() })
    onEdit(update, this.#outbox.nextBatchId ?? '')
    if (this.#isFlushing) return
    this.#isFlushing = true
    queueMicrotask(() => {
      this.#isFlushing = false
      this.#step({ type: 'flush' })
    })
  }

  /** The network may be back: a wait is over. */
  retryNow(): void {
    if (this.#outbox.phase !== 'waiting') return
    this.#end()
    this.#step({ type: 'retry' })
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
  readonly #cut = (edits: readonly Uint8Array[], batchId: string): Batch[] => {
    const { clock, maxUpdateBytes, onSplit } = this.#options
    const updates = cutUpdates(edits, maxUpdateBytes)
    if (updates.length === 1) return updates.map((update) => ({ batchId, update }))
    const batches = updates.map((update) => ({ batchId: clock.uuid(), update }))
    onSplit(batchId, batches)
    return batches
  }

  #run(command: OutboxCommand): void {
    if (command.type === 'send') {
      const aborter = new AbortController()
      this.#end = () => aborter.abort()
      void this.#send(command.batch, aborter.signal)
      return
    }
    const { clock, retry, onChange } = this.#options
    const asked = this.#error?.retryAfterMs
    this.#end = clock.after(retryDelay(retry, command.failures, clock.random(), asked), () => {
      this.#step({ type: 'retry' })
      onChange()
    })
  }

  async #send(batch: Batch, signal: AbortSignal): Promise<void> {
    const result = await this.#post(batch, signal)
    // A post that was given up is not answered for: its batch is still in the outbox.
    if (result === null) return
    const { onAcked, onChange, onError } = this.#options
    this.#error = result.type === 'acked' ? null : result.error
    this.#step({ type: result.type, batchId: batch.batchId })
    if (result.type === 'acked') onAcked(batch)
    onChange()
    if (result.type !== 'acked') onError(result.error)
  }

  async #post(batch: Batch, signal: AbortSignal): Promise<SendResult | null> {
    const { http, url } = this.#options
    try {
      return await withSignal(signal, (own) => sendBatch(http, url, batch, own))
    } catch (cause) {
      if (signal.aborted) return null
      const error = new ElectricProviderError('network', 'the write failed', { cause })
      return { type: 'failed', error }
    }
  }
}
