import { FetchError, type Row, ShapeStream } from '@electric-sql/client'
import { parseErrorBody } from 'y-electric/protocol'
import { API, ApiError } from './api.ts'

/** The part of a shape's message that the inspector uses. */
export interface Message {
  readonly isUpToDate: boolean
  /** The row of an insert; null for every other message. */
  readonly inserted: Readonly<Record<string, unknown>> | null
}

interface ShapeOptions {
  /** A path below the mount point. */
  readonly path: string
  /** Whether to start with all rows or with the next change. */
  readonly from: 'beginning' | 'now'
  readonly onMessage: (message: Message) => void
  /** Called at each response with whether the server can be reached. */
  readonly onContact: (isReached: boolean) => void
  /** The server refused: no further messages follow. */
  readonly onRefused: (error: ApiError) => void
}

/** Electric's client retries forever; these are the delays between its retries. */
const BACKOFF = { initialDelay: 250, maxDelay: 4_000, multiplier: 2 }

/** A page in the background keeps following, because its title and tab may be visible. */
const ALWAYS_VISIBLE = { getCurrentState: () => 'visible' as const, subscribe: () => () => {} }

/**
 * Follows a shape with Electric's own client.
 * @returns a function that ends it; no callback is called afterwards
 */
export function followShape(options: ShapeOptions): () => void {
  const aborter = new AbortController()
  const { signal } = aborter
  const stream = new ShapeStream<Row>({
    url: new URL(API + options.path, window.location.href).href,
    ...(options.from === 'now' ? { offset: 'now', log: 'changes_only' } : {}),
    liveSse: true,
    signal,
    // Values stay text, and the reader parses them.
    parser: { int8: (text: string) => text, bytea: (text: string) => text },
    backoffOptions: BACKOFF,
    runtimeVisibility: ALWAYS_VISIBLE,
    // The client warns about six connections per host; this page uses two.
    warnOnHttp: false,
    fetchClient: async (input, init) => {
      try {
        const response = await fetch(input, init)
        if (!signal.aborted) options.onContact(response.status < 500)
        return response
      } catch (error) {
        // The client itself aborts requests when it goes live or is stopped.
        if (!init?.signal?.aborted) options.onContact(false)
        throw error
      }
    },
    onError: (error) => {
      if (!signal.aborted) options.onRefused(refusalOf(error))
    },
  })
  stream.subscribe(
    (messages) => {
      for (const message of messages) {
        if (signal.aborted) return
        const { headers } = message
        const isInsert = 'operation' in headers && headers.operation === 'insert'
        options.onMessage({
          isUpToDate: 'control' in headers && headers.control === 'up-to-date',
          inserted: isInsert && 'value' in message ? message.value : null,
        })
      }
    },
    () => {},
  )
  return () => aborter.abort()
}

function refusalOf(error: Error): ApiError {
  if (!(error instanceof FetchError)) return new ApiError('bad_response', error.message, 0)
  const refusal = parseErrorBody(error.json)
  return new ApiError(
    refusal?.code ?? 'bad_response',
    refusal?.message ?? `the shape request failed with status ${error.status}`,
    error.status,
  )
}
