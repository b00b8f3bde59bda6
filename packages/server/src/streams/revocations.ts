import type pg from 'pg'
import { notifyRevocation, REVOCATION_CHANNEL } from '../store/index.ts'
import type { RevocationTarget, StreamRegistry } from './registry.ts'

/**
 * Listens to a Postgres channel, as `listen` of `@y-electric/embedded`'s databases does. Once it listens,
 * it resolves to a function that stops it. `onLost` is called once if the connection is lost.
 */
export type Listen = (
  channel: string,
  onPayload: (payload: string) => void,
  onLost: (error: Error) => void,
) => Promise<() => Promise<void>>

/** The delay before listening is tried again after a lost connection, in milliseconds. */
const LISTEN_AGAIN_MS = 1_000

/**
 * How long a server keeps listening after its last stream has closed, in milliseconds. A reader that polls
 * opens the next one at once, and each attempt to listen takes a connection of its own.
 */
const LISTEN_ON_MS = 2_000

/** Revocations on this server, and on all other servers of the same database. */
export interface Revocations {
  /** @returns how many streams ended on this server */
  revoke(target: RevocationTarget): Promise<number>
  /** The server only listens to other servers while it has open streams. */
  setActive(isActive: boolean): void
}

/**
 * @param listen absent: this server does not receive revocations of other servers, and its streams end when
 * they are authorised again
 */
export function createRevocations(
  pool: pg.Pool,
  registry: StreamRegistry,
  listen: Listen | undefined,
): Revocations {
  const self = crypto.randomUUID()
  let isActive = false
  let isListening = false
  let unlisten: (() => Promise<void>) | null = null
  let leaving: ReturnType<typeof setTimeout> | undefined

  const onPayload = (payload: string): void => {
    const heard = parse(payload)
    if (heard !== null && heard.from !== self) void registry.revoke(heard.target)
  }

  /** One attempt at a time; a lost connection begins the next one. */
  async function follow(): Promise<void> {
    if (listen === undefined || isListening || !isActive) return
    isListening = true
    const onLost = () => {
      unlisten = null
      isListening = false
      later()
    }
    try {
      unlisten = await listen(REVOCATION_CHANNEL, onPayload, onLost)
    } catch {
      // The database is unavailable, which requests report.
      onLost()
      return
    }
    // Revocations before this server listened may have been missed.
    if (isActive) registry.reauthorizeAll()
    else await stop()
  }

  function later(): void {
    if (!isActive) return
    const timer = setTimeout(() => void follow(), LISTEN_AGAIN_MS)
    // In Node a timer keeps the process alive, so it is unreferenced; elsewhere a timer is a number.
    if (typeof timer === 'object' && 'unref' in timer) timer.unref()
  }

  async function stop(): Promise<void> {
    const end = unlisten
    if (end === null) return
    unlisten = null
    await end().catch(() => {})
    isListening = false
    void follow()
  }

  return {
    async revoke(target) {
      const [ended] = await Promise.all([
        registry.revoke(target),
        notifyRevocation(pool, JSON.stringify({ from: self, target })),
      ])
      return ended
    },
    setActive(active) {
      clearTimeout(leaving)
      if (active) {
        isActive = true
        void follow()
        return
      }
      leaving = setTimeout(() => {
        isActive = false
        void stop()
      }, LISTEN_ON_MS)
      if (typeof leaving === 'object' && 'unref' in leaving) leaving.unref()
    },
  }
}

/** Any user of the database may notify: a payload without a target ends nothing. */
function parse(payload: string): { from: unknown; target: RevocationTarget } | null {
  try {
    const { from, target } = JSON.parse(payload) as Record<string, unknown>
    const { user, docId } = target as Record<string, unknown>
    const isTarget = [user, docId].every((one) => one === undefined || typeof one === 'string')
    if (!isTarget || (user === undefined && docId === undefined)) return null
    return { from, target: target as RevocationTarget }
  } catch {
    return null
  }
}
