import type { ServerErrorCode } from 'y-electric/protocol'
import { RequestError } from '../errors.ts'
import type { JobName } from './jobs.ts'

/** What a worker is given. */
export interface JobMessage {
  readonly name: JobName
  readonly input: unknown
}

/** What it answers with. An error loses its class and its code on the way, so they go by themselves. */
export type JobAnswer =
  | { readonly type: 'done'; readonly output: unknown }
  | { readonly type: 'refused'; readonly code: ServerErrorCode; readonly message: string }

/** An error as an answer; one that is no refusal is thrown on. */
export function refusalOf(error: unknown): JobAnswer {
  if (!(error instanceof RequestError)) throw error
  return { type: 'refused', code: error.code, message: error.message }
}
