import { FetchError } from '@electric-sql/client'
import { isFinal } from '../core/refusals.ts'
import { ElectricProviderError } from '../errors.ts'
import { drain, errorOfResponse, foreignAnswer } from './answers.ts'

/** Marks an answer that restarts the log without naming the new handle (from an Electric that was killed). */
export class LogIsGone extends Error {}

/**
 * Passes on only answers of Electric. Its client does not know our error codes, cannot handle a
 * login page, and writes to the console.
 */
export async function checkedShape(response: Response): Promise<Response> {
  const hasHandle = response.headers.has('electric-handle')
  if (response.status === 409) {
    if (hasHandle) return response
    await drain(response)
    throw new LogIsGone()
  }
  if (!response.ok) throw await errorOfResponse(response)
  if (hasHandle) return response
  const expected =
    'a shape (a proxy may have removed its electric-* headers; across origins, Access-Control-Expose-Headers must name them)'
  throw await foreignAnswer(response, expected)
}

/** The error with which a stream ended, as the provider reports it. */
export function endOf(error: unknown): { error: ElectricProviderError; transient: boolean } {
  if (error instanceof ElectricProviderError) return { error, transient: !isFinal('read', error) }
  // Electric's client reads whole bodies. If one was cut off, the client's error has the status
  // of the answer.
  const brokeOff = error instanceof FetchError && error.status < 400
  return {
    error: brokeOff
      ? new ElectricProviderError('network', 'the answer was cut off', { cause: error })
      : new ElectricProviderError('bad_response', 'the shape stream failed', { cause: error }),
    transient: true,
  }
}
