import { ERROR_STATUS } from 'y-electric/protocol'
import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { isDatabaseUnavailable, isDiskFull, isUnstorableText } from '../store/index.ts'
import { UNREADABLE } from './unreadable.ts'

// Every caller reports the same failure with the same message, so that the log counts it as one kind.
export const NO_DATABASE = 'the database cannot be reached'
export const NO_SHAPES = 'the shape service cannot be reached'
export const SHAPES_REFUSED = 'the shape service refused this server: check ELECTRIC_SECRET'
export const shapesAnswered = (status: number): string => `the shape service answered ${status}`

type Wait = Pick<Limits, 'retryAfterSeconds'>

/** An error after which the client tries again later. */
export const databaseUnavailable = (limits: Wait, message: string, cause?: unknown) =>
  unavailable('database_unavailable', limits, message, cause)

/** An error after which the client tries again later. */
export const shapesUnavailable = (limits: Wait, message: string, cause?: unknown) =>
  unavailable('shape_service_unavailable', limits, message, cause)

const unavailable = (
  code: 'database_unavailable' | 'shape_service_unavailable',
  { retryAfterSeconds }: Wait,
  message: string,
  cause: unknown,
): RequestError => new RequestError(code, message, { cause, retryAfterSeconds })

/** How long a client waits before it resends a write that found the disk full, in seconds. */
const STORAGE_RETRY_SECONDS = 30

/** Refuses a write that the disk of the database has no room for. */
export const storageFull = (cause?: unknown): RequestError =>
  new RequestError(
    'storage_full',
    'the disk of the database is full: nothing is stored until its operator frees space',
    { cause, retryAfterSeconds: STORAGE_RETRY_SECONDS },
  )

/** True for a failure to open a file or a connection because this process has too many open. */
export const isOutOfDescriptors = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE')

/** An error after which the client tries again when files and connections are closed. */
export const outOfDescriptors = ({ retryAfterSeconds }: Wait, cause: unknown): RequestError =>
  new RequestError(
    'server_busy',
    'the server has too many files and connections open: send the request again later',
    { cause, retryAfterSeconds },
  )

/** True for a failure that the operator of the server must fix or should know about. */
export const isForOperator = ({ code, isRoutine }: RequestError): boolean =>
  !isRoutine && (code === 'internal' || code === 'body_consumed' || ERROR_STATUS[code] === 503)

/**
 * The same refusal; if the body that was refused may be compressed, its message says so. A body is not refused
 * because of this header alone: some proxies decompress the body and leave the header.
 */
export function mentionEncoding(refusal: RequestError, { headers }: Request): RequestError {
  const encoding = headers.get('content-encoding') ?? 'identity'
  if (encoding === 'identity' || ERROR_STATUS[refusal.code] !== 400) return refusal
  const hint = `the request has content-encoding ${JSON.stringify(encoding)}, and this server decompresses no body: send it uncompressed`
  return new RequestError(refusal.code, `${refusal.message} (${hint})`, { cause: refusal })
}

/** The refusal with which a failure is answered. */
export function asRequestError(error: unknown, limits: Limits): RequestError {
  if (error instanceof RequestError) return error
  if (isDiskFull(error)) return storageFull(error)
  if (isOutOfDescriptors(error)) return outOfDescriptors(limits, error)
  if (isUnstorableText(error)) {
    return new RequestError('invalid_request', UNREADABLE, { cause: error })
  }
  if (isDatabaseUnavailable(error)) {
    return databaseUnavailable(limits, NO_DATABASE, error)
  }
  return new RequestError(
    'internal',
    'the server failed; the request is not the cause: try again later',
    {
      cause: error,
    },
  )
}
