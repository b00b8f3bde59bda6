import { ERROR_STATUS, type ErrorBody, type ServerErrorCode } from 'y-electric/protocol'

/** A refusal: a code from the closed list and a message for people. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly code: ServerErrorCode
  /** Sent as `Retry-After`, in seconds. */
  readonly retryAfterSeconds: number | undefined
  /** Sent as `Allow`: the methods that the path accepts. */
  readonly allow: readonly string[] | undefined
  /** True for a refusal in normal operation, which the operator need not know about. */
  readonly isRoutine: boolean

  constructor(
    code: ServerErrorCode,
    message: string,
    options: {
      cause?: unknown
      retryAfterSeconds?: number
      allow?: readonly string[]
      isRoutine?: boolean
    } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.retryAfterSeconds = options.retryAfterSeconds
    this.allow = options.allow
    this.isRoutine = options.isRoutine ?? false
  }
}

/** The one JSON form of every error answer. It is never cached. */
export function errorResponse(error: RequestError): Response {
  const body: ErrorBody = { error: { code: error.code, message: error.message } }
  const headers = new Headers({ 'cache-control': 'no-store' })
  if (error.retryAfterSeconds !== undefined) {
    headers.set('retry-after', String(error.retryAfterSeconds))
  }
  if (error.allow !== undefined) headers.set('allow', error.allow.join(', '))
  return Response.json(body, { status: ERROR_STATUS[error.code], headers })
}
