import { awarenessPath, type PresenceRow } from 'y-electric/protocol'
import { Awareness, applyAwarenessUpdate } from 'y-protocols/awareness'
import { Doc } from 'yjs'
import { ApiError, fetchPresence } from './api.ts'
import { followShape } from './shape.ts'

/** What each client says of itself, by Yjs client id. */
export type States = ReadonlyMap<number, unknown>

/** Somebody whose last word is older than this is gone, in milliseconds; they all speak every 30 s. */
const EXPIRY_MS = 40_000
/** How soon after a change the rows are read: cursors that move are read together. */
const PAUSE_MS = 200
/** How often they are read when nothing changes: who crashed says nothing. */
const INTERVAL_MS = 10_000

/** Reads the presence rows; whoever is too old, or cannot be read, is not here. */
export function statesIn(rows: readonly PresenceRow[]): States {
  const awareness = new Awareness(new Doc())
  awareness.setLocalState(null)
  for (const { ageMs, data } of rows) {
    if (ageMs > EXPIRY_MS) continue
    try {
      applyAwarenessUpdate(awareness, data, null)
    } catch {
      // Bytes that say nothing of anybody.
    }
  }
  const states = new Map(awareness.getStates())
  awareness.doc.destroy()
  return states
}

interface PresenceFeedOptions {
  readonly docId: string
  readonly onStates: (states: States) => void
  /** The server does not tell who is here. */
  readonly onRefused: (error: ApiError) => void
}

/**
 * Watches who is here, unseen: it writes no row of its own. The shape of the presence rows says that
 * something changed; the rows themselves, with their age by the database's clock, are read anew.
 * @returns a function that ends it.
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
      // No answer now: the next look may have one.
      if (error instanceof ApiError && error.status >= 400 && error.status < 500) refused(error)
    }
  }
  const readSoon = () => {
    soon ??= setTimeout(read, PAUSE_MS)
  }
  const interval = setInterval(read, INTERVAL_MS)
  const stop = followShape({
    path: awarenessPath(docId),
    from: 'now',
    // The first one says that from here on nothing is missed.
    onMessage: readSoon,
    onContact: () => {},
    onRefused: refused,
  })
  const end = () => {
    aborter.abort()
    clearTimeout(soon)
    clearInterval(interval)
    stop()
  }
  return end
}
