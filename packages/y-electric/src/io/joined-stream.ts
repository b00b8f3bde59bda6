import { isComment, type Opened, placeAfter } from './joint-events.ts'

/** Called with the answer to a request for a stream, or why there is none. */
interface Answer {
  readonly resolve: (response: Response) => void
  readonly reject: (error: unknown) => void
}

/**
 * One stream of those that a response joins, from its request on. Its reader gets whole batches alone, each
 * once, whichever response brings them.
 */
export class JoinedStream {
  readonly #path: string
  readonly #onCancel: () => void
  /** Where it can be asked for again; null: where it was asked for first. */
  #offset: string | null = null
  /** Set until it is answered. */
  #answer: Answer | null
  #body: ReadableStreamDefaultController<Uint8Array> | null = null
  readonly #encoder = new TextEncoder()
  /** Events of a batch that is not whole yet. */
  #partial = ''
  /** Whole batches that wait until the next response begins, or does not; null: none have to. */
  #held: string[] | null = null

  /** @param onCancel called when its reader wants no more of it */
  constructor(path: string, answer: Answer, onCancel: () => void) {
    this.#path = path
    this.#answer = answer
    this.#onCancel = onCancel
  }

  get isAnswered(): boolean {
    return this.#answer === null
  }

  /** The path and query with which it is asked for now. */
  get request(): string {
    if (this.#offset === null) return this.#path
    const url = new URL(`http://host${this.#path}`)
    url.searchParams.set('offset', this.#offset)
    return url.pathname + url.search
  }

  /** The next response is asked for from here on: what comes from now on, it brings too. */
  hold(): void {
    if (this.#body !== null) this.#held ??= []
  }

  /** The next response has begun, and brings what was held. */
  restart(): void {
    this.#held = null
    this.#partial = ''
  }

  /** There is no next response: delivers what was held. */
  release(): void {
    const held = this.#held ?? []
    this.#held = null
    for (const batch of held) this.#passOn(batch)
  }

  /** Answers the request. */
  answer({ status, headers, body }: Opened): void {
    const answer = this.#answer
    this.#answer = null
    if (body !== null) {
      const text = [204, 205, 304].includes(status) ? null : body
      answer?.resolve(new Response(text, { status, headers }))
      return
    }
    const bytes = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#body = controller
      },
      cancel: () => {
        this.#body = null
        this.#onCancel()
      },
    })
    answer?.resolve(new Response(bytes, { status, headers }))
  }

  /** Takes an event as it came. */
  deliver(event: string): void {
    if (this.#held === null && isComment(event)) {
      this.#enqueue(event)
      return
    }
    this.#partial += event
    if (!placeAfter(event).isWhole) return
    const batch = this.#partial
    this.#partial = ''
    if (this.#held === null) this.#passOn(batch)
    else this.#held.push(batch)
  }

  /** Ends it for its reader, who asks again. @param error null: it was over */
  end(error: unknown): void {
    this.release()
    const body = this.#body
    this.#body = null
    if (error === null) body?.close()
    else body?.error(error)
    this.refuse(error)
  }

  /** Rejects the request, unless it was answered. */
  refuse(error: unknown): void {
    const answer = this.#answer
    this.#answer = null
    if (error instanceof Response) answer?.resolve(error)
    else answer?.reject(error)
  }

  #passOn(batch: string): void {
    this.#offset = placeAfter(batch).offset ?? this.#offset
    this.#enqueue(batch)
  }

  #enqueue(text: string): void {
    this.#body?.enqueue(this.#encoder.encode(text))
  }
}
