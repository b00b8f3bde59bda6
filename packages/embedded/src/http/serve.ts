import type { Clock } from '../clock.ts'
import { RequestError } from '../errors.ts'
import { parseHandle, renamed } from '../shape/handle.ts'
import type { LogChunk } from '../shape/log.ts'
import { formatOffset, formatRequested, type Offset, SNAPSHOT_END } from '../shape/offset.ts'
import type { Registry } from '../shape/registry.ts'
import { type Place, type Shape, upToDate } from '../shape/shape.ts'
import { CACHE_CONTROL, nextCursor, sseCacheControl } from './cacheControl.ts'
import { streamChanges, waitForChange } from './live.ts'
import type { Parameters } from './parameters.ts'
import {
  type HeaderMap,
  jsonResponse,
  mustRefetch,
  streamResponse,
  unavailable,
} from './respond.ts'

export interface ServeOptions {
  readonly longPollMs: number
  readonly sseMs: number
  readonly keepAliveMs: number
  readonly maxUnreadBytes: number
  readonly clock: Clock
}

export interface ServeRequest {
  readonly parameters: Parameters
  readonly ifNoneMatch: string | null
  readonly signal: AbortSignal
}

/** Answers requests for a shape whose parameters have been checked. */
export class ShapeServer {
  readonly #registry: Registry
  readonly #options: ServeOptions

  readonly #replaced: (request: ServeRequest) => Promise<Response>

  /** `replaced` answers a reader that was waiting on a shape which has been dropped. */
  constructor(
    registry: Registry,
    options: ServeOptions,
    replaced: (request: ServeRequest) => Promise<Response>,
  ) {
    this.#registry = registry
    this.#options = options
    this.#replaced = replaced
  }

  async serve(shape: Shape, request: ServeRequest): Promise<Response> {
    const { offset, handle, expiredHandle, live, sse } = request.parameters
    if (offset === 'now') return this.#unchanged(shape, request, shape.lastOffset)
    if (offset === 'start') {
      await this.#registry.renew(shape, parseHandle(expiredHandle ?? ''))
      return this.#snapshot(shape, request, 0)
    }
    if (offset.lsn === 0 && handle === shape.handle && offset.op + 1 < shape.snapshotChunks) {
      return this.#snapshot(shape, request, offset.op + 1)
    }
    const place = await this.#placeOf(shape, request.parameters, offset)
    if (place === undefined) return this.#refuse(shape, handle)
    if (!live) return this.#catchUp(shape, request, place)
    return sse ? this.#stream(shape, request, place) : this.#longPoll(shape, request, place)
  }

  /**
   * The position at which the reader continues. Another service may have been slightly ahead of
   * this one.
   */
  async #placeOf(shape: Shape, { handle }: Parameters, offset: Offset): Promise<Place | undefined> {
    const { feed } = this.#registry
    const lsn = offset.lsn > 0 ? offset.lsn : (parseHandle(handle ?? '')?.lsn ?? 0)
    // The offset after a transaction is its LSN plus one.
    if (lsn > feed.lastLsn + 1) await feed.barrier()
    if (lsn > feed.lastLsn + 1) {
      if (offset.lsn === 0) return undefined
      throw RequestError.of('offset', 'out of bounds for this shape')
    }
    return shape.placeOf(handle ?? '', offset)
  }

  /**
   * Must-refetch, never with the refused handle: the reader would ignore a response with that
   * handle as stale.
   */
  async #refuse(shape: Shape, handle: string | null): Promise<Response> {
    if (handle === shape.handle) await this.#registry.renew(shape, parseHandle(handle))
    return mustRefetch(shape.handle)
  }

  #snapshot(shape: Shape, request: ServeRequest, index: number): Response {
    const { offset } = request.parameters
    const headers = {
      'cache-control': offset === 'start' ? CACHE_CONTROL.start : CACHE_CONTROL.catchUp,
      'electric-offset': formatOffset({ lsn: 0, op: index }),
      'electric-has-data': 'true',
    }
    return this.#answer(shape, request, headers, () => shape.snapshotChunk(index))
  }

  #catchUp(shape: Shape, request: ServeRequest, { offset }: Place): Response {
    const chunk = shape.read(offset)
    const headers = {
      'cache-control': CACHE_CONTROL.catchUp,
      'electric-offset': formatOffset(this.#after(request, offset, chunk)),
      'electric-has-data': 'true',
      ...(chunk.atEnd && { 'electric-up-to-date': '' }),
    }
    return this.#answer(shape, request, headers, () =>
      bodyOf(shape, offset, chunk, this.#registry.feed.lastLsn),
    )
  }

  async #longPoll(shape: Shape, request: ServeRequest, place: Place): Promise<Response> {
    const { longPollMs, clock } = this.#options
    let { offset } = place
    if (!shape.isBehind(offset)) {
      // Sends the new offset at once, since the reader's next request may go to the service that
      // has just started.
      if (offset.lsn < this.#registry.lastHello) {
        return this.#unchanged(shape, request, this.#after(request, offset, shape.read(offset)))
      }
      const end = await waitForChange(shape, place, longPollMs, clock, request.signal)
      // The client has aborted the request and does not read this response.
      if (end === 'aborted') return unavailable('The request was aborted')
      if (end === 'dropped') return this.#replaced(request)
      if (end === 'timeout') {
        return this.#unchanged(shape, request, this.#after(request, offset, shape.read(offset)))
      }
      // Rows of the reader's snapshot may have arrived during the wait, before the change that
      // ended it.
      const { handle, offset: requested } = request.parameters
      const now = typeof requested === 'object' && shape.placeOf(handle ?? '', requested)
      if (!now) return this.#refuse(shape, handle)
      offset = now.offset
    }
    const chunk = shape.read(offset)
    const next = this.#after(request, offset, chunk)
    const headers = {
      'cache-control': CACHE_CONTROL.live,
      'electric-cursor': this.#cursor(request),
      'electric-offset': formatOffset(next),
      'electric-has-data': 'true',
      ...(chunk.atEnd && { 'electric-up-to-date': '' }),
    }
    return this.#answer(shape, request, headers, () => bodyOf(shape, offset, chunk, next.lsn))
  }

  #stream(shape: Shape, request: ServeRequest, place: Place): Response {
    // The header repeats the requested offset; the client takes later offsets from the messages.
    const at = formatRequested(request.parameters.offset)
    const handle = handleFor(shape, request)
    const headers = {
      'cache-control': sseCacheControl(this.#options.sseMs),
      'electric-cursor': this.#cursor(request),
      'electric-handle': handle,
      'electric-offset': at,
      'electric-has-data': 'true',
      'electric-up-to-date': '',
      etag: `"${handle}:${at}:${at}"`,
    }
    const { signal } = request
    const { lastHello } = this.#registry
    const options = { ...this.#options, lastHello, signal }
    return streamResponse(headers, streamChanges(shape, place, options))
  }

  /**
   * The reader's offset after a chunk. A reader whose offset is before the start of another
   * service, and who has missed nothing since, is moved up to that start, so that it can continue
   * at that service too.
   */
  #after({ parameters }: ServeRequest, from: Offset, chunk: LogChunk): Offset {
    const { lastHello } = this.#registry
    const next = chunk.entries.length > 0 ? chunk.next : from
    if (chunk.atEnd && next.lsn < lastHello) return { lsn: lastHello, op: 0 }
    const requested = parameters.offset
    const isInSnapshot = typeof requested === 'object' && requested.lsn === 0
    return isInSnapshot && chunk.entries.length === 0 ? SNAPSHOT_END : next
  }

  /**
   * The response if nothing is new. Its etag is always different, so that no cache considers it
   * still valid.
   */
  #unchanged(shape: Shape, request: ServeRequest, next: Offset): Response {
    const { live, offset } = request.parameters
    const nonce = -Math.floor(Math.random() * Number.MAX_SAFE_INTEGER)
    const headers = {
      'cache-control': live ? CACHE_CONTROL.live : CACHE_CONTROL.catchUp,
      ...(live && { 'electric-cursor': this.#cursor(request) }),
      'electric-offset': formatOffset(next),
      'electric-has-data': 'false',
      'electric-up-to-date': '',
      etag: `"${handleFor(shape, request)}:${formatRequested(offset)}:${formatOffset(next)}:${nonce}"`,
    }
    return this.#answer(shape, request, headers, () => upToDate(this.#registry.feed.lastLsn))
  }

  #answer(
    shape: Shape,
    request: ServeRequest,
    headers: HeaderMap & { 'electric-offset': string },
    messages: () => string,
  ): Response {
    const { parameters, ifNoneMatch } = request
    const handle = handleFor(shape, request)
    const etag =
      headers.etag ??
      `"${handle}:${formatRequested(parameters.offset)}:${headers['electric-offset']}"`
    const all = { ...headers, 'electric-handle': handle, etag }
    if (holds(ifNoneMatch, etag)) return jsonResponse(304, all, '')
    const schema = parameters.live ? {} : { 'electric-schema': encodeHeader(shape.schema) }
    return jsonResponse(200, { ...all, ...schema }, `[${messages()}]`)
  }

  #cursor({ parameters }: ServeRequest): string {
    const { clock, longPollMs } = this.#options
    return nextCursor(clock.now(), longPollMs, parameters.cursor)
  }
}

/**
 * A reader that began at another service keeps its handle, because its client may take a different
 * handle for a different shape. But Electric's client records, for all streams of a process (in a
 * browser: of an origin), that a handle was refused, which a service that started later may have
 * done. The client then treats each response with that handle as stale and starts over without
 * notifying its app, which gets the rows twice. So a reader that names its own handle as refused
 * gets a different handle.
 */
function handleFor(shape: Shape, { parameters }: ServeRequest): string {
  const { handle, expiredHandle } = parameters
  if (handle === null) return shape.handle
  return handle === expiredHandle ? renamed(handle) : handle
}

function bodyOf(shape: Shape, from: Offset, chunk: LogChunk, lsn: number): string {
  const messages = chunk.entries.length > 0 ? [shape.bodyOf(from, chunk)] : []
  return (chunk.atEnd ? [...messages, upToDate(lsn)] : messages).join(',')
}

function holds(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false
  const bare = (text: string): string => text.trim().replace(/^W\//, '').replaceAll('"', '')
  return ifNoneMatch.split(',').some((candidate) => bare(candidate) === bare(etag))
}

/** HTTP headers carry only ASCII; JSON can escape all other characters. */
const encodeHeader = (json: string): string =>
  json.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
