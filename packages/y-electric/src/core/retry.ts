/** How long to wait before trying again, in milliseconds. */
export interface RetryPolicy {
  /** The longest first wait. */
  readonly baseMs: number
  /** The longest wait ever. */
  readonly maxMs: number
}

export const DEFAULT_RETRY: RetryPolicy = { baseMs: 300, maxMs: 5_000 }

/**
 * Full jitter: anything from 0 to an exponentially growing cap, with what the server asked for as
 * the floor. https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 * @param attempt failures in a row so far, from 1
 * @param random a number in [0, 1)
 */
export function retryDelay(
  policy: RetryPolicy,
  attempt: number,
  random: number,
  retryAfterMs = 0,
): number {
  const cap = Math.min(policy.maxMs, policy.baseMs * 2 ** Math.min(attempt - 1, 30))
  return Math.max(retryAfterMs, Math.round(random * cap))
}
