import type { ShapePosition } from './core/connection.ts'
import type { ShapeMessage } from './core/follow.ts'
import { DEFAULT_RETRY, type RetryPolicy } from './core/retry.ts'
import type { ElectricProviderError, ProviderErrorCode } from './errors.ts'
import { Backoff } from './io/backoff.ts'
import { createHttp, type HeadersSource } from './io/http.ts'
import { systemPlatform } from './io/platform.ts'
import { type Following, followShape as followOnce } from './io/shape-reader.ts'

export interface ShapeOptions {
  /** URL of the shape: a segment, or the presence of a document. */
  readonly url: string
  /** Whether to start with all rows or with the next change. */
  readonly start: 'beginning' | 'now'
  readonly headers?: HeadersSource
  readonly fetch?: typeof fetch
  readonly retry?: Partial<RetryPolicy>
  /**
   * Called with one message of Electric at a time, in order: `followMessage` reads it. The values of rows
   * are text. After `must-refetch` the shape starts over.
   */
  readonly onMessage: (message: ShapeMessage) => void
  /** The stream broke off; it is tried again, and continues where it broke off. */
  readonly onInterrupted?: (error: ElectricProviderError) => void
  /** The server refused, or the segment was folded or is not opened: no further messages follow. */
  readonly onRefused: (error: ElectricProviderError) => void
}

/** Codes of a segment that is not there: the reader has to read state again. */
const NOT_THERE: ReadonlySet<ProviderErrorCode> = new Set(['segment_folded', 'segment_not_opened'])

/**
 * Follows a shape with the reader of the provider, for tools that show what is stored. It streams, and polls
 * where a proxy holds streams back; every failure that may pass is tried again (READ-2).
 * @returns a function that ends it; no callback is called afterwards
 */
export function followShape(options: ShapeOptions): () => void {
  const { url, start, headers, fetch, onMessage, onInterrupted, onRefused } = options
  const { clock } = systemPlatform
  const http = createHttp({ headers, fetch, platform: systemPlatform })
  const backoff = new Backoff({ clock, retry: { ...DEFAULT_RETRY, ...options.retry } })
  let failures = 0
  let isEnded = false
  let following: Following | null = null
  let cancelWait = () => {}

  function open(from: 'beginning' | 'now' | ShapePosition): void {
    following = followOnce({
      http,
      clock,
      url,
      start: from,
      log: start === 'now' ? 'changes_only' : 'full',
      live: 'sse',
      onPosition: () => {
        failures = 0
      },
      onMessage: (message) => {
        if (isEnded) return
        const startsOver =
          'control' in message.headers && message.headers.control === 'must-refetch'
        if (startsOver) reopen(start)
        onMessage(message)
      },
      onEnd: ({ error, transient, position }) => {
        if (isEnded) return
        if (!transient || NOT_THERE.has(error.code)) {
          end()
          onRefused(error)
          return
        }
        reopen(position ?? start, error.retryAfterMs)
        onInterrupted?.(error)
      },
    })
  }

  function reopen(from: 'beginning' | 'now' | ShapePosition, retryAfterMs?: number): void {
    following?.stop()
    failures += 1
    cancelWait()
    cancelWait = backoff.wait(failures, retryAfterMs, () => open(from))
  }

  function end(): void {
    isEnded = true
    cancelWait()
    following?.stop()
  }

  open(start)
  return end
}
