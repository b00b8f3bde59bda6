import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'

// The same failure has the same words wherever it is met, so that the log counts it as one kind.
export const NO_DATABASE = 'the database cannot be reached'
export const NO_SHAPES = 'the shape service cannot be reached'
export const SHAPES_REFUSED = 'the shape service refused this server: check ELECTRIC_SECRET'
export const shapesAnswered = (status: number): string => `the shape service answered ${status}`

type Wait = Pick<Limits, 'retryAfterSeconds'>

/** A client is told to come back. */
export const databaseUnavailable = (limits: Wait, message: string, cause?: unknown) =>
  unavailable('database_unavailable', limits, message, cause)

/** A client is told to come back. */
export const shapesUnavailable = (limits: Wait, message: string, cause?: unknown) =>
  unavailable('shape_service_unavailable', limits, message, cause)

const unavailable = (
  code: 'database_unavailable' | 'shape_service_unavailable',
  { retryAfterSeconds }: Wait,
  message: string,
  cause: unknown,
): RequestError => new RequestError(code, message, { cause, retryAfterSeconds })
