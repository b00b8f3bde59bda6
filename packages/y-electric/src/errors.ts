import type { ServerErrorCode } from './protocol/error-codes.ts'

/**
 * What a provider reports: the server's own codes, and what can go wrong on this side.
 * - `network`: no answer (offline, refused, reset); it is tried again
 * - `timeout`: no answer in time; it is tried again
 * - `bad_response`: an answer that is not of the protocol (a captive portal, a wrong `url`)
 * - `bad_row`: a stored row that cannot be applied; the rows after it still are
 * - `invalid_presence`: the awareness's local state cannot be written as JSON (a BigInt, a cycle, a
 *   getter that throws); others go on seeing the state before it, and the next good one is sent
 * - `bad_headers`: the app's `headers` function threw, or did not answer in time; it is tried again
 * - `storage_failed`: this device keeps nothing (any more); nothing that is in memory is lost
 * - `destroyed`: the provider was destroyed while somebody waited for it
 */
export type ProviderErrorCode =
  | ServerErrorCode
  | 'network'
  | 'timeout'
  | 'bad_response'
  | 'bad_row'
  | 'invalid_presence'
  | 'bad_headers'
  | 'storage_failed'
  | 'destroyed'

/** An error of the provider. Decide by `code`; `message` is for people. */
export class ElectricProviderError extends Error {
  override readonly name = 'ElectricProviderError'
  readonly code: ProviderErrorCode
  /** The HTTP status, when there was an answer. */
  readonly status: number | undefined
  /** The batch that a write was about; its edits stay in the outbox. */
  readonly batchId: string | undefined
  /** What the server asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(
    code: ProviderErrorCode,
    message: string,
    about: { status?: number; batchId?: string; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: about.cause })
    this.code = code
    this.status = about.status
    this.batchId = about.batchId
    this.retryAfterMs = about.retryAfterMs
  }
}
