// A shape service behind HTTP, as Electric is, which counts what it is asked.
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { ShapeSource } from '@y-electric/server'

export interface CountedShapes {
  readonly source: ShapeSource
  /** The queries of all requests. */
  readonly requests: readonly URLSearchParams[]
  /** How many live requests are open. */
  readonly open: number
  /** Ends all open streams, as Electric does after a minute. */
  endStreams(): void
  /** Ends each stream after its first batch, as Electric does with one that begins behind the log. */
  endsAfterBatch: boolean
  /** Answers the next requests. */
  refuse: ((query: URLSearchParams) => Response | null) | null
  close(): Promise<void>
}

export async function countShapes(fetch: (request: Request) => Promise<Response>) {
  const requests: URLSearchParams[] = []
  const live = new Set<() => void>()

  const answer = async (request: Request): Promise<Response> => {
    const { pathname, search, searchParams } = new URL(request.url)
    requests.push(searchParams)
    const refusal = counted.refuse?.(searchParams) ?? null
    if (refusal !== null) return refusal
    const aborter = new AbortController()
    const end = (): void => {
      live.delete(end)
      aborter.abort()
    }
    if (searchParams.has('live')) live.add(end)
    request.signal.addEventListener('abort', end)
    const response = await fetch(
      new Request(`http://shapes.test${pathname}${search}`, {
        method: request.method,
        headers: request.headers,
        signal: aborter.signal,
      }),
    )
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
    if (!isStream || response.body === null) {
      live.delete(end)
      return response
    }
    const body = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          controller.enqueue(chunk)
          if (!counted.endsAfterBatch) return
          controller.terminate()
          end()
        },
        flush: () => void live.delete(end),
      }),
    )
    return new Response(body, { status: response.status, headers: response.headers })
  }

  const server = createAdaptorServer({ fetch: answer })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const counted: CountedShapes = {
    source: { url: `http://127.0.0.1:${port}` },
    requests,
    get open() {
      return live.size
    },
    endStreams() {
      for (const end of [...live]) end()
    },
    endsAfterBatch: false,
    refuse: null,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
  return counted
}
