import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'

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
