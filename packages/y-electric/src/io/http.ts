import { ElectricProviderError } from '../errors.ts'
import { linkedAbort } from './abort.ts'
import { drain } from './answers.ts'
import type { Clock } from './clock.ts'
import type { Platform } from './platform.ts'
import { isShort, withReadLimit } from './short-answers.ts'
import { withSilenceLimit } from './silence.ts'
import { unreachable } from './unreachable.ts'

/**
 * Headers for every request, or a function that returns them for each request (with a fresh token,
 * for example).
 */
export type HeadersSource =
  | Record<string, string>
  | (() => Record<string, string> | Promise<Record<string, string>>)

export interface HttpInit extends RequestInit {
  readonly deadlineMs?: number
  readonly isStream?: boolean
}

/** Sends requests with the app's `fetch` and `headers`. */
export interface Http {
  /**
   * Sends one request. On 401 it calls `headers` once more, if that is a function, and repeats the
   * request. Resolves with any answer; rejects with an `ElectricProviderError` or, when `signal`
   * aborts, with the signal's reason. The body follows `signal` too, so the signal must belong to
   * this request alone (`withSignal`): listeners on it stay registered until it is
   * garbage-collected.
   *
   * `deadlineMs` limits the time until the answer begins, and the time until each next chunk; for a
   * stream (`isStream`) only the time until it begins.
   */
  send(url: string, init: HttpInit): Promise<Response>
  /**
   * Sends one request without waiting for the answer, at once even while the page closes, with the
   * headers of the last request.
   */
  beacon(url: string, init: RequestInit): void
}

export interface HttpOptions {
  readonly headers: HeadersSource | undefined
  /** The app's own `fetch`; the platform's if there is none. */
  readonly fetch?: typeof fetch | undefined
  readonly platform: Pick<Platform, 'clock' | 'fetch' | 'page'>
  /** Joins streams with those of other providers; null: each is requested by itself. */
  readonly openShared?: OpenShared | null
}

/**
 * Opens a stream jointly with those of other providers. Resolves with null if the stream needs a
 * request of its own.
 */
export type OpenShared = (request: {
  readonly url: string
  /** The app's headers, which include the credentials. */
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly fetch: typeof fetch
}) => Promise<Response | null>

/** How long the app's `headers` function may take, in milliseconds. */
export const HEADERS_DEADLINE_MS = 30_000

export function createHttp({
  headers,
  fetch: customFetch,
  platform,
  openShared = null,
}: HttpOptions): Http {
  const { clock, page } = platform
  let lastHeaders: Record<string, string> = typeof headers === 'function' ? {} : (headers ?? {})
  // Async, so that a `fetch` that throws at once is treated as one that rejects.
  const fetchNow: typeof fetch = async (input, init) => (customFetch ?? platform.fetch)(input, init)
  async function attempt(url: string, init: HttpInit) {
    const { deadlineMs, isStream = false, signal, ...rest } = init
    const merged = new Headers(rest.headers)
    lastHeaders = await resolveHeaders(headers, clock, signal)
    for (const [name, value] of Object.entries(lastHeaders)) merged.set(name, value)
    const { controller } = linkedAbort(signal)
    let isLate = false
    const sentAt = clock.now()
    const fellSilent = () => {
      controller.abort()
      return new ElectricProviderError('timeout', 'the server stopped sending its answer')
    }
    const cancel =
      deadlineMs === undefined
        ? () => {}
        : clock.after(deadlineMs, () => {
            isLate = true
            controller.abort()
          })
    try {
      const own = controller.signal
      const shared =
        isStream && openShared !== null
          ? await openShared({ url, headers: lastHeaders, signal: own, fetch: fetchNow })
          : null
      const response = shared ?? (await fetchNow(url, { ...rest, headers: merged, signal: own }))
      // A stream may be silent for long, but no other answer may.
      if (deadlineMs === undefined || (isStream && isEventStream(response))) return response
      const limit = isShort(response) ? withReadLimit : withSilenceLimit
      return limit(response, clock, deadlineMs, fellSilent)
    } catch (cause) {
      if (signal?.aborted) throw signal.reason
      if (isLate) {
        throw new ElectricProviderError('timeout', 'the server did not answer in time', { cause })
      }
      throw unreachable(url, cause, clock.now() - sentAt, page)
    } finally {
      cancel()
    }
  }

  return {
    async send(url, init) {
      const response = await attempt(url, init)
      if (response.status !== 401 || typeof headers !== 'function') return response
      await drain(response)
      return attempt(url, init)
    },
    beacon(url, init) {
      fetchNow(url, { ...init, headers: lastHeaders, keepalive: true })
        .then(drain)
        .catch(() => {})
    },
  }
}

/** True for an answer that continues as long as both sides want it to. */
export const isEventStream = (response: Response): boolean =>
  response.ok && (response.headers.get('content-type')?.startsWith('text/event-stream') ?? false)

/** Rejects with a `bad_headers` error or, when `signal` aborts, with the signal's reason. */
async function resolveHeaders(
  headers: HeadersSource | undefined,
  clock: Clock,
  signal: AbortSignal | null | undefined,
): Promise<Record<string, string>> {
  if (typeof headers !== 'function') return headers ?? {}
  if (signal?.aborted) throw signal.reason
  let giveUp = (_reason: unknown): void => {}
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = reject
  })
  const onAbort = () => giveUp(signal?.reason)
  signal?.addEventListener('abort', onAbort)
  const cancel = clock.after(HEADERS_DEADLINE_MS, () =>
    giveUp(new Error('the headers function did not return in time')),
  )
  try {
    return await Promise.race([givenUp, headers()])
  } catch (cause) {
    if (signal?.aborted) throw signal.reason
    throw new ElectricProviderError('bad_headers', 'the headers function failed', { cause })
  } finally {
    cancel()
    signal?.removeEventListener('abort', onAbort)
  }
}
