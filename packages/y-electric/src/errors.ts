import type { ServerErrorCode } from './protocol/error-codes.ts'

/**
 * The codes that a provider reports: the server's own codes, and those of failures on this side.
 * The provider keeps trying again after the first four. It also keeps trying, after the wait that
 * the server asked for (`retryAfterMs`), while the server answers `too_many_requests`,
 * `quota_exceeded` or `presence_not_yours`: editing continues, and edits stay in the outbox until
 * the server takes them.
 * - `network`: no answer (offline, refused, reset, or blocked by the browser)
 * - `timeout`: no answer in time
 * - `wrong_url`: something answers, but there is no y-electric server at `url`
 * - `bad_response`: the answer is not part of the protocol (a captive portal, a login page, a
 *   proxy's error)
 * - `bad_row`: a stored row cannot be applied; the rows after it still are
 * - `too_deep`: an edit of the app deleted types that are nested deeper than the stack, and Yjs threw a
 *   RangeError into the app's code. The provider finished the delete and sends it; the document stays
 *   usable, and nothing is lost. The rest of the transaction, after the delete, is not done
 * - `document_too_large` without a status: the document has more structs than `maxDocumentStructs`
 *   and is not applied
 * - `invalid_presence`: the awareness's local state cannot be written as JSON (a BigInt, a cycle, a
 *   getter that throws); others keep seeing the previous state, and the next valid one is sent
 * - `bad_headers`: the app's `headers` function threw, or did not answer in time; it is tried again
 * - `storage_failed`: the device store failed, so edits are kept in memory only; none of them is
 *   lost
 * - `storage_damaged`: the device store lost or changed data, which the message names. The provider
 *   reads the document from the server and rewrites the store
 * - `module_failed`: code of this package that is loaded when it is used (presence, shared streams,
 *   compaction, persistence) could not be loaded. All else works, and the code is requested again.
 *   If the error stays, reload the page: a deployment may have removed the old files, and Chromium
 *   requests a module that failed only once
 * - `client_id_conflict`: another writer uses this document's client id, which Yjs does not allow
 *   (a copied `doc.clientID`, a process that was started from a copied memory image). The document
 *   gets a new client id, and its edits are sent again. If the status is `refused`, the document
 *   can no longer show what the server has: open a new Y.Doc
 * - `yjs_duplicated`: `doc` comes from another copy of Yjs than the one that this package uses;
 *   nothing is read or sent. Use one copy: `resolve.dedupe: ['yjs']` in Vite, or one version in
 *   package.json
 * - `internal` without a status: a bug in the provider broke a rule, or a part of it failed.
 *   Nothing is lost: it reads the document again and sends what the server lacks. Please report it
 * - `destroyed`: the provider was destroyed while a caller waited for it
 */
export type ProviderErrorCode =
  | ServerErrorCode
  | 'network'
  | 'timeout'
  | 'wrong_url'
  | 'bad_response'
  | 'bad_row'
  | 'too_deep'
  | 'invalid_presence'
  | 'bad_headers'
  | 'storage_failed'
  | 'storage_damaged'
  | 'module_failed'
  | 'client_id_conflict'
  | 'yjs_duplicated'
  | 'destroyed'

/** An error of the provider. Decide by `code`; `message` is for people. */
export class ElectricProviderError extends Error {
  override readonly name = 'ElectricProviderError'
  readonly code: ProviderErrorCode
  /** The HTTP status, when there was an answer. */
  readonly status: number | undefined
  /** The rejected batch; its edits stay in the outbox. */
  readonly batchId: string | undefined
  /** The wait that the server asked for, in milliseconds. */
  readonly retryAfterMs: number | undefined
  /** True if a wrong `url` could cause this error: the provider also warns once on the console. */
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
