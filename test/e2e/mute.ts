// Streams that stay open and deliver nothing more, like those of a real Electric after a
// transaction of more than 10 MB, and a proxy that drops the comments of a stream.
import type { ShapeSource } from '@y-electric/server'

export interface MutableShapes {
  readonly shapes: ShapeSource
  /** Mutes all streams: they deliver only comments. Polls are still answered. */
  mute(): void
  /** Lets new streams work. Muted streams stay muted. */
  unmute(): void
  /** How many muted streams are open. */
  silent(): number
}

export function mutableShapes(source: ShapeSource): MutableShapes {
  const send = source.fetch ?? ((request: Request) => fetch(request))
  const streams = new Set<{ isMuted: boolean }>()
  let isMuted = false

  const muted = (response: Response): Response => {
    const stream = { isMuted }
    streams.add(stream)
    const end = () => void streams.delete(stream)
    return withBody(response, (text) => (stream.isMuted ? ': nothing new\n\n' : text), end)
  }
  return {
    shapes: {
      ...source,
      fetch: async (request) => {
        const response = await send(request)
        return isEventStream(response) ? muted(response) : response
      },
    },
    mute() {
      isMuted = true
      for (const stream of streams) stream.isMuted = true
    },
    unmute() {
      isMuted = false
    },
    silent: () => [...streams].filter((stream) => stream.isMuted).length,
  }
}

/** A `fetch` through a proxy that drops the comments of event streams. */
export const withoutComments: typeof fetch = async (input, init) => {
  const response = await fetch(input, init)
  if (!isEventStream(response)) return response
  return withBody(response, (text) => text.replace(/^:.*\r?\n\r?\n/gm, ''))
}

const isEventStream = (response: Response): boolean =>
  response.headers.get('content-type')?.startsWith('text/event-stream') ?? false

/**
 * Changes the text of each chunk. A chunk contains only whole events, as the embedded service
 * writes them.
 */
function withBody(
  response: Response,
  change: (text: string) => string,
  onEnd: () => void = () => {},
): Response {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = (await reader?.read().catch(() => undefined)) ?? { done: true }
      if (value !== undefined) controller.enqueue(encoder.encode(change(value)))
      if (!done) return
      onEnd()
      controller.close()
    },
    cancel(reason) {
      onEnd()
      return reader?.cancel(reason)
    },
  })
  return new Response(body, response)
}
