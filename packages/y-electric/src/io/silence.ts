import type { Clock } from './clock.ts'

/** A reader whose reads fail when nothing comes for too long. */
export interface TimedReader {
  read(): Promise<ReadableStreamReadResult<Uint8Array>>
  cancel(reason: unknown): Promise<void>
}

/**
 * Reads a body that must not fall silent for `ms`; if it does it is cancelled, and the read fails
 * with `late()`. One timer for the whole body, not one a chunk: chunks come as fast as people type.
 */
export function timedReader(
  body: ReadableStream<Uint8Array>,
  clock: Clock,
  ms: number,
  late: () => Error,
): TimedReader {
  const reader = body.getReader()
  let isReading = false
  let heardAt = clock.now()
  let silence: Error | null = null
  let cancelTimer = () => {}

  function arm(wait: number): void {
    cancelTimer = clock.after(wait, () => {
      // A consumer that does not read is not kept waiting by the other side.
      const quiet = isReading ? clock.now() - heardAt : 0
      if (quiet < ms) {
        arm(ms - quiet)
        return
      }
      silence = late()
      reader.cancel(silence).catch(() => {})
    })
  }
  arm(ms)
  // The consumer may stop reading without cancelling, for example after it threw. The body still ends when
  // its request is aborted, and then no timer may outlive it.
  const stopTimer = () => cancelTimer()
  reader.closed.then(stopTimer, stopTimer)

  return {
    async read() {
      isReading = true
      heardAt = clock.now()
      try {
        const result = await reader.read()
        if (silence !== null) throw silence
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

/** Statuses without a body. Browsers give such an answer an empty one all the same, and refuse to make another. */
const NO_BODY: readonly number[] = [204, 205, 304]

/** The same response, whose body fails when it says nothing for `ms`. */
export function withSilenceLimit(
  response: Response,
  clock: Clock,
  ms: number,
  late: () => Error,
): Response {
  // In React Native there is no body to read bit by bit.
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
  // Where an answer came from cannot be given to the constructor, and messages name it.
  return Object.defineProperties(new Response(body, { status, statusText, headers }), {
    url: { value: url },
    redirected: { value: redirected },
  })
}
