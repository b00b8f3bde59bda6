// Counts the traffic that a `fetch` can see: bodies, not headers.

export interface Traffic {
  requests: number
  sentBytes: number
  /** The received bytes after decompression; `encodings` names the compressions. */
  receivedBytes: number
  /** Writes that the server answered with "this is a new row". */
  rows: number
  readonly encodings: Set<string>
}

export interface CountingFetch {
  readonly fetch: typeof fetch
  readonly traffic: Traffic
}

/** Makes a `fetch` that counts. It calls `onAnswer` whenever the server sends something. */
export function countingFetch(onAnswer: () => void = () => {}): CountingFetch {
  const traffic: Traffic = {
    requests: 0,
    sentBytes: 0,
    receivedBytes: 0,
    rows: 0,
    encodings: new Set(),
  }

  async function count(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
    traffic.requests++
    if (init?.body instanceof Uint8Array) traffic.sentBytes += init.body.byteLength
    const response = await fetch(input, init)
    onAnswer()
    if (init?.method === 'POST' && response.status === 201) traffic.rows++
    const encoding = response.headers.get('content-encoding')
    if (encoding !== null) traffic.encodings.add(encoding)
    if (response.body === null) return response
    const length = encoding === null ? response.headers.get('content-length') : null
    if (length !== null) {
      // The header gives the length; counting a short body through a stream costs more than the answer.
      traffic.receivedBytes += Number(length)
      return response
    }
    const counted = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          traffic.receivedBytes += chunk.byteLength
          onAnswer()
          controller.enqueue(chunk)
        },
      }),
    )
    const { status, statusText, headers } = response
    return new Response(counted, { status, statusText, headers })
  }

  return { fetch: count, traffic }
}
