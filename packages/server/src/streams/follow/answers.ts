/** A whole answer of the shape service, of which each of its readers gets a copy. */
export interface KeptAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: { readonly chunks: readonly Uint8Array[]; readonly byteLength: number }
}

export async function keepAnswer(response: Response): Promise<KeptAnswer> {
  const { status, headers } = response
  const bytes = new Uint8Array(await response.arrayBuffer())
  return { status, headers, body: { chunks: [bytes], byteLength: bytes.byteLength } }
}

/** How long a cacheable answer is kept for readers that come a little later, in milliseconds. */
const KEEP_MS = 2_000

interface Shared {
  readonly answer: Promise<KeptAnswer>
  readonly aborter: AbortController
  readers: number
}

/**
 * Sends equal requests of many readers once. An answer that has news is kept for a moment, as a cache in
 * front of the shape service would keep it: readers that come a little later must not each request it again.
 * After that moment, it is no longer in memory (MEM-1).
 */
export class SharedAnswers {
  readonly #maxBytes: number
  readonly #open = new Map<string, Shared>()
  readonly #kept = new Map<string, KeptAnswer>()

  /** @param maxBytes larger answers are not kept */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** How many requests to the shape service are open. */
  get size(): number {
    return this.#open.size
  }

  /**
   * @param key equal for equal requests
   * @param mayKeep true for an answer after which its reader sends another request
   * @param signal aborted when this reader leaves; when all have left, the request is aborted
   */
  async get(
    key: string,
    request: (signal: AbortSignal) => Promise<Response>,
    mayKeep: (answer: KeptAnswer) => boolean,
    signal: AbortSignal,
  ): Promise<KeptAnswer> {
    signal.throwIfAborted()
    const kept = this.#kept.get(key)
    if (kept !== undefined) return kept
    const shared = this.#open.get(key) ?? this.#send(key, request, mayKeep)
    shared.readers++
    let leave = (): void => {}
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason)
      signal.addEventListener('abort', leave, { once: true })
    })
    try {
      return await Promise.race([shared.answer, left])
    } finally {
      signal.removeEventListener('abort', leave)
      shared.readers--
      if (shared.readers === 0) this.#abandon(key, shared)
    }
  }

  #send(
    key: string,
    request: (signal: AbortSignal) => Promise<Response>,
    mayKeep: (answer: KeptAnswer) => boolean,
  ): Shared {
    const aborter = new AbortController()
    const read = async (): Promise<KeptAnswer> => {
      const answer = await keepAnswer(await request(aborter.signal))
      if (mayKeep(answer)) this.keep(key, answer)
      return answer
    }
    const shared: Shared = { answer: read(), aborter, readers: 0 }
    this.#open.set(key, shared)
    const done = (): void => {
      if (this.#open.get(key) === shared) this.#open.delete(key)
    }
    shared.answer.then(done, done)
    return shared
  }

  /** The answer to an equal request of a moment ago. */
  kept(key: string): KeptAnswer | undefined {
    return this.#kept.get(key)
  }

  /** Keeps an answer for a moment, if caches may keep it. */
  keep(key: string, answer: KeptAnswer): void {
    if (answer.body.byteLength > this.#maxBytes || !isCacheable(answer.headers)) return
    this.#kept.set(key, answer)
    const timer = setTimeout(() => this.#kept.delete(key), KEEP_MS)
    // In Node a timer keeps the process alive, so it is unreferenced; elsewhere a timer is a number.
    if (typeof timer === 'object' && 'unref' in timer) timer.unref()
  }

  #abandon(key: string, shared: Shared): void {
    if (this.#open.get(key) !== shared) return
    this.#open.delete(key)
    shared.aborter.abort()
  }
}

/** True if the shape service lets shared caches keep an answer. */
const isCacheable = (headers: Headers): boolean =>
  /\bpublic\b.*\bmax-age=[1-9]/.test(headers.get('cache-control') ?? '')
