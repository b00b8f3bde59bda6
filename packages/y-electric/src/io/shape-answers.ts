import { FetchError } from '@electric-sql/client'
import { isFinal } from '../core/refusals.ts'
import { ElectricProviderError } from '../errors.ts'
import { drain, errorOfResponse, foreignAnswer } from './answers.ts'

/** Marks an answer that says that the log starts over, and not where (an Electric that was killed). */
export class LogIsGone extends Error {}

/**
 * What is not Electric's answer does not reach its client, which knows neither our error codes nor what to
 * make of a login page, and writes to the console.
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

/** What the end of a stream by `error` is told as. */
export function endOf(error: unknown): { error: ElectricProviderError; transient: boolean } {
  if (error instanceof ElectricProviderError) return { error, transient: !isFinal('read', error) }
  // The client reads bodies whole, and names what broke off by the status that it began with.
  const brokeOff = error instanceof FetchError && error.status < 400
  return {
    error: brokeOff
      ? new ElectricProviderError('network', 'the answer broke off', { cause: error })
      : new ElectricProviderError('bad_response', 'the shape stream failed', { cause: error }),
    transient: true,
  }
}
