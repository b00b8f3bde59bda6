import { BACKLOG_PARAM } from '../protocol/backlog.ts'
import { isComment, type Opened, placeAfter } from './joint-events.ts'

/** Called with the answer to a request for a stream, or with the reason for its failure. */
interface Answer {
  readonly resolve: (response: Response) => void
  readonly reject: (error: unknown) => void
}

/**
 * One of the streams that a joint response carries, from its request on. Its reader gets only whole
 * batches, each once, whichever response carries them.
 */
export class JoinedStream {
  readonly #path: string
  readonly #onCancel: () => void
  /** The path for continuing it; null: the first requested path. */
  #offset: string | null = null
  /** Set until it is answered. */
  #answer: Answer | null
  #body: ReadableStreamDefaultController<Uint8Array> | null = null
  readonly #encoder = new TextEncoder()
  /** Events of an incomplete batch. */
  #partial = ''
  /**
   * Whole batches that are held until the next response begins or fails; null: none need to be
   * held.
   */
  #held: string[] | null = null

  /** @param onCancel called when its reader cancels it */
  constructor(path: string, answer: Answer, onCancel: () => void) {
    this.#path = path
    this.#answer = answer
    this.#onCancel = onCancel
  }

  get isAnswered(): boolean {
    return this.#answer === null
  }

  /** The path and query of its next request. */
  get request(): string {
    if (this.#offset === null) return this.#path
    const url = new URL(`http://host${this.#path}`)
    url.searchParams.set('offset', this.#offset)
    url.searchParams.delete(BACKLOG_PARAM)
    return url.pathname + url.search
  }

  /**
   * The next response is requested from this point on, so it will repeat everything that arrives
   * after it.
   */
  hold(): void {
    if (this.#body !== null) this.#held ??= []
  }

  /** The next response has begun and repeats what was held. */
  restart(): void {
    this.#held = null
    this.#partial = ''
  }

  /** The next response failed: delivers what was held. */
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

  /** Takes an event in its raw form. */
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

  /** Ends it for its reader, which requests it again. @param error null if it ended normally */
  end(error: unknown): void {
    this.release()
    const body = this.#body
    this.#body = null
    if (error === null) body?.close()
    else body?.error(error)
    this.refuse(error)
  }

  /** Rejects the request if it has no answer yet. */
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
