// Removes the globals that React Native and workers do not have, before the rest of the bundle runs.
import { request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { workerData } from 'node:worker_threads'
import type { WorkerSetup } from './messages.ts'

const MISSING = [
  'window',
  'document',
  'navigator',
  'addEventListener',
  'removeEventListener',
  'BroadcastChannel',
  'indexedDB',
  'localStorage',
  'Worker',
  'WebSocket',
  'EventSource',
]
/** The further globals that React Native lacks. */
const MISSING_IN_REACT_NATIVE = [
  'ReadableStream',
  'WritableStream',
  'TransformStream',
  'structuredClone',
]

const take = (owner: object, names: readonly string[]) => {
  for (const name of names) {
    Object.defineProperty(owner, name, { value: undefined, configurable: true, writable: true })
  }
}

const { fetchLike } = workerData as WorkerSetup
take(globalThis, MISSING)

/**
 * Like the `fetch` of React Native: it resolves when the whole answer has arrived, and the answer
 * has no `body`.
 */
class WholeResponse {
  readonly status: number
  readonly statusText: string
  readonly headers: Headers
  readonly url: string = ''
  bodyUsed = false
  readonly #bytes: Uint8Array<ArrayBuffer>

  constructor(body?: string | ArrayBuffer | null, init: ResponseInit = {}) {
    this.status = init.status ?? 200
    this.statusText = init.statusText ?? ''
    this.headers = new Headers(init.headers)
    this.#bytes =
      typeof body === 'string'
        ? new TextEncoder().encode(body)
        : new Uint8Array(body ?? new ArrayBuffer())
  }
  get ok(): boolean {
    return this.status >= 200 && this.status < 300
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    if (this.bodyUsed) throw new TypeError('Already read')
    this.bodyUsed = true
    return this.#bytes.buffer
  }
  async text(): Promise<string> {
    return new TextDecoder().decode(await this.arrayBuffer())
  }
  async json(): Promise<unknown> {
    return JSON.parse(await this.text())
  }
  clone(): WholeResponse {
    return new WholeResponse(this.#bytes.buffer, this)
  }
}

/** Like `XMLHttpRequest`. It uses plain HTTP, since Node's own `fetch` needs streams. */
function wholeFetch(
  url: string,
  { method = 'GET', headers, body, signal }: RequestInit = {},
): Promise<WholeResponse> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method,
        headers: Object.fromEntries(new Headers(headers)),
        ...(signal ? { signal } : {}),
      },
      async (response) => {
        try {
          const bytes = await buffer(response)
          const whole = new Uint8Array(bytes).buffer
          const answered = new Headers()
          for (const [name, value] of Object.entries(response.headers)) {
            answered.set(name, String(value))
          }
          resolve(new WholeResponse(whole, { status: response.statusCode ?? 0, headers: answered }))
        } catch (error) {
          reject(error)
        }
      },
    )
    sent.on('error', () => reject(new TypeError('Network request failed')))
    sent.end(body as string | Uint8Array | undefined)
  })
}

if (fetchLike === 'react-native') {
  take(globalThis, MISSING_IN_REACT_NATIVE)
  take(AbortSignal, ['any', 'timeout'])
  const { crypto } = globalThis
  Object.defineProperty(globalThis, 'crypto', {
    value: { getRandomValues: crypto.getRandomValues.bind(crypto) },
  })
  Object.assign(globalThis, { Response: WholeResponse, fetch: wholeFetch })
}
