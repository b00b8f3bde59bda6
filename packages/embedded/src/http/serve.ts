import type { Clock } from '../clock.ts'
import { RequestError } from '../errors.ts'
import type { LogChunk } from '../shape/log.ts'
import { formatOffset, formatRequested, type Offset } from '../shape/offset.ts'
import type { Registry } from '../shape/registry.ts'
import { type Shape, upToDate } from '../shape/shape.ts'
import { CACHE_CONTROL, nextCursor, sseCacheControl } from './cacheControl.ts'
import { streamChanges, waitForChange } from './live.ts'
import type { Parameters } from './parameters.ts'
import { type HeaderMap, jsonResponse, streamResponse, unavailable } from './respond.ts'

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
    const { offset } = request.parameters
    if (offset === 'now') return this.#unchanged(shape, request, shape.lastOffset)
    if (offset === 'start') return this.#snapshot(shape, request, 0)
    if (offset.lsn === 0 && offset.op + 1 < shape.snapshotChunks) {
      return this.#snapshot(shape, request, offset.op + 1)
    }
    if (offset.lsn > this.#registry.feed.lastLsn) {
      throw RequestError.of('offset', 'out of bounds for this shape')
    }
    if (!request.parameters.live) return this.#catchUp(shape, request, offset)
    return request.parameters.sse
      ? this.#stream(shape, request, offset)
      : this.#longPoll(shape, request, offset)
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

  #catchUp(shape: Shape, request: ServeRequest, offset: Offset): Response {
    const chunk = shape.read(offset)
    const headers = {
      'cache-control': CACHE_CONTROL.catchUp,
      'electric-offset': formatOffset(chunk.next),
      'electric-has-data': 'true',
      ...(chunk.atEnd && { 'electric-up-to-date': '' }),
    }
    return this.#answer(shape, request, headers, () =>
      bodyOf(shape, offset, chunk, this.#registry.feed.lastLsn),
    )
  }

  async #longPoll(shape: Shape, request: ServeRequest, offset: Offset): Promise<Response> {
    const { longPollMs, clock } = this.#options
    if (!shape.isBehind(offset)) {
      const end = await waitForChange(shape, longPollMs, clock, request.signal)
      // Nobody reads the answer to a request that was given up.
      if (end === 'aborted') return unavailable('The request was aborted')
      if (end === 'dropped') return this.#replaced(request)
      if (end === 'timeout') return this.#unchanged(shape, request, shape.read(offset).next)
    }
    const chunk = shape.read(offset)
    const headers = {
      'cache-control': CACHE_CONTROL.live,
      'electric-cursor': this.#cursor(request),
      'electric-offset': formatOffset(chunk.next),
      'electric-has-data': 'true',
      ...(chunk.atEnd && { 'electric-up-to-date': '' }),
    }
    return this.#answer(shape, request, headers, () => bodyOf(shape, offset, chunk, chunk.next.lsn))
  }

  #stream(shape: Shape, request: ServeRequest, offset: Offset): Response {
    // Told is where the reader stands: its client takes the offset from here on from the messages.
    const at = formatOffset(offset)
    const headers = {
      'cache-control': sseCacheControl(this.#options.sseMs),
      'electric-cursor': this.#cursor(request),
      'electric-handle': shape.handle,
      'electric-offset': at,
      'electric-has-data': 'true',
      'electric-up-to-date': '',
      etag: `"${shape.handle}:${at}:${at}"`,
    }
    const { signal } = request
    return streamResponse(headers, streamChanges(shape, offset, { ...this.#options, signal }))
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
      etag: `"${shape.handle}:${formatRequested(offset)}:${formatOffset(next)}:${nonce}"`,
    }
    return this.#answer(shape, request, headers, () => upToDate(this.#registry.feed.lastLsn))
  }

  #answer(
    shape: Shape,
    { parameters, ifNoneMatch }: ServeRequest,
    headers: HeaderMap & { 'electric-offset': string },
    messages: () => string,
  ): Response {
    const etag =
      headers.etag ??
      `"${shape.handle}:${formatRequested(parameters.offset)}:${headers['electric-offset']}"`
    const all = { ...headers, 'electric-handle': shape.handle, etag }
    if (holds(ifNoneMatch, etag)) return jsonResponse(304, all, '')
    const schema = parameters.live ? {} : { 'electric-schema': encodeHeader(shape.schema) }
    return jsonResponse(200, { ...all, ...schema }, `[${messages()}]`)
  }

  #cursor({ parameters }: ServeRequest): string {
    const { clock, longPollMs } = this.#options
    return nextCursor(clock.now(), longPollMs, parameters.cursor)
  }
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
