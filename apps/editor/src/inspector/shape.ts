import { FetchError, type Row, ShapeStream } from '@electric-sql/client'
import { parseErrorBody } from 'y-electric/protocol'
import { API, ApiError } from './api.ts'

/** As much of a message of a shape as is looked at here. */
export interface Message {
  readonly isUpToDate: boolean
  /** The row of an insert; null for everything else. */
  readonly inserted: Readonly<Record<string, unknown>> | null
}

interface ShapeOptions {
  /** Below the mount point. */
  readonly path: string
  /** With all that is there, or with what comes from now on. */
  readonly from: 'beginning' | 'now'
  readonly onMessage: (message: Message) => void
  /** Whether the server answers, told at each answer. */
  readonly onContact: (isReached: boolean) => void
  /** The server refused: nothing comes any more. */
  readonly onRefused: (error: ApiError) => void
}

/** Retries are the client's own, and never end; this is how long it waits between them. */
const BACKOFF = { initialDelay: 250, maxDelay: 4_000, multiplier: 2 }

/** A page in the background goes on, as its title and its tab may be looked at. */
const ALWAYS_VISIBLE = { getCurrentState: () => 'visible' as const, subscribe: () => () => {} }

/**
 * Follows a shape with Electric's own client, as any program could.
 * @returns a function that ends it; nothing is told after it was called.
 */
export function followShape(options: ShapeOptions): () => void {
  const aborter = new AbortController()
  const { signal } = aborter
  const stream = new ShapeStream<Row>({
    url: new URL(API + options.path, window.location.href).href,
    ...(options.from === 'now' ? { offset: 'now', log: 'changes_only' } : {}),
    liveSse: true,
    signal,
    // Rows stay text: what is in them is the reader's business.
    parser: { int8: (text: string) => text, bytea: (text: string) => text },
    backoffOptions: BACKOFF,
    runtimeVisibility: ALWAYS_VISIBLE,
    // It warns of six connections to a host; this page takes two.
    warnOnHttp: false,
    fetchClient: async (input, init) => {
      try {
        const response = await fetch(input, init)
        if (!signal.aborted) options.onContact(response.status < 500)
        return response
      } catch (error) {
        // An abort is the client's own doing: it goes on live, or was stopped.
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
    refusal?.message ?? `the shape answered ${error.status}`,
    error.status,
  )
}
