// A server without a network that answers like Electric, for tests about time and about streams that end
// in ways that are rare with a real server.
import { encodeState, STATE_MEDIA_TYPE, type UpdateRow } from 'y-electric/protocol'
import type { Route, Rule } from '../e2e/gate.ts'

export interface StubServer {
  readonly fetch: typeof fetch
  /** Rows of segment 0, by seq. */
  readonly rows: UpdateRow[]
  append(data: Uint8Array): void
  /** Resolves when there are rows after the first `offset` of them, or when the signal aborts. */
  news(offset: number, signal: AbortSignal | null | undefined): Promise<void>
  /** The number of requests of a route so far. */
  count(route: Route, param?: string): number
  /** The URLs of the requests of a route. */
  urls(route: Route): URL[]
  /** Answers every request of a route, until it is removed. */
  use(route: Route, rule: (url: URL, init: RequestInit) => Promise<Response>): () => void
}

export function createStub(): StubServer {
  const rows: UpdateRow[] = []
  const seen: { readonly route: Route; readonly url: URL }[] = []
  const rules = new Map<Route, (url: URL, init: RequestInit) => Promise<Response>>()

  const waiting = new Set<() => void>()

  function append(data: Uint8Array): void {
    rows.push({ seq: rows.length + 1, segment: 0, data })
    for (const look of [...waiting]) look()
  }

  function news(offset: number, signal: AbortSignal | null | undefined): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (rows.length <= offset && signal?.aborted !== true) return
        waiting.delete(look)
        signal?.removeEventListener('abort', look)
        resolve()
      }
      waiting.add(look)
      signal?.addEventListener('abort', look)
      look()
    })
  }

  async function answer(url: URL, init: RequestInit): Promise<Response> {
    const route = routeOf(url)
    seen.push({ route, url })
    const rule = rules.get(route)
    if (rule !== undefined) return rule(url, init)
    switch (route) {
      case 'updates':
        append(init.body as Uint8Array)
        return Response.json({ seq: rows.length }, { status: 201 })
      case 'state':
        return stateResponse(rows)
      case 'segment':
        return url.searchParams.get('live') === 'true'
          ? untilAborted(init.signal)
          : shapeResponse(rows)
    }
  }

  return {
    rows,
    append,
    news,
    fetch: (input, init = {}) =>
      answer(new URL(input instanceof Request ? input.url : input), init),
    count: (route, param) =>
      seen.filter((one) => one.route === route && (!param || one.url.searchParams.has(param)))
        .length,
    urls: (route) => seen.filter((one) => one.route === route).map(({ url }) => url),
    use(route, rule) {
      rules.set(route, rule)
      return () => void rules.delete(route)
    },
  }
}

function routeOf(url: URL): Route {
  if (url.pathname.endsWith('/updates')) return 'updates'
  return url.pathname.endsWith('/state') ? 'state' : 'segment'
}

export const stateResponse = (rows: readonly UpdateRow[]): Response =>
  new Response(new Uint8Array(encodeState({ activeSegment: 0, snapshot: null, rows })), {
    headers: { 'content-type': STATE_MEDIA_TYPE },
  })

const hex = (data: Uint8Array): string => `\\x${Buffer.from(data).toString('hex')}`

/** Each row is a separate transaction, whose LSN is its seq. */
const rowMessage = ({ seq, data }: UpdateRow) => ({
  key: `"public"."ydoc_update"/"${seq}"`,
  value: { seq: String(seq), data: hex(data) },
  headers: { operation: 'insert', lsn: String(seq), op_position: 0, last: true },
})

const upToDate = (lsn: number) => ({
  headers: { control: 'up-to-date', global_last_seen_lsn: String(lsn) },
})

const shapeHeaders = (rows: readonly UpdateRow[]) => ({
  'electric-handle': 'stub-1',
  'electric-offset': `${rows.length}_0`,
  'electric-schema': '{"seq":{"type":"int8"},"data":{"type":"bytea"}}',
  'electric-up-to-date': '',
})

/** The answer to a catch-up request: all rows from an offset on. */
export const shapeResponse = (rows: readonly UpdateRow[], from = 0): Response =>
  Response.json([...rows.slice(from).map(rowMessage), upToDate(rows.length)], {
    headers: shapeHeaders(rows),
  })

/** The first part of a catch-up; the rest comes from the offset that it names. */
export const snapshotChunk = (rows: readonly UpdateRow[]): Response =>
  Response.json(rows.map(rowMessage), {
    headers: {
      'electric-handle': 'stub-1',
      'electric-offset': '0_1',
      'electric-schema': shapeHeaders(rows)['electric-schema'],
    },
  })

/** The answer to a long poll once there are new rows. */
export function pollResponse(rows: readonly UpdateRow[], from: number): Response {
  const response = shapeResponse(rows, from)
  response.headers.set('electric-cursor', '100')
  return response
}

/** The text of server-sent events: rows from an offset on, then up-to-date. */
export const sseText = (rows: readonly UpdateRow[], from = 0): string =>
  [...rows.slice(from).map(rowMessage), upToDate(rows.length)]
    .map((message) => `data: ${JSON.stringify(message)}\n\n`)
    .join('')

export const sseResponse = (
  body: string | ReadableStream<Uint8Array>,
  rows: readonly UpdateRow[],
): Response =>
  new Response(body, {
    headers: {
      ...shapeHeaders(rows),
      'electric-cursor': '100',
      'content-type': 'text/event-stream',
    },
  })

/** The offset in a live request. */
export const offsetOf = (url: URL): number => {
  const offset = url.searchParams.get('offset') ?? '-1'
  return offset === '-1' ? 0 : Number(offset.split('_')[0])
}

/** Never answers; rejects when it is aborted. */
export function untilAborted(signal: AbortSignal | null | undefined): Promise<Response> {
  return new Promise((_, reject) => {
    const onAbort = () => reject(signal?.reason)
    if (signal?.aborted) onAbort()
    signal?.addEventListener('abort', onAbort)
  })
}

/** The answer to a live request while nothing is new: a stream begins, and a poll is held open. */
export const holdLive = (
  url: URL,
  { signal }: RequestInit,
  rows: readonly UpdateRow[],
): Promise<Response> =>
  url.searchParams.get('live_sse') === 'true'
    ? Promise.resolve(sseResponse(silentBody(signal), rows))
    : untilAborted(signal)

/** A body that begins at once; when `wait` is over it delivers its text and ends. */
export const laterBody = (
  wait: Promise<unknown>,
  text: () => string,
  isOpenAfter: boolean,
): ReadableStream<Uint8Array> =>
  new ReadableStream({
    async start(controller) {
      try {
        await wait
        controller.enqueue(new TextEncoder().encode(text()))
        if (!isOpenAfter) controller.close()
      } catch (error) {
        controller.error(error)
      }
    },
  })

/** A body that never ends, and that `signal` ends as it would end a real one. */
export const silentBody = (
  signal: AbortSignal | null | undefined,
  first = '',
): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      if (first !== '') controller.enqueue(new TextEncoder().encode(first))
      signal?.addEventListener('abort', () => {
        try {
          controller.error(signal.reason)
        } catch {
          // The body was cancelled before.
        }
      })
    },
  })

export type { Rule }
