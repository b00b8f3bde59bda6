import { ElectricProviderError } from '../errors.ts'
import type { Clock } from './clock.ts'
import { JoinedStream } from './joined-stream.ts'
import { jointEvents, type Opened } from './joint-events.ts'
import { timedReader } from './silence.ts'

/**
 * The server sends a heartbeat every 8 s. A joint stream that is silent for longer than this is
 * dead. Milliseconds.
 */
const SILENCE_MS = 20_000

/** How long its first bytes may take, in milliseconds: the first heartbeat, if nothing else. */
const FIRST_BYTES_MS = 9_500

/**
 * How long new streams are gathered, so that documents opened together are requested together.
 * Milliseconds.
 */
const GATHER_MS = 5

/** How long the server continues streams that nobody reads any more, in milliseconds. */
const TRIM_AFTER_MS = 5_000

/**
 * A response that ended within this time was short. Responses are not requested more often than
 * this. Milliseconds.
 */
const SHORT_MS = 1_000

/** After this many consecutive short responses the streams end, and their readers report why. */
const MAX_SHORT = 3

/** Thrown for a stream that needs its own request: the server does not join streams. */
export class NotJoined extends Error {}

/** Opens streams, each with the interface of a separate request. */
export interface StreamSource {
  /**
   * Resolves with the stream's own answer.
   * @param path the path below the mount point, with its query
   * @throws {NotJoined} if the server does not join streams
   */
  open(path: string, signal: AbortSignal): Promise<Response>
}

/** A source whose streams are requested by this page. */
export interface OwnSource extends StreamSource {
  /** True while no stream is open. */
  readonly isIdle: boolean
  /** Ends every stream; their readers request them again. */
  close(): void
}

export interface LiveHubOptions {
  readonly clock: Clock
  /** Requests streams, by their paths below the mount point. */
  readonly post: (paths: readonly string[], signal: AbortSignal) => Promise<Response>
  /** Called when no stream is open any more. */
  readonly onIdle: () => void
}

interface Connection {
  readonly aborter: AbortController
  readonly streams: readonly JoinedStream[]
  readonly beganAt: number
}

/**
 * Joins the streams that a page follows with the same credentials in one response, because a
 * browser opens at most six HTTP/1.1 connections to a server. When the list changes, the hub
 * requests a new response, and cancels the old one when the new one begins. Nothing is lost or
 * repeated: each stream continues after the last whole batch that its reader got.
 */
export class LiveHub implements OwnSource {
  readonly #options: LiveHubOptions
  readonly #streams = new Set<JoinedStream>()
  #current: Connection | null = null
  #asking: AbortController | null = null
  /** Consecutive short responses. */
  #shorts = 0
  /** When the list will be requested again, and a function that cancels this; null: not planned. */
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
      const stream = new JoinedStream(path, { resolve, reject }, () => this.#forget(stream))
      this.#streams.add(stream)
      signal.addEventListener('abort', () => this.#end(stream, signal.reason), { once: true })
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

  /** Requests all streams again. */
  async #ask(): Promise<void> {
    this.#due = null
    this.#asking?.abort()
    const streams = [...this.#streams]
    if (streams.length === 0) return
    const aborter = new AbortController()
    this.#asking = aborter
    for (const stream of streams) stream.hold()
    let response: Response
    try {
      response = await this.#options.post(
        streams.map(({ request }) => request),
        aborter.signal,
      )
    } catch (error) {
      if (!aborter.signal.aborted) this.#failed(streams, () => error)
      return
    }
    if (aborter.signal.aborted) return
    if (isJoint(response)) await this.#read(response.body, streams, aborter)
    else await this.#refused(streams, response)
  }

  async #refused(streams: readonly JoinedStream[], response: Response): Promise<void> {
    const body = await response.text().catch(() => '')
    const { status, headers } = response
    this.#failed(streams, () =>
      isUnknown(status, body) ? new NotJoined() : new Response(body, { status, headers }),
    )
  }

  /** The request for the new list failed: open streams continue as before, if they still can. */
  #failed(streams: readonly JoinedStream[], outcome: () => unknown): void {
    this.#asking = null
    for (const stream of streams) {
      if (stream.isAnswered && this.#current !== null) stream.release()
      else this.#end(stream, stream.isAnswered ? brokeOff() : outcome())
    }
  }

  async #read(
    body: ReadableStream<Uint8Array>,
    streams: readonly JoinedStream[],
    aborter: AbortController,
  ): Promise<void> {
    const { clock } = this.#options
    const late = () => new ElectricProviderError('timeout', 'the server stopped sending the stream')
    const reader = timedReader(body, clock, SILENCE_MS, late, FIRST_BYTES_MS)
    const connection: Connection = { aborter, streams, beganAt: clock.now() }
    const decoder = new TextDecoder()
    const events = jointEvents()
    let error: unknown = null
    try {
      for (;;) {
        const { done, value } = await reader.read()
        if (aborter.signal.aborted) return
        if (done) break
        // Only with the first bytes: a response that a proxy holds back has not begun.
        if (this.#asking === aborter) this.#begin(connection)
        for (const event of events(decoder.decode(value, { stream: true }))) {
          const stream = streams[event.stream]
          if (stream === undefined || !this.#streams.has(stream)) continue
          if (event.type === 'open') this.#opened(stream, event.opened)
          else if (event.type === 'end') this.#end(stream, null)
          else stream.deliver(event.text)
        }
      }
    } catch (cause) {
      if (aborter.signal.aborted) return
      error = cause
    }
    this.#broke(connection, error)
  }

  /** The new response replaces the old one. */
  #begin(connection: Connection): void {
    this.#current?.aborter.abort()
    this.#current = connection
    this.#asking = null
    for (const stream of connection.streams) stream.restart()
  }

  #opened(stream: JoinedStream, opened: Opened): void {
    const isOver = opened.body !== null
    if (!stream.isAnswered) stream.answer(opened)
    // It was part of this response. Its reader finds out why it ended by requesting it again.
    if (isOver) this.#end(stream, null)
  }

  /** The response has ended: its streams are requested again. */
  #broke(connection: Connection, error: unknown): void {
    if (this.#asking === connection.aborter) {
      this.#failed(connection.streams, () => error ?? new NotJoined())
      return
    }
    if (this.#current !== connection) return
    this.#current = null
    // The requested response takes over.
    if (this.#asking !== null) return
    const lasted = this.#options.clock.now() - connection.beganAt
    this.#shorts = lasted < SHORT_MS ? this.#shorts + 1 : 0
    if (this.#shorts < MAX_SHORT) this.#askIn(Math.max(0, SHORT_MS - lasted))
    else for (const stream of connection.streams) this.#end(stream, error)
  }

  #end(stream: JoinedStream, error: unknown): void {
    if (!this.#streams.has(stream)) return
    stream.end(stream.isAnswered ? error : (error ?? brokeOff()))
    this.#forget(stream)
  }

  #forget(stream: JoinedStream): void {
    if (!this.#streams.delete(stream)) return
    if (this.#streams.size > 0) {
      // Unless the list changes earlier.
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

const brokeOff = () => new ElectricProviderError('network', 'the stream was cut off')

const isJoint = (response: Response): response is Response & { body: ReadableStream<Uint8Array> } =>
  response.ok &&
  response.body !== null &&
  (response.headers.get('content-type')?.startsWith('text/event-stream') ?? false)

/** True for a server without the route, or one that lets this page read but not post. */
const isUnknown = (status: number, body: string): boolean =>
  [404, 405, 501].includes(status) || (status === 403 && body.includes('"cross_site_request"'))
