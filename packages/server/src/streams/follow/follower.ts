import { discard } from '../discard.ts'
import { isEventStreamResponse, type Sink } from '../feed.ts'
import { type KeptAnswer, keepAnswer } from './answers.ts'
import { readEvent, wholeEvents } from './events.ts'
import { Fanout } from './fanout.ts'
import { formatPosition, type Position } from './position.ts'

/** Requests the stream of a shape. `offset` and `cursor` replace those of the first request unless they are null. */
export type RequestStream = (
  place: { readonly offset: string; readonly cursor: string | null } | null,
  signal: AbortSignal,
) => Promise<Response>

/** A stream that ended within this time and brought nothing is not requested again, in milliseconds. */
const SHORT_MS = 1_000

export interface FollowerOptions {
  readonly start: Position
  readonly maxBytes: number
  readonly request: RequestStream
  /** Called when readers may continue from another position of the log than before. */
  readonly onMoved: (follower: Follower) => void
  /** Called when the stream has ended for good, or no reader needs it any more. */
  readonly onOver: (follower: Follower) => void
}

/** A reader of a follower. */
export interface Follows {
  readonly sink: Sink | null
  /** Makes the reader read from another follower from now on. */
  moveTo(follower: Follower): void
  /** Reports that the follower delivers nothing more. */
  over(): void
}

/** Follows one shape for all of its readers: one request to the shape service at a time. */
export class Follower {
  readonly #options: FollowerOptions
  readonly #fanout: Fanout<Follows>
  readonly #aborter = new AbortController()
  /** The answer to the first request; null: a stream. */
  readonly #opened: Promise<KeptAnswer | null>
  /** The readers that wait for `opened`. */
  #waiting = 0
  #headers: Headers | null = null
  #isOver = false
  #onRoom: (() => void) | null = null
  #reading: ReadableStreamDefaultReader<Uint8Array> | null = null

  constructor(options: FollowerOptions) {
    this.#options = options
    this.#fanout = new Fanout(options.start, options.maxBytes)
    this.#opened = options
      .request(null, this.#aborter.signal)
      .then((response) => this.#begin(response))
    this.#opened.catch(() => this.#end())
  }

  /** The newest headers of the stream; null while it is being requested. */
  get headers(): Headers | null {
    return this.#headers
  }

  /** The position after the last whole batch. */
  get tip(): Position {
    return this.#fanout.tip
  }

  get isOver(): boolean {
    return this.#isOver
  }

  covers(at: Position): boolean {
    return !this.#isOver && this.#fanout.covers(at)
  }

  get readers(): readonly Follows[] {
    return this.#fanout.readers
  }

  positionOf(reader: Follows): Position | undefined {
    return this.#fanout.positionOf(reader)
  }

  /** Waits for the first answer, unless the reader leaves, and then uses it at once. */
  async whenOpen<T>(signal: AbortSignal, use: (refusal: KeptAnswer | null) => T): Promise<T> {
    signal.throwIfAborted()
    this.#waiting++
    let leave = (): void => {}
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason)
      signal.addEventListener('abort', leave, { once: true })
    })
    try {
      return use(await Promise.race([this.#opened, left]))
    } finally {
      signal.removeEventListener('abort', leave)
      this.#waiting--
      this.#endIfUnused()
    }
  }

  join(reader: Follows, at: Position): boolean {
    return !this.#isOver && this.#fanout.join(reader, at)
  }

  leave(reader: Follows): boolean {
    const wasReady = this.#fanout.leave(reader)
    this.#endIfUnused()
    this.#makeRoom()
    return wasReady
  }

  ready(reader: Follows): void {
    const bytes = this.#fanout.ready(reader)
    if (bytes !== null) reader.sink?.write(bytes)
    this.#makeRoom()
  }

  async #begin(response: Response): Promise<KeptAnswer | null> {
    if (isEventStreamResponse(response)) {
      this.#headers = response.headers
      void this.#run(response)
      return null
    }
    const refusal = await keepAnswer(response)
    this.#end()
    return refusal
  }

  async #run(first: Response): Promise<void> {
    let response = first
    for (;;) {
      const began = performance.now()
      const from = this.#fanout.last
      await this.#pump(response)
      if (this.#isOver) return
      const { last } = this.#fanout
      if (last === from && performance.now() - began < SHORT_MS) break
      const place = {
        offset: formatPosition(last),
        cursor: this.#headers?.get('electric-cursor') ?? null,
      }
      const next = await this.#options.request(place, this.#aborter.signal).catch(() => null)
      if (next === null || !isEventStreamResponse(next)) {
        if (next !== null) discard(next)
        break
      }
      this.#headers = next.headers
      response = next
    }
    // The readers request the shape again, and the answers tell them why it ended.
    this.#end()
  }

  /** Passes on the events of a stream until it ends. A stream that breaks off counts as ended. */
  async #pump({ body }: Response): Promise<void> {
    if (body === null) return
    const reader = body.getReader()
    this.#reading = reader
    const split = wholeEvents()
    while (!this.#isOver) {
      const { value } = await reader.read().catch(() => ({ value: undefined }))
      if (value === undefined || this.#isOver) return
      this.#receive(split(value))
      if (!this.#fanout.hasRoom) await this.#room()
    }
  }

  #receive(events: readonly Uint8Array[]): void {
    if (events.length === 0) return
    const { last } = this.#fanout
    const { deliveries, ended } = this.#fanout.receive(events.map(readEvent))
    for (const { readers, bytes } of deliveries) {
      for (const reader of readers) reader.sink?.write(bytes)
    }
    for (const reader of ended) reader.over()
    if (this.#fanout.last !== last) this.#options.onMoved(this)
    this.#endIfUnused()
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRoom = resolve
    })
  }

  #makeRoom(): void {
    if (this.#onRoom === null || !(this.#isOver || this.#fanout.hasRoom)) return
    const onRoom = this.#onRoom
    this.#onRoom = null
    onRoom()
  }

  #endIfUnused(): void {
    if (this.#waiting === 0 && this.#fanout.isEmpty) this.#end()
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    const { readers } = this.#fanout
    for (const reader of readers) this.#fanout.leave(reader)
    this.#aborter.abort()
    this.#reading?.cancel().catch(() => {})
    this.#options.onOver(this)
    this.#makeRoom()
    for (const reader of readers) reader.over()
  }
}
