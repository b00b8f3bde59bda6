import type { ServerErrorCode } from 'y-electric/protocol'
import { RequestError } from '../errors.ts'

/** What a worker is given. */
export interface JobMessage {
  readonly name: string
  readonly input: unknown
}

/** The answer of a worker. An error loses its class and its code on the way, so those of a refusal are sent as fields. */
export type JobResult =
  | { readonly type: 'done'; readonly output: unknown }
  | { readonly type: 'refused'; readonly code: ServerErrorCode; readonly message: string }
  | { readonly type: 'failed'; readonly error: Error }

/** A worker's first message: everything is imported. */
export interface Ready {
  readonly type: 'ready'
}

export type JobAnswer = JobResult & {
  /** Size of the worker's heap after the job, in bytes. */
  readonly heapBytes: number
}

/** An error as a result. */
export function failureOf(error: unknown): JobResult {
  if (error instanceof RequestError) {
    return { type: 'refused', code: error.code, message: error.message }
  }
  return { type: 'failed', error: error instanceof Error ? error : new Error(String(error)) }
}
