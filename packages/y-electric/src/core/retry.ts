/** How long to wait before trying again (READ-2), in milliseconds. */
export interface RetryPolicy {
  /** The longest first wait. */
  readonly baseMs: number
  /** The longest wait. */
  readonly maxMs: number
}

export const DEFAULT_RETRY: RetryPolicy = { baseMs: 300, maxMs: 5_000 }

/**
 * Full jitter: anything from 0 to an exponentially growing cap, with the wait that the server asked
 * for as the floor. https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 * @param attempt consecutive failures so far, from 1
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

/** One wait between two tries. All times are milliseconds since the epoch on this client's clock. */
export interface Wait {
  readonly since: number
  /** The earliest time for a try, even if something suggests that the server is back. */
  readonly earliestAt: number
  /** When the next try is due without a hint. */
  readonly dueAt: number
}

export interface Failure {
  /** Consecutive failures, including this one. */
  readonly attempt: number
  readonly now: number
  /** A number in [0, 1). */
  readonly random: number
  /** The wait that the server asked for, in milliseconds. */
  readonly retryAfterMs?: number | undefined
  /** The previous wait, even if a request succeeded since; null if there was none. */
  readonly previous: Wait | null
}

/**
 * The wait after a failure. An early try (see `hasten`) only replaces the one that was due, so the rest of
 * its wait is added to the next. Any number of hints therefore adds at most one try to those that the
 * schedule makes in the same time.
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
 * How long to keep waiting, in milliseconds, when something suggests that the server is back: an acked
 * write, the network, the app. Never less than the server asked for.
 */
export const hasten = ({ since, earliestAt }: Wait, now: number): number =>
  remaining(since, earliestAt, now)

/** The rest of a wait: never more than the whole wait, even if the clock was set back. */
const remaining = (since: number, until: number, now: number): number =>
  Math.max(0, Math.min(until - now, until - since))
