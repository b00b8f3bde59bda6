// Counts the network traffic of a page: requests, and the bytes of URLs and bodies in both directions.
export interface Meter {
  readonly fetch: typeof fetch
  readonly requests: () => readonly string[]
  readonly bytes: () => number
  /** The bytes of request bodies. */
  readonly sent: () => number
  reset(): void
}

export function createMeter(inner: typeof fetch = (input, init) => fetch(input, init)): Meter {
  let requests: string[] = []
  let bytes = 0
  let sent = 0
  return {
    requests: () => requests,
    bytes: () => bytes,
    sent: () => sent,
    reset() {
      requests = []
      bytes = 0
      sent = 0
    },
    fetch: async (input, init) => {
      const url = input instanceof Request ? input.url : String(input)
      const body = init?.body instanceof Uint8Array ? init.body.byteLength : 0
      requests.push(`${init?.method ?? 'GET'} ${url}`)
      bytes += url.length + body
      sent += body
      const response = await inner(input, init)
      if (response.body === null) return response
      const counted = response.body.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform(chunk, controller) {
            bytes += chunk.byteLength
            controller.enqueue(chunk)
          },
        }),
      )
      const { status, statusText, headers } = response
      return new Response(counted, { status, statusText, headers })
    },
  }
}
