import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'

/** How long hooks may take, and when a client tries again after one that took too long. */
export type HookLimits = Pick<Limits, 'hookTimeoutMs' | 'retryAfterSeconds'>

/** A hook that is called: its name, and the code with which a request is refused if the hook does not answer. */
interface CalledHook {
  readonly name: string
  readonly code: 'authorization_unavailable' | 'server_busy'
}

/**
 * Calls a hook of the app for a request. A hook that never answers would hold the request and its resources for ever.
 * The request therefore fails after `hookTimeoutMs`, and ends when its client has disconnected. A later answer is
 * ignored.
 * @throws {RequestError} with the code of the hook; the reason of the signal; any error of the hook
 */
export async function hookInTime<T>(
  call: () => T | Promise<T>,
  hook: CalledHook,
  signal: AbortSignal,
  limits: HookLimits,
): Promise<T> {
  try {
    return await inTime(call, hook, signal, limits)
  } catch (cause) {
    // The router turns only errors into answers. For any other thrown value, the connection would break without an
    // answer.
    throw cause instanceof Error
      ? cause
      : new Error(`${hook.name} threw a value that is not an error`, { cause })
  }
}

async function inTime<T>(
  call: () => T | Promise<T>,
  { name, code }: CalledHook,
  signal: AbortSignal,
  { hookTimeoutMs, retryAfterSeconds }: HookLimits,
): Promise<T> {
  const answer = call()
  if (!isThenable(answer)) return answer
  let timer: ReturnType<typeof setTimeout> | undefined
  let leave = (): void => {}
  const noAnswer = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason)
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
    timer = setTimeout(() => {
      const message = `${name} did not answer within ${hookTimeoutMs} ms: try again later`
      reject(new RequestError(code, message, { retryAfterSeconds }))
    }, hookTimeoutMs)
  })
  try {
    return await Promise.race([answer, noAnswer])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', leave)
  }
}

/** True for a promise, also of another realm, and for a query that runs when it is awaited. */
const isThenable = <T>(answer: T | PromiseLike<T>): answer is PromiseLike<T> =>
  typeof answer === 'object' &&
  answer !== null &&
  'then' in answer &&
  typeof answer.then === 'function'
