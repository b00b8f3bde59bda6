import type { Clock } from '../clock.ts'
import type { Offset } from '../shape/offset.ts'
import { type Place, type Shape, sseOf, upToDate, upToDateAfter } from '../shape/shape.ts'

export type WaitEnd = 'changed' | 'timeout' | 'dropped' | 'aborted'

/**
 * Waits for the shape's next change. The listeners and the timer are removed however the wait ends.
 */
export function waitForChange(
  shape: Shape,
  { snapshot }: Place,
  ms: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<WaitEnd> {
  return new Promise((resolve) => {
    const end = (reason: WaitEnd) => (): void => {
      leave()
      cancelTimer()
      signal.removeEventListener('abort', onAbort)
      resolve(reason)
    }
    const onAbort = end('aborted')
    const leave = shape.addReader({
      snapshot,
      changed: end('changed'),
      dropped: end('dropped'),
    })
    const cancelTimer = clock.after(ms, end('timeout'))
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort)
  })
}

export interface StreamOptions {
  readonly sseMs: number
  readonly keepAliveMs: number
  /**
   * A reader with more unread bytes than this is disconnected; it can reconnect at its last offset.
   */
  readonly maxUnreadBytes: number
  /** A reader at an offset before this LSN that has missed nothing is moved up to it. */
  readonly lastHello: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

const KEEP_ALIVE = new TextEncoder().encode(': keep-alive\n\n')

/**
 * Server-sent events: first the changes that the reader has missed, then each transaction as it
 * commits, in one piece. The real Electric closes a stream that starts behind the log; this one
 * stays open, because the client stops using streams after a few short ones.
 */
export function streamChanges(
  shape: Shape,
  { offset: from, snapshot }: Place,
  options: StreamOptions,
): ReadableStream<Uint8Array> {
  const { clock, signal, sseMs, keepAliveMs, maxUnreadBytes } = options
  let stop = (): void => {}
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let lastWrite = clock.now()
        let isOver = false
        const write = (bytes: Uint8Array): void => {
          if (isOver) return
          lastWrite = clock.now()
          controller.enqueue(bytes)
          if ((controller.desiredSize ?? 0) < -maxUnreadBytes) end()
        }
        const end = (): void => {
          if (isOver) return
          isOver = true
          stop()
          controller.close()
        }
        const leave = shape.addReader({
          snapshot,
          changed: ({ sse }) => write(sse),
          dropped: end,
        })
        let cancelKeepAlive = (): void => {}
        // One timer per reader, not per message: when it fires, it checks when the last message was
        // sent.
        const keepAlive = (): void => {
          const quiet = clock.now() - lastWrite
          if (quiet >= keepAliveMs) write(KEEP_ALIVE)
          const rest = quiet >= keepAliveMs ? keepAliveMs : keepAliveMs - quiet
          cancelKeepAlive = clock.after(rest, keepAlive)
        }
        cancelKeepAlive = clock.after(keepAliveMs, keepAlive)
        const cancelEnd = clock.after(sseMs, end)
        stop = () => {
          stop = () => {}
          leave()
          cancelEnd()
          cancelKeepAlive()
          signal.removeEventListener('abort', end)
        }
        if (signal.aborted) return end()
        signal.addEventListener('abort', end)
        if (!shape.isBehind(from) && from.lsn < options.lastHello) {
          write(sseOf([upToDate(options.lastHello)]))
        }
        for (const bytes of backlog(shape, from)) {
          if (isOver) break
          write(bytes)
        }
      },
      cancel: () => stop(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: 0 }),
  )
}

function* backlog(shape: Shape, from: Offset): Generator<Uint8Array> {
  let offset = from
  while (shape.isBehind(offset)) {
    const { entries, next, atEnd } = shape.read(offset)
    const jsons = entries.map(({ json }) => json)
    yield sseOf(atEnd ? [...jsons, upToDateAfter(next.lsn)] : jsons)
    offset = next
  }
}
