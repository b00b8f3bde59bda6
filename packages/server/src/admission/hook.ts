import type { Action } from '../auth.ts'
import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { hookInTime } from './hook-time.ts'

/** The request that a limit hook decides about. `authorize` has already allowed it. */
export interface LimitSubject {
  /** The user that `authorize` returned; null if it returned none. */
  readonly user: string | null
  /** The remote address, if the host provides it (Node does); behind a proxy, the proxy's address. */
  readonly address: string | null
  /** The document; for `list` the prefix; empty for `revoke`, whose body is not read yet. */
  readonly docId: string
  /** The action that `authorize` allowed; `revoke` for `POST /revoke`, which the option `revoke` allowed. */
  readonly action: Action | 'revoke'
  /** The name of the route: its `operationId` in the OpenAPI document. */
  readonly route: string
  /**
   * Size of the body in bytes: the declared length or, without one, the most that the route accepts.
   * 0 without a body.
   */
  readonly size: number
  /** True for a request that waits for changes: a live stream or a long poll. */
  readonly isLive: boolean
  /** For writes and deletes of presence: the Yjs client id. */
  readonly clientId: number | null
}

/** The reason for which a limit refuses a request. */
export interface LimitRefusal {
  /** Answered with 429 (too many requests), or 507 (a quota is used up). */
  readonly code: 'too_many_requests' | 'quota_exceeded'
  /** Seconds until the same request may succeed, sent as `Retry-After`. */
  readonly retryAfter?: number | undefined
  /** A text for people. */
  readonly message?: string | undefined
}

// biome-ignore lint/suspicious/noConfusingVoidType: a hook that lets everything pass returns nothing
type LimitAnswer = LimitRefusal | null | undefined | void

/**
 * Decides whether an allowed request exceeds a limit, before its body is read. It returns nothing to
 * let the request pass. When it throws, the request fails with 500 and nothing is stored.
 */
export type LimitHook = (
  request: Request,
  about: LimitSubject,
) => LimitAnswer | Promise<LimitAnswer>

type Waits = Pick<Limits, 'hookTimeoutMs' | 'retryAfterSeconds' | 'quotaRetryAfterSeconds'>

/**
 * Calls the hooks in order; the first refusal counts.
 * @throws {RequestError} too_many_requests, quota_exceeded, server_busy if a hook does not answer
 */
export async function askLimits(
  hooks: readonly LimitHook[],
  request: Request,
  about: LimitSubject,
  waits: Waits,
): Promise<void> {
  for (const hook of hooks) {
    const answer: unknown = await hookInTime<unknown>(
      () => hook(request, about),
      { name: 'limits', code: 'server_busy' },
      request.signal,
      waits,
    )
    if (answer !== undefined && answer !== null) throw refusalOf(answer, waits)
  }
}

const MESSAGES: Record<LimitRefusal['code'], string> = {
  too_many_requests: 'there were too many requests: wait as long as Retry-After says',
  quota_exceeded: 'a quota is used up: nothing more is stored until there is room',
}

/** The longest `Retry-After`: HTTP allows only digits, and not every client reads more than 31 bits. */
const MAX_WAIT_SECONDS = 2 ** 31 - 1

/** The hook is the app's code: an invalid answer must not count as permission. */
function refusalOf(answer: unknown, waits: Waits): Error {
  if (typeof answer !== 'object' || answer === null || !('code' in answer)) return notAnAnswer()
  const { code, retryAfter, message } = answer as Partial<Record<keyof LimitRefusal, unknown>>
  if (code !== 'too_many_requests' && code !== 'quota_exceeded') return notAnAnswer()
  const usual = code === 'quota_exceeded' ? waits.quotaRetryAfterSeconds : waits.retryAfterSeconds
  const isWait = typeof retryAfter === 'number' && Number.isFinite(retryAfter) && retryAfter >= 0
  return new RequestError(code, typeof message === 'string' ? message : MESSAGES[code], {
    retryAfterSeconds: Math.min(
      MAX_WAIT_SECONDS,
      Math.max(1, Math.ceil(isWait ? retryAfter : usual)),
    ),
  })
}

const notAnAnswer = (): Error =>
  new TypeError(
    'the limits hook must return nothing, or {code: "too_many_requests" | "quota_exceeded", retryAfter?, message?}',
  )
