/**
 * The closed list of codes with which a server refuses a request, each with its status. Clients
 * decide by status and code, never by the message.
 */
export const ERROR_STATUS = {
  invalid_request: 400,
  invalid_doc_id: 400,
  invalid_batch_id: 400,
  invalid_update: 400,
  empty_update: 400,
  unsupported_yjs: 400,
  invalid_content: 400,
  invalid_awareness: 400,
  invalid_file: 400,
  unauthenticated: 401,
  forbidden: 403,
  cross_site_request: 403,
  presence_not_yours: 403,
  not_found: 404,
  segment_not_opened: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  request_timeout: 408,
  segment_conflict: 409,
  segment_not_due: 409,
  segment_not_sealed: 409,
  compaction_busy: 409,
  document_exists: 409,
  deleted: 410,
  segment_folded: 410,
  segment_already_folded: 409,
  update_too_large: 413,
  update_too_complex: 413,
  snapshot_too_large: 413,
  awareness_too_large: 413,
  document_too_large: 413,
  export_too_large: 413,
  file_too_large: 413,
  unsupported_media_type: 415,
  host_not_allowed: 421,
  snapshot_differs: 422,
  root_unknown: 422,
  too_many_requests: 429,
  corrupt: 500,
  internal: 500,
  body_consumed: 500,
  server_busy: 503,
  authorization_unavailable: 503,
  database_unavailable: 503,
  shape_service_unavailable: 503,
  storage_full: 507,
  quota_exceeded: 507,
} as const

/** A code from the closed list. */
export type ServerErrorCode = keyof typeof ERROR_STATUS

/** The one JSON form of every error body. */
export interface ErrorBody {
  error: { code: ServerErrorCode; message: string }
}

/** Reads an error body from unknown JSON; null if it is not one (a proxy's page, for example). */
export function parseErrorBody(json: unknown): ErrorBody['error'] | null {
  if (typeof json !== 'object' || json === null || !('error' in json)) return null
  const { error } = json
  if (typeof error !== 'object' || error === null) return null
  if (!('code' in error) || !('message' in error)) return null
  const { code, message } = error
  if (typeof code !== 'string' || typeof message !== 'string') return null
  return Object.hasOwn(ERROR_STATUS, code) ? { code: code as ServerErrorCode, message } : null
}
