import type { Batch } from '../core/outbox.ts'
import { isFinal } from '../core/refusals.ts'
import { ElectricProviderError } from '../errors.ts'
import { IDEMPOTENCY_KEY_HEADER, UPDATE_MEDIA_TYPE } from '../protocol/headers.ts'
import { errorOfResponse, foreignAnswer } from './answers.ts'
import type { Http } from './http.ts'

/** The result of one try to send a batch. */
export type SendResult =
  /** `isRepeat`: the server already had a batch with this id, and did not compare the content. */
  | { readonly type: 'acked'; readonly seq: number; readonly isRepeat: boolean }
  | { readonly type: 'failed'; readonly error: ElectricProviderError }
  | { readonly type: 'refused'; readonly error: ElectricProviderError }

/** How long a write may take, in milliseconds. */
export const WRITE_DEADLINE_MS = 30_000

/**
 * Bodies up to this size are sent with `keepalive`, so that closing the page does not cancel the
 * last edits. Browsers allow 64 KiB of such bodies in flight at once, and fail requests beyond
 * that.
 */
const KEEPALIVE_BYTES = 16 * 1024

/**
 * Posts one batch, once. Never rejects, unless `signal` aborts.
 * @param writer the headers that name the writer; none if the server knows them
 */
export async function sendBatch(
  http: Http,
  url: string,
  batch: Batch,
  signal: AbortSignal,
  writer: Readonly<Record<string, string>> = {},
): Promise<SendResult> {
  const { batchId, update } = batch
  let response: Response
  try {
    response = await http.send(url, {
      method: 'POST',
      headers: { 'content-type': UPDATE_MEDIA_TYPE, [IDEMPOTENCY_KEY_HEADER]: batchId, ...writer },
      body: update as Uint8Array<ArrayBuffer>,
      keepalive: update.byteLength <= KEEPALIVE_BYTES,
      signal,
      deadlineMs: WRITE_DEADLINE_MS,
    })
  } catch (error) {
    if (signal.aborted || !(error instanceof ElectricProviderError)) throw error
    return { type: 'failed', error }
  }
  if (response.status === 200 || response.status === 201) {
    try {
      const seq = seqOf(await response.text())
      if (seq !== null) return { type: 'acked', seq, isRepeat: response.status === 200 }
    } catch (cause) {
      if (signal.aborted) throw signal.reason
      const error = new ElectricProviderError('network', 'the answer was cut off', {
        cause,
        batchId,
      })
      return { type: 'failed', error }
    }
  }
  if (response.ok || (response.status >= 300 && response.status < 400)) {
    // A login page, a redirect, or an answer that was cut off: it is unknown whether the update
    // was stored. The next try has the same key, so no second row is stored.
    const error = await foreignAnswer(response, 'the acknowledgement of a write', { batchId })
    return { type: 'failed', error }
  }
  const error = await errorOfResponse(response, { batchId })
  return { type: isFinal('write', error) ? 'refused' : 'failed', error }
}

/** The row's seq, which only our server can name; null if the answer has none. */
function seqOf(text: string): number | null {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' &&
      body !== null &&
      'seq' in body &&
      typeof body.seq === 'number'
      ? body.seq
      : null
  } catch {
    return null
  }
}
