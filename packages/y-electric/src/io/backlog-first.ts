import {
  BACKLOG_FIRST,
  BACKLOG_HEADER,
  BACKLOG_PARAM,
  type Backlog,
  cutBacklog,
} from '../protocol/backlog.ts'
import { linkedAbort } from './abort.ts'
import type { Clock } from './clock.ts'
import { type Http, isEventStream } from './http.ts'
import { wholeEvents } from './sse-events.ts'

/**
 * How long a stream may take to bring the backlog, in milliseconds. Then the backlog is requested on its own, since a
 * proxy may hold the stream back.
 */
const BACKLOG_PATIENCE_MS = 2_000

/** How long a server whose stream did not begin with the backlog is not asked for this again, in milliseconds. */
const WITHOUT_MS = 300_000

/** When a stream last did not begin with the backlog. */
const withoutSince = new WeakMap<Http, number>()

/** React Native has no readable body streams. */
const isAbleToStream = (): boolean => 'body' in Response.prototype

export interface BacklogFirstOptions {
  readonly http: Http
  readonly clock: Clock
  /** Aborted when the shape is not followed any more. */
  readonly signal: AbortSignal
  /** Called with the events before the backlog: announcements of the server. */
  readonly onBefore: (events: string) => void
}

/** This module's function, which is loaded with the code of the device store. */
export type BacklogFirst = typeof backlogFirst

/** A stream whose backlog has been read, until Electric's client requests it. */
interface Kept {
  readonly offset: string
  readonly response: Response
  readonly aborter: AbortController
}

/**
 * Reads backlog and stream with one request. Electric's client first requests the backlog and then the stream. This
 * `fetch` requests the stream for the first of these, answers with the backlog at its beginning, and keeps the rest
 * for the second.
 */
export function backlogFirst(send: typeof fetch, options: BacklogFirstOptions): typeof fetch {
  let isFirst = true
  let kept: Kept | null = null
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    if (isFirst) {
      isFirst = false
      if (!canBegin(url) || isWithout(options)) return send(input, init)
      const begun = await begin(send, url, init, options)
      if (begun === null) return send(input, init)
      kept = begun.kept
      return begun.answer
    }
    const stream = kept
    kept = null
    if (stream === null) return send(input, init)
    if (!isContinued(stream, url)) {
      stream.aborter.abort()
      return send(input, init)
    }
    const { signal } = init ?? {}
    if (signal?.aborted) stream.aborter.abort(signal.reason)
    else
      signal?.addEventListener('abort', () => stream.aborter.abort(signal.reason), { once: true })
    return stream.response
  }
}

/** True for a request from an offset in the log on. */
const canBegin = ({ searchParams }: URL): boolean =>
  searchParams.has('handle') &&
  !searchParams.has('live') &&
  searchParams.get('offset') !== '-1' &&
  isAbleToStream()

function isWithout({ http, clock }: BacklogFirstOptions): boolean {
  const since = withoutSince.get(http)
  return since !== undefined && clock.now() - since < WITHOUT_MS
}

const isContinued = ({ offset }: Kept, { searchParams }: URL): boolean =>
  searchParams.get('live_sse') === 'true' && searchParams.get('offset') === offset

/** @returns null if the backlog must be requested on its own */
async function begin(
  send: typeof fetch,
  url: URL,
  init: RequestInit | undefined,
  { http, clock, signal, onBefore }: BacklogFirstOptions,
): Promise<{ readonly answer: Response; readonly kept: Kept | null } | null> {
  const asked = new URL(url)
  for (const name of ['live', 'live_sse', 'experimental_live_sse']) {
    asked.searchParams.set(name, 'true')
  }
  asked.searchParams.set(BACKLOG_PARAM, BACKLOG_FIRST)
  const { controller: aborter, unlink } = linkedAbort(init?.signal)
  const leave = (): void => aborter.abort(signal.reason)
  signal.addEventListener('abort', leave, { once: true })
  let isLate = false
  const cancelTimer = clock.after(BACKLOG_PATIENCE_MS, () => {
    isLate = true
    aborter.abort()
  })
  const giveUp = (): null => {
    withoutSince.set(http, clock.now())
    signal.removeEventListener('abort', leave)
    aborter.abort()
    return null
  }
  try {
    const response = await send(asked, { ...init, signal: aborter.signal })
    // A refusal is the answer to either request.
    if (!response.ok) return { answer: response, kept: null }
    if (!isBegun(response)) return giveUp()
    const begun = await readBegin(response.body)
    if (begun === null) return giveUp()
    const { before, backlog, rest } = begun
    onBefore(before)
    const headers = new Headers(response.headers)
    headers.set('electric-offset', backlog.offset)
    return {
      answer: answerWith(backlog, response.headers),
      kept: { offset: backlog.offset, response: new Response(rest, { headers }), aborter },
    }
  } catch (error) {
    if (isLate) return giveUp()
    throw error
  } finally {
    cancelTimer()
    unlink()
  }
}

const isBegun = (response: Response): response is Response & { body: ReadableStream<Uint8Array> } =>
  isEventStream(response) &&
  response.headers.get(BACKLOG_HEADER) === BACKLOG_FIRST &&
  response.body !== null

/**
 * Electric's answer to the request for the backlog. It has no cursor: with the one of a stream that an earlier reader
 * of this page had, Electric's client would take it for a copy from a cache, and wait for another one.
 */
const answerWith = ({ offset, messages }: Backlog, stream: Headers): Response =>
  new Response(messages, {
    headers: {
      'content-type': 'application/json',
      'electric-handle': stream.get('electric-handle') ?? '',
      'electric-offset': offset,
      // A stream has no schema. Without types of columns, the client passes on their text.
      'electric-schema': '{}',
      'electric-up-to-date': '',
    },
  })

/** Reads to the end of the backlog. @returns null if the stream ends before that */
async function readBegin(body: ReadableStream<Uint8Array>) {
  const reader = body.getReader()
  const whole = wholeEvents()
  const decoder = new TextDecoder()
  let events = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return null
    events += decoder.decode(whole(value))
    const cut = cutBacklog(events)
    if (cut === null) continue
    const { before, backlog, after } = cut
    return { before, backlog, rest: restOf(reader, whole, before + after) }
  }
}

/** @param begun events that were read before. The stream is not silent at its beginning: they include a comment */
function restOf(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  whole: (chunk: Uint8Array) => Uint8Array,
  begun: string,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(begun || ': begun\n\n'))
    },
    async pull(controller) {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return controller.close()
        const events = whole(value)
        if (events.byteLength === 0) continue
        controller.enqueue(events)
        return
      }
    },
    cancel: (reason) => reader.cancel(reason),
  })
}
