import type { ServerErrorCode } from './protocol/error-codes.ts'

/**
 * What a provider reports: the server's own codes, and what can go wrong on this side. The first four
 * are tried again for as long as they last.
 * - `network`: no answer (offline, refused, reset, or kept from the page by the browser)
 * - `timeout`: no answer in time
 * - `wrong_url`: something answers, but there is no y-electric server at `url`
 * - `bad_response`: an answer that is not of the protocol (a captive portal, a login page, a proxy's error)
 * - `bad_row`: a stored row that cannot be applied; the rows after it still are
 * - `invalid_presence`: the awareness's local state cannot be written as JSON (a BigInt, a cycle, a
 *   getter that throws); others go on seeing the state before it, and the next good one is sent
 * - `bad_headers`: the app's `headers` function threw, or did not answer in time; it is tried again
 * - `storage_failed`: this device keeps nothing (any more); nothing that is in memory is lost
 * - `storage_damaged`: the store of this device lost or changed something that it was given; the message
 *   names what. The document is read anew from the server, and the store is written anew
 * - `client_id_conflict`: somebody else writes with this document's client id, which Yjs does not allow (a
 *   copied `doc.clientID`, a process that was started from a copied memory image). The document has got a
 *   new client id; when the status is `refused`, it shows something else than the server has: go on with a
 *   new Y.Doc. Every edit is sent
 * - `yjs_duplicated`: `doc` is of another copy of Yjs than the one that this package uses; nothing is read
 *   or sent. Have one copy: `resolve.dedupe: ['yjs']` in Vite, or one version in package.json
 * - `destroyed`: the provider was destroyed while somebody waited for it
 */
export type ProviderErrorCode =
  | ServerErrorCode
  | 'network'
  | 'timeout'
  | 'wrong_url'
  | 'bad_response'
  | 'bad_row'
  | 'invalid_presence'
  | 'bad_headers'
  | 'storage_failed'
  | 'storage_damaged'
  | 'client_id_conflict'
  | 'yjs_duplicated'
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
  /** True when a wrong `url` fails like this: the provider also warns on the console, once. */
  readonly suspectsUrl: boolean

  constructor(
    code: ProviderErrorCode,
    message: string,
    about: {
      status?: number
      batchId?: string
      retryAfterMs?: number
      suspectsUrl?: boolean
      cause?: unknown
    } = {},
  ) {
    super(message, { cause: about.cause })
    this.code = code
    this.status = about.status
    this.batchId = about.batchId
    this.retryAfterMs = about.retryAfterMs
    this.suspectsUrl = about.suspectsUrl ?? false
  }
}
