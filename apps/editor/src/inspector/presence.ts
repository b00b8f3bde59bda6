import { followShape } from 'y-electric'
import { awarenessPath, type PresenceRow } from 'y-electric/protocol'
import { Awareness, applyAwarenessUpdate } from 'y-protocols/awareness'
import { Doc } from 'yjs'
import { ApiError, fetchPresence, shapeUrl } from './api.ts'

/** The state of each client, by Yjs client id. */
export type States = ReadonlyMap<number, unknown>

/**
 * A client whose last update is older than this is gone, in milliseconds; all clients send one
 * every 30 s.
 */
const EXPIRY_MS = 40_000
/**
 * How long after a change the rows are read, in milliseconds, so that cursor moves are read
 * together.
 */
const PAUSE_MS = 200
/** How often the rows are read without a change, since a crashed client sends none. */
const INTERVAL_MS = 10_000

/** Reads the presence rows, and leaves out those that are expired or invalid. */
export function statesIn(rows: readonly PresenceRow[]): States {
  const awareness = new Awareness(new Doc())
  awareness.setLocalState(null)
  for (const { ageMs, data } of rows) {
    if (ageMs > EXPIRY_MS) continue
    try {
      applyAwarenessUpdate(awareness, data, null)
    } catch {
      // Invalid bytes describe no client.
    }
  }
  const states = new Map(awareness.getStates())
  awareness.doc.destroy()
  return states
}

interface PresenceFeedOptions {
  readonly docId: string
  readonly onStates: (states: States) => void
  /** The server refuses to show presence. */
  readonly onRefused: (error: ApiError) => void
}

/**
 * Watches who is present without being present itself. A message on the shape of the presence rows
 * signals a change; then the rows are read again, with their age by the database's clock.
 * @returns a function that ends it
 */
export function feedPresence({ docId, onStates, onRefused }: PresenceFeedOptions): () => void {
  const aborter = new AbortController()
  const { signal } = aborter
  let soon: ReturnType<typeof setTimeout> | undefined

  const refused = (error: ApiError) => {
    if (signal.aborted) return
    end()
    onRefused(error)
  }
  const read = async () => {
    soon = undefined
    try {
      const rows = await fetchPresence(docId, signal)
      if (!signal.aborted) onStates(statesIn(rows))
    } catch (error) {
      // No response now; the next read may succeed.
      if (error instanceof ApiError && error.status >= 400 && error.status < 500) refused(error)
    }
  }
  const readSoon = () => {
    soon ??= setTimeout(read, PAUSE_MS)
  }
  const interval = setInterval(read, INTERVAL_MS)
  const stop = followShape({
    url: shapeUrl(awarenessPath(docId)),
    start: 'now',
    // The first message means that no later change is missed.
    onMessage: readSoon,
    onRefused: (error) => refused(ApiError.of(error)),
  })
  const end = () => {
    aborter.abort()
    clearTimeout(soon)
    clearInterval(interval)
    stop()
  }
  return end
}
