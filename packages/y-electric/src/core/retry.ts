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

/** One wait between two tries. All times are in milliseconds since the epoch, by one client's clock. */
export interface Wait {
  readonly since: number
  /** Not before this, whatever suggests that the server is back. */
  readonly earliestAt: number
  /** When to try again by itself. */
  readonly dueAt: number
}

export interface Failure {
  /** Failures in a row, this one included. */
  readonly attempt: number
  readonly now: number
  /** A number in [0, 1). */
  readonly random: number
  /** What the server asked to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined
  /** The last wait before this one, whatever came in between; null when there was none. */
  readonly previous: Wait | null
}

/**
 * The wait after a failure. A try that was made early (see `hasten`) only took the place of the one that
 * was due: what is left of its wait is waited for first. So hints, however many, add at most one try to
 * those that the schedule makes by itself in the same time.
 */
export function waitAfter(policy: RetryPolicy, failure: Failure): Wait {
  const { attempt, now, random, retryAfterMs = 0, previous } = failure
  const from = now + (previous === null ? 0 : remaining(previous.since, previous.dueAt, now))
  return {
    since: now,
    earliestAt: Math.max(from, now + retryAfterMs),
    dueAt: from + retryDelay(policy, attempt, random, retryAfterMs),
  }
}

/**
 * How long to wait still, in milliseconds, when something suggests that the server is back: an acked
 * write, the network, the app. Never less than the server asked for.
 */
export const hasten = ({ since, earliestAt }: Wait, now: number): number =>
  remaining(since, earliestAt, now)

/** Never more than the whole, also when the clock was set back. */
const remaining = (since: number, until: number, now: number): number =>
  Math.max(0, Math.min(until - now, until - since))
