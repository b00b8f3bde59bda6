import type { ProviderErrorCode } from '../errors.ts'
import { ERROR_STATUS, type ServerErrorCode } from '../protocol/error-codes.ts'

/**
 * What a request is for.
 * - `read`: state, a segment, who is here
 * - `write`: one batch
 * - `presence`: this client's own presence
 * - `fold`: rolling and folding
 */
export type Purpose = 'read' | 'write' | 'presence' | 'fold'

/** As much of an unsuccessful answer as a decision needs. */
export interface Refused {
  /** The HTTP status; undefined when there was no answer. */
  readonly status: number | undefined
  /** A code of the server's, only if the answer had the server's own error body. */
  readonly code: ProviderErrorCode
}

/** The server's codes that say the same to every request: it is about the document or about the path. */
const ALWAYS: readonly ServerErrorCode[] = ['not_found', 'deleted', 'invalid_doc_id']

/** The server's codes that reject what the request carries. Other content may still be accepted. */
const CONTENT: readonly ServerErrorCode[] = [
  'invalid_batch_id',
  'invalid_update',
  'empty_update',
  'unsupported_yjs',
  'update_too_large',
  'invalid_awareness',
  'awareness_too_large',
]

const FINAL: Record<Purpose, ReadonlySet<ProviderErrorCode>> = {
  read: new Set(ALWAYS),
  write: new Set([...ALWAYS, ...CONTENT]),
  presence: new Set([...ALWAYS, ...CONTENT]),
  fold: new Set([...ALWAYS, 'method_not_allowed'] satisfies ServerErrorCode[]),
}

/**
 * True when sending the same request again cannot succeed until the app does something about it.
 *
 * Only the server can say so, with its own error body, or whoever checks credentials (401 and 403, with
 * any body: often that is the app's own middleware). Every other answer may come from something between
 * client and server, or may be the fault of how the client asked, and the request is tried again. A 401
 * does not end folding: reading ends by it, and `connect()` starts both again.
 */
export function isFinal(purpose: Purpose, { status, code }: Refused): boolean {
  if (status === 403) return true
  if (status === 401) return purpose !== 'fold'
  return FINAL[purpose].has(code) && statusOf(code) === status
}

/** True when the server rejected what the request carried, and not the one who sent it. */
export const rejectsContent = (code: ProviderErrorCode): boolean =>
  (CONTENT as readonly ProviderErrorCode[]).includes(code)

/** The status that the server sends with a code; undefined for a code that is not the server's. */
const statusOf = (code: ProviderErrorCode): number | undefined =>
  (ERROR_STATUS as Partial<Record<ProviderErrorCode, number>>)[code]
