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

/** Answers a request for a shape that it has been found to fit. */
export class ShapeServer {
  readonly #registry: Registry
  readonly #options: ServeOptions

  readonly #replaced: (request: ServeRequest) => Promise<Response>

  /** `replaced` answers who was waiting on a shape that is gone. */
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

  /** Where the reader goes on. Another service may have been a moment ahead of this one. */
  async #placeOf(shape: Shape, { handle }: Parameters, offset: Offset): Promise<Place | undefined> {
    const { feed } = this.#registry
    const lsn = offset.lsn > 0 ? offset.lsn : (parseHandle(handle ?? '')?.lsn ?? 0)
    // One more is the place behind the last transaction.
    if (lsn > feed.lastLsn + 1) await feed.barrier()
    if (lsn > feed.lastLsn + 1) {
      if (offset.lsn === 0) return undefined
      throw RequestError.of('offset', 'out of bounds for this shape')
    }
    return shape.placeOf(handle ?? '', offset)
  }

  /** Never with the handle that is refused: its reader would take the answer for an old one. */
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
      // Told its new place at once: a reader may come to the newcomer with its next request.
      if (offset.lsn < this.#registry.lastHello) {
        return this.#unchanged(shape, request, this.#after(request, offset, shape.read(offset)))
      }
      const end = await waitForChange(shape, place, longPollMs, clock, request.signal)
      // Nobody reads the answer to a request that was given up.
      if (end === 'aborted') return unavailable('The request was aborted')
      if (end === 'dropped') return this.#replaced(request)
      if (end === 'timeout') {
        return this.#unchanged(shape, request, this.#after(request, offset, shape.read(offset)))
      }
      // Rows of the reader's snapshot may have been heard meanwhile, before the change that ended the wait.
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
    // Told is where the reader stands: its client takes the offset from here on from the messages.
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
   * Where the reader stands after a chunk. One who stands before the place where another service
   * began, and has missed nothing since, is moved up to it, and can go on there as well.
   */
  #after({ parameters }: ServeRequest, from: Offset, chunk: LogChunk): Offset {
    const { lastHello } = this.#registry
    const next = chunk.entries.length > 0 ? chunk.next : from
    if (chunk.atEnd && next.lsn < lastHello) return { lsn: lastHello, op: 0 }
    const requested = parameters.offset
    const isInSnapshot = typeof requested === 'object' && requested.lsn === 0
    return isInSnapshot && chunk.entries.length === 0 ? SNAPSHOT_END : next
  }

  /** Nothing new. Its etag is never the same, so that no cache can think it still holds. */
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
 * A reader that began at another service keeps its handle: to its client another one may be another
 * shape. But Electric's client notes for all streams of a process (and, in a browser, of an origin)
 * that a handle was refused, which a service that began later may have done. It then takes each
 * answer with that handle for an old one, and begins anew without a word to its app, which has the
 * rows twice. So a reader that names its own handle as refused goes on under another name.
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

/** Headers carry Latin letters only; JSON can say the others in them. */
const encodeHeader = (json: string): string =>
  json.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
