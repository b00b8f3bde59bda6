// Live requests of a plain reader, which catches up and then waits for changes.
import type { TestServer } from '../e2e/server.ts'

export type LiveKind = 'segment' | 'awareness' | 'versions'
export type LiveMode = 'sse' | 'long-poll'

export interface LiveOptions {
  readonly kind: LiveKind
  readonly mode: LiveMode
  readonly headers?: Record<string, string>
  readonly segment?: number
  /** The query parameters that make the request live. Default: the form that Electric's client sends. */
  readonly query?: string
}

const QUERIES: Record<LiveMode, string> = {
  sse: 'live=true&live_sse=true',
  'long-poll': 'live=true',
}

/** A live request that is open. */
export interface LiveRequest {
  /** The answer. It arrives at once for a stream, and at the end of a long poll. */
  readonly response: Promise<Response>
  /** Resolves when the answer has ended, with its status and text. */
  readonly ended: Promise<{ readonly status: number; readonly text: string }>
  /** True once `ended` has resolved. */
  readonly isOver: () => boolean
  abort(): void
}

/** Catches up and then waits for changes. @throws when the catch-up is refused */
export async function openLive(
  { url }: Pick<TestServer, 'url'>,
  docId: string,
  { kind, mode, headers = {}, segment = 0, query = QUERIES[mode] }: LiveOptions,
): Promise<LiveRequest> {
  const path = kind === 'segment' ? `segments/${segment}` : kind
  const place = `${url}/docs/${encodeURIComponent(docId)}/${path}`
  const caughtUp = await fetch(`${place}?offset=-1`, { headers })
  const text = await caughtUp.text()
  if (!caughtUp.ok) throw new Error(`${caughtUp.status} ${text}`)
  const position = new URLSearchParams({
    offset: caughtUp.headers.get('electric-offset') ?? '',
    handle: caughtUp.headers.get('electric-handle') ?? '',
  })
  const aborter = new AbortController()
  const response = fetch(`${place}?${query}&${position}`, { headers, signal: aborter.signal })
  let isOver = false
  const ended = response
    .then(async (answer) => ({ status: answer.status, text: await answer.text() }))
    .finally(() => {
      isOver = true
    })
  // A test that does not await `ended` has aborted the request.
  ended.catch(() => {})
  if (mode === 'sse') await response
  return { response, ended, isOver: () => isOver, abort: () => aborter.abort() }
}
