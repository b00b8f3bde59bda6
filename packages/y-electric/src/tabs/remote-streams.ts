import { NotJoined } from '../io/live-hub.ts'
import type { LiveMessage, UnsignedLiveMessage } from './live-messages.ts'

/** The leader's answer to a request for a stream. */
export type StreamMessage = Extract<LiveMessage, { type: 'opened' | 'bytes' | 'ended' }>

interface Stream {
  readonly id: string
  readonly path: string
  readonly signal: AbortSignal
  /** Set until it is answered. */
  settle: ((response: Promise<Response>) => void) | null
  body: ReadableStreamDefaultController<Uint8Array> | null
}

export interface RemoteStreamsOptions {
  readonly freshId: () => string
  readonly post: (message: UnsignedLiveMessage) => void
  readonly onIdle: () => void
}

/** A stream without an answer. */
export interface Unanswered {
  readonly path: string
  readonly signal: AbortSignal
  readonly settle: (response: Promise<Response>) => void
}

/** The streams that this tab reads through the tab that leads. */
export class RemoteStreams {
  readonly #options: RemoteStreamsOptions
  readonly #streams = new Map<string, Stream>()

  constructor(options: RemoteStreamsOptions) {
    this.#options = options
  }

  get isEmpty(): boolean {
    return this.#streams.size === 0
  }

  /** @param isAsked false while no leader is known: it is requested when a tab leads */
  open(path: string, signal: AbortSignal, isAsked: boolean): Promise<Response> {
    return new Promise((resolve, reject) => {
      const id = this.#options.freshId()
      const stream: Stream = {
        id,
        path,
        signal,
        settle: (response) => response.then(resolve, reject),
        body: null,
      }
      this.#streams.set(id, stream)
      signal.addEventListener('abort', () => this.#drop(stream), { once: true })
      if (isAsked) this.#options.post({ type: 'open', id, path })
    })
  }

  /** A tab leads now. */
  askAll(): void {
    for (const { id, path, settle } of this.#streams.values()) {
      if (settle !== null) this.#options.post({ type: 'open', id, path })
    }
  }

  /** Gives up the streams without an answer, because this tab leads now. */
  takeUnanswered(): Unanswered[] {
    const unanswered: Unanswered[] = []
    for (const stream of this.#streams.values()) {
      const { path, signal, settle } = stream
      if (settle === null) continue
      stream.settle = null
      this.#streams.delete(stream.id)
      unanswered.push({ path, signal, settle })
    }
    return unanswered
  }

  /** The previous leader is gone: its streams have ended, and their readers request them again. */
  endAll(): void {
    for (const stream of [...this.#streams.values()]) if (stream.settle === null) this.#end(stream)
  }

  hear(message: StreamMessage): void {
    const stream = this.#streams.get(message.id)
    if (stream === undefined) return
    if (message.type === 'opened') this.#opened(stream, message)
    else if (message.type === 'bytes') stream.body?.enqueue(message.bytes)
    else if (stream.settle === null) this.#end(stream)
    else {
      const { settle } = stream
      stream.settle = null
      this.#forget(stream)
      const failure = message.isNotJoined
        ? new NotJoined()
        : new TypeError('the tab that leads could not open the stream')
      settle(Promise.reject(failure))
    }
  }

  #opened(stream: Stream, { status, headers, body }: StreamMessage & { type: 'opened' }): void {
    const { settle } = stream
    stream.settle = null
    const init = {
      status,
      headers: new Headers(headers.map(([name, value]): [string, string] => [name, value])),
    }
    if (body !== null) {
      this.#forget(stream)
      settle?.(Promise.resolve(new Response([204, 205, 304].includes(status) ? null : body, init)))
      return
    }
    const bytes = new ReadableStream<Uint8Array>({
      start: (controller) => {
        stream.body = controller
      },
      cancel: () => this.#leave(stream),
    })
    settle?.(Promise.resolve(new Response(bytes, init)))
  }

  #end(stream: Stream): void {
    const { body } = stream
    this.#forget(stream)
    body?.close()
  }

  #drop(stream: Stream): void {
    if (!this.#streams.has(stream.id)) return
    const { settle, body, signal } = stream
    stream.settle = null
    this.#leave(stream)
    settle?.(Promise.reject(signal.reason))
    body?.error(signal.reason)
  }

  /** Its reader cancels it. */
  #leave(stream: Stream): void {
    this.#options.post({ type: 'close', id: stream.id })
    this.#forget(stream)
  }

  #forget(stream: Stream): void {
    stream.body = null
    if (this.#streams.delete(stream.id) && this.#streams.size === 0) this.#options.onIdle()
  }
}
