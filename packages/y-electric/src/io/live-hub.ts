import { ElectricProviderError } from '../errors.ts'
import type { Clock } from './clock.ts'
import { isComment, jointEvents, type Opened, placeAfter } from './joint-events.ts'
import { timedReader } from './silence.ts'

/** The server says every 8 s that it is there. A joint stream that is silent for longer is dead. Milliseconds. */
const SILENCE_MS = 20_000

/** How long streams that begin are gathered, so that documents opened together are asked for together. Milliseconds. */
const GATHER_MS = 5

/** How long the server goes on with streams that nobody reads any more, in milliseconds. */
const TRIM_AFTER_MS = 5_000

/** A response that ended within this time was a short one. Responses do not follow each other faster. Milliseconds. */
const SHORT_MS = 1_000

/** After so many short responses in a row the streams end, and their readers report why. */
const MAX_SHORT = 3

/** Thrown to a stream that must be asked for by itself: the server does not join streams. */
export class NotJoined extends Error {}

/** Opens streams, each as if it were asked for alone. */
export interface StreamSource {
  /**
   * Resolves with the stream's own answer.
   * @param path the path below the mount point, with its query
   * @throws {NotJoined} if the server does not join streams
   */
  open(path: string, signal: AbortSignal): Promise<Response>
}

/** One whose streams are requested from here. */
export interface OwnSource extends StreamSource {
  /** True while no stream is open. */
  readonly isIdle: boolean
  /** Ends every stream; their readers ask again. */
  close(): void
}

export interface LiveHubOptions {
  readonly clock: Clock
  /** Asks for streams, by their paths below the mount point. */
  readonly post: (paths: readonly string[], signal: AbortSignal) => Promise<Response>
  /** No stream is open any more. */
  readonly onIdle: () => void
}

/** One stream, from its request on. */
interface Stream {
  readonly path: string
  /** Where it can be asked for again; null: where it was asked for first. */
  offset: string | null
  /** Set until it is answered. */
  answer: { resolve: (response: Response) => void; reject: (error: unknown) => void } | null
  body: ReadableStreamDefaultController<Uint8Array> | null
  /** Events of a batch that is not whole yet. */
  partial: string
  /** Whole events that wait for the next response to begin, or not to; null: none have to. */
  held: string[] | null
}

interface Connection {
  readonly aborter: AbortController
  readonly streams: readonly Stream[]
  readonly beganAt: number
}

/**
 * The streams that a page follows with the same credentials, joined in one response: a browser has six
 * connections to a server over HTTP/1.1. When the list changes, a new response is asked for, and the old
 * one is let go when the new one begins. Nothing is lost or repeated then: each stream goes on behind the
 * last whole batch that its reader got.
 */
export class LiveHub implements OwnSource {
  readonly #options: LiveHubOptions
  readonly #streams = new Set<Stream>()
  readonly #encoder = new TextEncoder()
  #current: Connection | null = null
  #asking: AbortController | null = null
  /** Short responses in a row. */
  #shorts = 0
  /** When the list is asked for anew, and how to take that back; null: not yet. */
  #due: { readonly at: number; readonly cancel: () => void } | null = null

  constructor(options: LiveHubOptions) {
    this.#options = options
  }

  get isIdle(): boolean {
    return this.#streams.size === 0
  }

  close(): void {
    for (const stream of [...this.#streams]) this.#end(stream, null)
  }

  open(path: string, signal: AbortSignal): Promise<Response> {
    return new Promise((resolve, reject) => {
      const stream: Stream = {
        path,
        offset: null,
        answer: { resolve, reject },
        body: null,
        partial: '',
        held: null,
      }
      this.#streams.add(stream)
      signal.addEventListener('abort', () => this.#drop(stream, signal.reason), { once: true })
      this.#askIn(GATHER_MS)
    })
  }

  #askIn(ms: number): void {
    const { clock } = this.#options
    const at = clock.now() + ms
    if (this.#due !== null && this.#due.at <= at) return
    this.#due?.cancel()
    this.#due = { at, cancel: clock.after(ms, () => void this.#ask()) }
  }

  /** Asks for all streams anew. */
  async #ask(): Promise<void> {
    this.#due = null
    this.#asking?.abort()
    const streams = [...this.#streams]
    if (streams.length === 0) return
    const aborter = new AbortController()
    this.#asking = aborter
    for (const stream of streams) if (stream.body !== null) stream.held ??= []
    let response: Response
    try {
      response = await this.#options.post(streams.map(pathOf), aborter.signal)
    } catch (error) {
      if (!aborter.signal.aborted) this.#failed(streams, () => error)
      return
    }
    if (aborter.signal.aborted) return
    if (isJoint(response)) await this.#read(response.body, streams, aborter)
    else await this.#refused(streams, response)
  }

  async #refused(streams: readonly Stream[], response: Response): Promise<void> {
    const body = await response.text().catch(() => '')
    if (isUnknown(response.status, body)) this.#failed(streams, () => new NotJoined())
    else {
      const { status, headers } = response
      this.#failed(streams, () => new Response(body, { status, headers }))
    }
  }

  /** The new list was not answered: streams that are open go on as before, if they still can. */
  #failed(streams: readonly Stream[], outcome: () => unknown): void {
    this.#asking = null
    for (const stream of streams) {
      if (stream.answer !== null) this.#settle(stream, outcome())
      else if (this.#current === null)
        this.#end(stream, new ElectricProviderError('network', 'the stream broke off'))
      else this.#release(stream)
    }
  }

  #settle(stream: Stream, outcome: unknown): void {
    const { answer } = stream
    stream.answer = null
    this.#forget(stream)
    if (outcome instanceof Response) answer?.resolve(outcome)
    else answer?.reject(outcome)
  }

  async #read(
    body: ReadableStream<Uint8Array>,
    streams: readonly Stream[],
    aborter: AbortController,
  ): Promise<void> {
    const { clock } = this.#options
    const late = () => new ElectricProviderError('timeout', 'the stream fell silent')
    const reader = timedReader(body, clock, SILENCE_MS, late)
    const connection: Connection = { aborter, streams, beganAt: clock.now() }
    const decoder = new TextDecoder()
    const events = jointEvents()
    let error: unknown = null
    try {
      for (;;) {
        const { done, value } = await reader.read()
        if (aborter.signal.aborted) return
        if (done) break
        // With its first bytes: a response that something on the way holds back has not begun.
        if (this.#asking === aborter) this.#begin(connection)
        for (const event of events(decoder.decode(value, { stream: true }))) {
          const stream = streams[event.stream]
          if (stream === undefined || !this.#streams.has(stream)) continue
          if (event.type === 'open') this.#opened(stream, event.opened)
          else if (event.type === 'end') this.#end(stream, null)
          else this.#deliver(stream, event.text)
        }
      }
    } catch (cause) {
      if (aborter.signal.aborted) return
      error = cause
    }
    this.#broke(connection, error)
  }

  /** The new response takes the place of the old one. */
  #begin(connection: Connection): void {
    this.#current?.aborter.abort()
    this.#current = connection
    this.#asking = null
    for (const stream of connection.streams) {
      // They come again, from the place at which they were asked for.
      stream.held = null
      stream.partial = ''
    }
  }

  #opened(stream: Stream, { status, headers, body }: Opened): void {
    if (stream.answer === null) {
      // It went on in this response; whatever else it is, its reader finds out by asking again.
      if (body !== null) this.#end(stream, null)
      return
    }
    if (body !== null) {
      this.#settle(stream, new Response(hasNoBody(status) ? null : body, { status, headers }))
      return
    }
    const { answer } = stream
    stream.answer = null
    const text = new ReadableStream<Uint8Array>({
      start: (controller) => {
        stream.body = controller
      },
      cancel: () => this.#forget(stream),
    })
    answer?.resolve(new Response(text, { status, headers }))
  }

  #deliver(stream: Stream, text: string): void {
    if (stream.held === null && isComment(text)) {
      this.#enqueue(stream, text)
      return
    }
    stream.partial += text
    const { isWhole, offset } = placeAfter(text)
    if (!isWhole) return
    const whole = stream.partial
    stream.partial = ''
    // The next response was asked for with an earlier place, and brings this too.
    if (stream.held !== null) stream.held.push(whole)
    else this.#passOn(stream, whole, offset)
  }

  #passOn(stream: Stream, whole: string, offset: string | null): void {
    stream.offset = offset ?? stream.offset
    this.#enqueue(stream, whole)
  }

  /** Delivers what waited. */
  #release(stream: Stream): void {
    const held = stream.held ?? []
    stream.held = null
    for (const whole of held) this.#passOn(stream, whole, placeAfter(whole).offset)
  }

  #enqueue({ body }: Stream, text: string): void {
    body?.enqueue(this.#encoder.encode(text))
  }

  /** The response is over: its streams are asked for again. */
  #broke(connection: Connection, error: unknown): void {
    if (this.#asking === connection.aborter) {
      this.#failed(connection.streams, () => error ?? new NotJoined())
      return
    }
    if (this.#current !== connection) return
    this.#current = null
    // The one that is asked for takes over.
    if (this.#asking !== null) return
    const lasted = this.#options.clock.now() - connection.beganAt
    this.#shorts = lasted < SHORT_MS ? this.#shorts + 1 : 0
    if (this.#shorts < MAX_SHORT) this.#askIn(Math.max(0, SHORT_MS - lasted))
    else for (const stream of connection.streams) this.#end(stream, error)
  }

  /** Ends a stream for its reader, who asks for it again. */
  #end(stream: Stream, error: unknown): void {
    if (stream.answer !== null) {
      this.#settle(stream, error ?? new ElectricProviderError('network', 'the stream broke off'))
      return
    }
    const { body } = stream
    this.#release(stream)
    this.#forget(stream)
    if (error === null) body?.close()
    else body?.error(error)
  }

  /** The reader has gone. */
  #drop(stream: Stream, reason: unknown): void {
    if (!this.#streams.has(stream)) return
    const { answer, body } = stream
    stream.answer = null
    this.#forget(stream)
    answer?.reject(reason)
    body?.error(reason)
  }

  #forget(stream: Stream): void {
    if (!this.#streams.delete(stream)) return
    stream.body = null
    if (this.#streams.size > 0) {
      // Unless the list changes before.
      if (this.#current?.streams.includes(stream)) this.#askIn(TRIM_AFTER_MS)
      return
    }
    this.#due?.cancel()
    this.#due = null
    this.#asking?.abort()
    this.#current?.aborter.abort()
    this.#asking = null
    this.#current = null
    this.#options.onIdle()
  }
}

function pathOf({ path, offset }: Stream): string {
  if (offset === null) return path
  const url = new URL(`http://host${path}`)
  url.searchParams.set('offset', offset)
  return url.pathname + url.search
}

const isJoint = (response: Response): response is Response & { body: ReadableStream<Uint8Array> } =>
  response.ok &&
  response.body !== null &&
  (response.headers.get('content-type')?.startsWith('text/event-stream') ?? false)

/** A server without the route, or one that lets this page read but not post. */
const isUnknown = (status: number, body: string): boolean =>
  [404, 405, 501].includes(status) || (status === 403 && body.includes('"cross_site_request"'))

const hasNoBody = (status: number): boolean => [204, 205, 304].includes(status)
