import { isLiveQuery } from '@y-electric/server/extension'

/** An exchange that has not ended: no answer yet, or an answer whose body is still sent. */
export interface OpenAnswer {
  /** A stream, or a long poll. */
  readonly isLive: boolean
}

interface Exchange extends OpenAnswer {
  isLive: boolean
  readonly cut: (reason: unknown) => void
}

/**
 * The exchanges that are open, so that they can be broken. An exchange that is broken, or whose reader gives up,
 * rejects or errors like one of `fetch`, and the signal of its request aborts for the server.
 */
export class OpenAnswers {
  readonly #open = new Set<Exchange>()

  count(which: (answer: OpenAnswer) => boolean): number {
    return [...this.#open].filter(which).length
  }

  /** Breaks the exchanges that `which` selects. @returns how many */
  cut(which: (answer: OpenAnswer) => boolean, reason: () => unknown): number {
    const selected = [...this.#open].filter(which)
    for (const exchange of selected) {
      this.#open.delete(exchange)
      exchange.cut(reason())
    }
    return selected.length
  }

  /**
   * Runs one exchange. It ends when its body does.
   * @param breakConnection breaks the connection on which the body is sent; null: the body itself fails
   */
  async during(
    request: Request,
    answer: () => Promise<Response>,
    breakConnection: (() => void) | null,
  ): Promise<Response> {
    let cut: (reason: unknown) => void = () => {}
    const broken = new Promise<never>((_, reject) => {
      cut = reject
    })
    broken.catch(() => {})
    const exchange: Exchange = {
      isLive: isLiveQuery(new URL(request.url).searchParams),
      cut: (reason) => cut(reason),
    }
    const giveUp = (): void => exchange.cut(request.signal.reason)
    const end = (): void => {
      this.#open.delete(exchange)
      request.signal.removeEventListener('abort', giveUp)
    }
    this.#open.add(exchange)
    request.signal.addEventListener('abort', giveUp)
    if (request.signal.aborted) giveUp()
    try {
      const response = await Promise.race([broken, answer()])
      exchange.isLive ||=
        response.headers.get('content-type')?.startsWith('text/event-stream') ?? false
      if (response.body === null) {
        end()
        return response
      }
      return new Response(breakable(response.body, broken, end, breakConnection), response)
    } catch (error) {
      end()
      throw error
    }
  }
}

/**
 * A body that fails as soon as `broken` rejects. An HTTP server cancels the body of a connection that breaks, and would
 * print the failure of one that fails.
 */
function breakable(
  body: ReadableStream<Uint8Array>,
  broken: Promise<never>,
  end: () => void,
  breakConnection: (() => void) | null,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>({
    start(controller) {
      broken.catch((reason) => {
        end()
        if (breakConnection !== null) {
          breakConnection()
          return
        }
        controller.error(reason)
        reader.cancel(reason).catch(() => {})
      })
    },
    async pull(controller) {
      const { done, value } = await reader.read()
      if (value !== undefined) controller.enqueue(value)
      if (!done) return
      end()
      controller.close()
    },
    cancel(reason) {
      end()
      return reader.cancel(reason)
    },
  })
}
