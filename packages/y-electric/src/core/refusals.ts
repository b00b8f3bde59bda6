import type { ProviderErrorCode } from '../errors.ts'
import { ERROR_STATUS, type ServerErrorCode } from '../protocol/error-codes.ts'

/**
 * The purpose of a request.
 * - `read`: state, a segment, the presence of others
 * - `write`: one batch
 * - `presence`: this client's own presence
 * - `fold`: rolling to a new segment and folding
 */
export type Purpose = 'read' | 'write' | 'presence' | 'fold'

/** The part of an unsuccessful answer on which decisions depend. */
export interface Refused {
  /** The HTTP status; undefined when there was no answer. */
  readonly status: number | undefined
  /** The server's error code, only if the answer had the server's own error body. */
  readonly code: ProviderErrorCode
}

/**
 * The server's codes for problems with the document or the path, which fail every request alike. Only refusals
 * of the server's own end reading (READ-2).
 */
const ALWAYS: readonly ServerErrorCode[] = ['not_found', 'deleted', 'invalid_doc_id']

/** The server's codes that reject the content of a request. The server may still accept other content. */
const CONTENT: readonly ServerErrorCode[] = [
  'invalid_batch_id',
  'invalid_update',
  'empty_update',
  'unsupported_yjs',
  'update_too_large',
  'update_too_complex',
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
 * True if sending the same request again cannot succeed until the app acts.
 *
 * Only two kinds of answers are final: those with the server's own error body, and 401 and 403 with any
 * body, since the app's own middleware often checks credentials. Every other answer may come from a
 * proxy, or may depend on how the client asked, so the client tries again. A 401 does not end folding:
 * it ends reading, and `connect()` starts both again. Presence under a client id of another user is
 * tried again too: the server frees the id when that user's row expires.
 */
export function isFinal(purpose: Purpose, { status, code }: Refused): boolean {
  if (status === 403) return code !== 'presence_not_yours'
  if (status === 401) return purpose !== 'fold'
  return FINAL[purpose].has(code) && statusOf(code) === status
}

/** True if the server rejected the content of the request, not its sender. */
export const rejectsContent = (code: ProviderErrorCode): boolean =>
  (CONTENT as readonly ProviderErrorCode[]).includes(code)

/**
 * Codes with which the server accepts nothing for now, although the server and the request are fine.
 */
const HELD_BACK: readonly ServerErrorCode[] = [
  'too_many_requests',
  'quota_exceeded',
  'presence_not_yours',
]

/** True if the server works but does not accept this now: the app may want to show the reason. */
export const holdsBack = (code: ProviderErrorCode): boolean =>
  (HELD_BACK as readonly ProviderErrorCode[]).includes(code)

/** The HTTP status that belongs to a code of the server; undefined for any other code. */
const statusOf = (code: ProviderErrorCode): number | undefined =>
  (ERROR_STATUS as Partial<Record<ProviderErrorCode, number>>)[code]
