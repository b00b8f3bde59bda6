/** Runs the effects of writing: posts batches, and waits between tries. */
import type { WriterEffect } from '../../core/ledger/effects.ts'
import type { Dispatch, WriterEvent } from '../../core/ledger/events.ts'
import type { Batch } from '../../core/outbox.ts'
import type { RetryPolicy } from '../../core/retry.ts'
import { ElectricProviderError } from '../../errors.ts'
import { withSignal } from '../../io/abort.ts'
import { Backoff } from '../../io/backoff.ts'
import type { Clock } from '../../io/clock.ts'
import type { Http } from '../../io/http.ts'
import { type SendResult, sendBatch } from '../../io/update-sender.ts'

export interface WriterOptions {
  readonly http: Http
  readonly clock: Clock
  readonly retry: RetryPolicy
  /** The URL for posting updates. */
  readonly url: () => string
  /** The headers that name the writer. */
  readonly writer: () => Readonly<Record<string, string>>
  readonly dispatch: Dispatch<WriterEvent>
}

export class Writer {
  readonly #options: WriterOptions
  readonly #backoff: Backoff
  #isFlushing = false
  /** The headers of the last ack that named the writer: the server knows them. */
  #known = ''
  /** Ends what is in progress: a post, a wait. */
  #end: () => void = () => {}

  constructor(options: WriterOptions) {
    this.#options = options
    this.#backoff = new Backoff(options)
  }

  run(effect: WriterEffect): void {
    switch (effect.type) {
      case 'send':
        this.#start(effect.batch)
        return
      case 'wait':
        this.#end = this.#backoff.wait(effect.failures, effect.retryAfterMs, () =>
          this.#options.dispatch({ type: 'write-retry' }),
        )
        return
      case 'stop':
        this.#end()
        return
      case 'hasten':
        this.#backoff.hasten()
        return
      case 'flush-soon':
        this.#flushSoon()
    }
  }

  #flushSoon(): void {
    if (this.#isFlushing) return
    this.#isFlushing = true
    queueMicrotask(() => {
      this.#isFlushing = false
      this.#options.dispatch({ type: 'flush' })
    })
  }

  #start(batch: Batch): void {
    const aborter = new AbortController()
    this.#end = () => aborter.abort()
    void this.#send(batch, aborter.signal)
  }

  async #send(batch: Batch, signal: AbortSignal): Promise<void> {
    const result = await this.#post(batch, signal)
    // A post that was given up has no answer: its batch is still in the outbox.
    if (result === null) return
    this.#options.dispatch(eventOf(batch, result))
  }

  async #post(batch: Batch, signal: AbortSignal): Promise<SendResult | null> {
    const { http, url, writer } = this.#options
    try {
      const headers = writer()
      const said = JSON.stringify(headers)
      const unknown = said === this.#known ? {} : headers
      const result = await withSignal(signal, (own) => sendBatch(http, url(), batch, own, unknown))
      if (result.type === 'acked') this.#known = said
      return result
    } catch (cause) {
      if (signal.aborted) return null
      const error = new ElectricProviderError('network', 'the write failed', { cause })
      return { type: 'failed', error }
    }
  }
}

function eventOf(batch: Batch, result: SendResult): WriterEvent {
  if (result.type === 'acked') return { ...result, batch }
  const type = result.type === 'refused' ? 'write-refused' : 'write-failed'
  return { type, batch, error: result.error }
}
