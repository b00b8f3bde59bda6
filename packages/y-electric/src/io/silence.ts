import type { Clock } from './clock.ts'

/** A reader whose reads fail when nothing arrives for too long. */
export interface TimedReader {
  read(): Promise<ReadableStreamReadResult<Uint8Array>>
  cancel(reason: unknown): Promise<void>
}

/**
 * Reads a body that must not be silent for `ms`; if it is, it is cancelled, and the read fails with
 * `late()`. There is one timer for the whole body, not one per chunk, because chunks arrive as fast
 * as people type.
 * @param firstMs how long the first bytes may take: some proxies pass on the headers and hold the
 * body back
 */
export function timedReader(
  body: ReadableStream<Uint8Array>,
  clock: Clock,
  ms: number,
  late: () => Error,
  firstMs: number = ms,
): TimedReader {
  const reader = body.getReader()
  let limit = firstMs
  let isReading = false
  let heardAt = clock.now()
  let silence: Error | null = null
  let cancelTimer = () => {}

  function arm(wait: number): void {
    cancelTimer = clock.after(wait, () => {
      // If the consumer does not read, the other side is not late.
      const quiet = isReading ? clock.now() - heardAt : 0
      if (quiet < limit) {
        arm(limit - quiet)
        return
      }
      silence = late()
      reader.cancel(silence).catch(() => {})
    })
  }
  arm(firstMs)
  // The consumer may stop reading without cancelling, for example after it threw. The body still
  // ends when its request is aborted, and then no timer may outlive it.
  const stopTimer = () => cancelTimer()
  reader.closed.then(stopTimer, stopTimer)

  return {
    async read() {
      isReading = true
      heardAt = clock.now()
      try {
        const result = await reader.read()
        if (silence !== null) throw silence
        limit = ms
        if (result.done) cancelTimer()
        return result
      } catch (error) {
        cancelTimer()
        throw error
      } finally {
        isReading = false
      }
    },
    cancel(reason) {
      cancelTimer()
      return reader.cancel(reason)
    },
  }
}

/**
 * Statuses without a body. Browsers still give such an answer an empty body, but refuse to
 * construct one.
 */
const NO_BODY: readonly number[] = [204, 205, 304]

/** Returns the same response; its body fails when it is silent for `ms`. */
export function withSilenceLimit(
  response: Response,
  clock: Clock,
  ms: number,
  late: () => Error,
): Response {
  // React Native has no readable body stream.
  if (!response.body || NO_BODY.includes(response.status)) return response
  const reader = timedReader(response.body, clock, ms, late)
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: (reason) => reader.cancel(reason),
  })
  const { status, statusText, headers, url, redirected } = response
  // The constructor does not accept a URL, but messages name it.
  return Object.defineProperties(new Response(body, { status, statusText, headers }), {
    url: { value: url },
    redirected: { value: redirected },
  })
}
