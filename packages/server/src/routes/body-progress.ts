import { RequestError } from '../errors.ts'
import type { BodyLimits } from './body-budget.ts'

/** Checks that a body arrives in time. */
export interface BodyProgress {
  /** Rejects with `request_timeout` when the body is too slow. */
  readonly tooSlow: Promise<never>
  /** Reports that bytes have arrived. */
  arrived(bytes: number): void
  stop(): void
}

/**
 * Starts to watch a body: all of it must arrive within `bodyTimeoutMs`, and in each `bodyStallMs` at
 * the rate of at least `minBodyBytesPerSecond`.
 */
export function watchBody(
  limits: Pick<BodyLimits, 'bodyTimeoutMs' | 'bodyStallMs' | 'minBodyBytesPerSecond'>,
): BodyProgress {
  const { bodyTimeoutMs, bodyStallMs, minBodyBytesPerSecond } = limits
  const required = (minBodyBytesPerSecond * bodyStallMs) / 1_000
  let arrivedInWindow = 0
  let leftMs = bodyTimeoutMs
  let timer: ReturnType<typeof setTimeout> | undefined
  let reject: (error: RequestError) => void = () => {}
  const tooSlow = new Promise<never>((_, fail) => {
    reject = fail
  })
  // The request may end before the body does; then nothing awaits this promise.
  tooSlow.catch(() => {})

  const fail = (message: string): void =>
    reject(new RequestError('request_timeout', `${message}: send the request again`))
  const watch = (): void => {
    const waitMs = Math.min(bodyStallMs, leftMs)
    timer = setTimeout(() => {
      leftMs -= waitMs
      if (leftMs <= 0) return fail(`the body did not arrive within ${bodyTimeoutMs} ms`)
      if (arrivedInWindow < required) {
        return fail(`the body arrives at less than ${minBodyBytesPerSecond} bytes per second`)
      }
      arrivedInWindow = 0
      watch()
    }, waitMs)
  }
  watch()
  return {
    tooSlow,
    arrived: (bytes) => {
      arrivedInWindow += bytes
    },
    stop: () => clearTimeout(timer),
  }
}
