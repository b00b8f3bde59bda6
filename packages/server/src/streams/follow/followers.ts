import type { SegmentKey } from '../../store/index.ts'
import type { Feed, Sink } from '../feed.ts'
import type { KeptAnswer } from './answers.ts'
import { Follower, type Follows, type RequestStream } from './follower.ts'
import { comparePositions, formatPosition, type Position } from './position.ts'

/**
 * How long one reader is served before it requests the stream again, in milliseconds: as long as Electric serves
 * it.
 */
const STREAM_MS = 60_000

/** The end of a segment's shape, as far as a follower has read it: a place in the log where a client can follow. */
export interface KnownEnd {
  readonly segment: number
  readonly follow: { readonly handle: string; readonly offset: string }
}

export interface StreamRequest {
  /** Identifies the shape: everything that determines its messages, without the position of a reader. */
  readonly shape: string
  /** The segment whose rows the shape has; null for a shape of anything else. */
  readonly of: SegmentKey | null
  /** The position of the reader. */
  readonly at: Position
  /** Its previous cursor. */
  readonly cursor: string | null
  readonly request: RequestStream
}

/** The answer to a reader. */
export type Answer =
  | { readonly type: 'stream'; readonly headers: Headers; readonly feed: Feed }
  | { readonly type: 'refused'; readonly refusal: KeptAnswer }

/**
 * The shapes that this server follows, each once for all of its readers. A reader that is behind the log of
 * its shape gets a follower of its own until it has caught up. A follower ends with its last reader (MEM-1).
 */
export class Followers {
  readonly #maxBytes: number
  /** The followers of each shape, the oldest first. An older follower takes over the readers of younger ones. */
  readonly #byShape = new Map<string, Follower[]>()
  /** The followers of each document's segments, the oldest first. */
  readonly #byDocument = new Map<string, Map<Follower, number>>()

  constructor({ maxUnreadBytes }: { readonly maxUnreadBytes: number }) {
    this.#maxBytes = maxUnreadBytes
  }

  /** How many requests to the shape service are open. */
  get size(): number {
    let size = 0
    for (const followers of this.#byShape.values()) size += followers.length
    return size
  }

  /**
   * @param signal aborted when the reader leaves
   * @throws the failure of the request to the shape service
   */
  async open(stream: StreamRequest, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted()
    const known = this.#byShape.get(stream.shape)?.find((one) => one.covers(stream.at))
    const follower = known ?? this.#follow(stream)
    return follower.whenOpen(signal, (refusal): Answer => {
      if (refusal !== null) return { type: 'refused', refusal }
      const { headers } = follower
      // The follower may have ended, or forgotten this position, while this reader waited.
      const reader = new Reader(signal)
      if (headers === null || !reader.join(follower, stream.at)) reader.over()
      return { type: 'stream', headers: headersFor(headers ?? new Headers(), stream), feed: reader }
    })
  }

  /**
   * The ends of a document's segments that this server follows now. The rows before them are committed.
   * @returns for each segment, the end of the follower that has read the most
   */
  endsOf(docId: string): readonly KnownEnd[] {
    const ends = new Map<number, { readonly tip: Position; readonly end: KnownEnd }>()
    for (const [{ headers, tip }, segment] of this.#byDocument.get(docId) ?? []) {
      const handle = headers?.get('electric-handle')
      const other = ends.get(segment)
      if (typeof handle !== 'string') continue
      if (other !== undefined && comparePositions(tip, other.tip) <= 0) continue
      ends.set(segment, { tip, end: { segment, follow: { handle, offset: formatPosition(tip) } } })
    }
    return [...ends.values()].map(({ end }) => end)
  }

  /** Records that the shape service has refused a handle: no end of the segment with this handle is returned any more. */
  refused({ docId, segment }: SegmentKey, handle: string): void {
    for (const [follower, its] of this.#byDocument.get(docId) ?? []) {
      const isRefused = its === segment && follower.headers?.get('electric-handle') === handle
      if (isRefused) this.#forgetEnd(docId, follower)
    }
  }

  #follow({ shape, of, at, request }: StreamRequest): Follower {
    const follower: Follower = new Follower({
      start: at,
      maxBytes: this.#maxBytes,
      request,
      onMoved: () => this.#merge(shape),
      onOver: () => {
        this.#forget(shape, follower)
        if (of !== null) this.#forgetEnd(of.docId, follower)
      },
    })
    if (of !== null) {
      const ofDocument = this.#byDocument.get(of.docId) ?? new Map<Follower, number>()
      this.#byDocument.set(of.docId, ofDocument.set(follower, of.segment))
    }
    const others = this.#byShape.get(shape)
    if (others === undefined) this.#byShape.set(shape, [follower])
    else others.push(follower)
    return follower
  }

  /** Moves readers to an older follower as soon as its log covers their positions. */
  #merge(shape: string): void {
    const followers = this.#byShape.get(shape) ?? []
    if (followers.length < 2) return
    for (const [i, younger] of [...followers.entries()].reverse()) {
      for (const reader of younger.readers) {
        const at = younger.positionOf(reader)
        if (at === undefined) continue
        const older = followers.slice(0, i).find((one) => one.headers !== null && one.covers(at))
        if (older === undefined) continue
        if (!older.join(reader, at)) continue
        reader.moveTo(older)
        if (younger.leave(reader)) older.ready(reader)
      }
    }
  }

  #forget(shape: string, follower: Follower): void {
    const others = this.#byShape.get(shape)?.filter((one) => one !== follower) ?? []
    if (others.length > 0) this.#byShape.set(shape, others)
    else this.#byShape.delete(shape)
  }

  #forgetEnd(docId: string, follower: Follower): void {
    const ofDocument = this.#byDocument.get(docId)
    ofDocument?.delete(follower)
    if (ofDocument?.size === 0) this.#byDocument.delete(docId)
  }
}

/** The headers that the shape service would send to this reader. */
function headersFor(shared: Headers, { at, cursor }: StreamRequest): Headers {
  const headers = new Headers(shared)
  const first = headers.get('electric-offset')
  const offset = formatPosition(at)
  headers.set('electric-offset', offset)
  const etag = headers.get('etag')
  if (etag !== null) headers.set('etag', etag.replaceAll(`:${first}`, `:${offset}`))
  // If a reader repeated its cursor, a cache could send it the answer that it already has.
  const next = headers.get('electric-cursor')
  if (next !== null && next === cursor) headers.set('electric-cursor', String(Number(next) + 1))
  for (const name of ['age', 'date', 'content-length']) headers.delete(name)
  return headers
}

/** A reader of a shape, as a feed. */
class Reader implements Feed, Follows {
  #follower: Follower | null = null
  #sink: Sink | null = null
  #isOver = false
  readonly #signal: AbortSignal
  readonly #leave = (): void => this.cancel()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  get sink(): Sink | null {
    return this.#sink
  }

  moveTo(follower: Follower): void {
    this.#follower = follower
  }

  join(follower: Follower, at: Position): boolean {
    if (!follower.join(this, at)) return false
    this.#follower = follower
    this.#signal.addEventListener('abort', this.#leave, { once: true })
    this.#timer = setTimeout(() => {
      this.#follower?.leave(this)
      this.over()
    }, STREAM_MS)
    // In Node a timer keeps the process alive, so it is unreferenced; elsewhere a timer is a number.
    if (typeof this.#timer === 'object' && 'unref' in this.#timer) this.#timer.unref()
    return true
  }

  start(sink: Sink): void {
    this.#sink = sink
    if (this.#isOver) sink.end()
    else this.resume()
  }

  resume(): void {
    if (!this.#isOver) this.#follower?.ready(this)
  }

  cancel(): void {
    const follower = this.#follower
    this.#close()
    follower?.leave(this)
  }

  over(): void {
    if (this.#isOver) return
    this.#close()
    this.#sink?.end()
  }

  #close(): void {
    this.#isOver = true
    this.#follower = null
    clearTimeout(this.#timer)
    this.#signal.removeEventListener('abort', this.#leave)
  }
}
