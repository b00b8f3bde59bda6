import type { ConnectionState } from './connection.ts'
import { isOutboxEmpty, type OutboxState } from './outbox.ts'

/**
 * - `connecting`: not yet up to date. After it was connected, also while an answer is late (for example
 *   because the browser makes requests wait for a free connection), and while the server is known to
 *   have rows that have not arrived
 * - `connected`: reading live, and writes go through
 * - `offline`: the server cannot be reached, or takes nothing for now (`error` says why: a rate limit,
 *   a quota, an outage); it is tried again after the wait that it asked for, edits wait
 * - `refused`: the server takes no more writes (or reads) from here; `error` says why, edits wait
 * - `auth-failed`: the server does not know who this is; `reconnect()` tries again with new headers
 * - `closed`: disconnected by the app, or not connected yet
 */
export type ProviderStatus =
  | 'connecting'
  | 'connected'
  | 'offline'
  | 'refused'
  | 'auth-failed'
  | 'closed'

/** Why reading or writing has stopped for good, if it has. */
export type Refusal = 'unauthenticated' | 'refused' | null

/** What a refusal with this HTTP status means. */
export const refusalOfStatus = (status: number | undefined): Refusal =>
  status === 401 ? 'unauthenticated' : 'refused'

/** True when an answer to a write with this HTTP status says that who asked may not write. */
export const forbidsWriting = (status: number | undefined): boolean => status === 403

/**
 * How long an answer may take that the server gives at once, in milliseconds. After that the status is
 * not `connected` any more: the request may not even have been sent, because browsers have six
 * HTTP/1.1 connections to a server and make further requests wait for one of them.
 */
export const ANSWER_PATIENCE_MS = 2_500

/** Requests that the server answers at once: writes, catch-ups, and the beginning of a stream. */
export interface Answers {
  /** When the oldest request without an answer was made; null if all have answers. */
  readonly awaitedSince: number | null
  readonly now: number
}

const isLate = ({ awaitedSince, now }: Answers): boolean =>
  awaitedSince !== null && now - awaitedSince >= ANSWER_PATIENCE_MS

export function providerStatus(
  connection: ConnectionState,
  outbox: OutboxState,
  refusal: Refusal,
  answers: Answers,
): ProviderStatus {
  if (connection.phase === 'closed') return 'closed'
  if (connection.phase === 'stopped' || outbox.phase === 'blocked') {
    return refusal === 'unauthenticated' ? 'auth-failed' : 'refused'
  }
  if (connection.phase === 'waiting' || outbox.phase === 'waiting') return 'offline'
  // A try after a failure is still offline until it has worked: no flicker while the network is away.
  if (connection.phase === 'joining') return connection.failures > 0 ? 'offline' : 'connecting'
  if (outbox.failures > 0) return 'offline'
  if (connection.live) return isLate(answers) ? 'connecting' : 'connected'
  return connection.failures > 0 ? 'offline' : 'connecting'
}

/** The earliest of some moments; null when there is none. */
export function earliest(moments: readonly (number | null)[]): number | null {
  const known = moments.filter((moment) => moment !== null)
  return known.length === 0 ? null : known.reduce((a, b) => Math.min(a, b))
}

/** Closing the page would lose something: it is neither on the server nor on this device. */
export const isAtRisk = (unsavedSince: number | null, stored: boolean): boolean =>
  unsavedSince !== null && !stored

/** The server has all that this document has (SYNC-1). `reconciled`: nothing older is unknown. */
export const isSaved = (outbox: OutboxState, reconciled: boolean): boolean =>
  reconciled && isOutboxEmpty(outbox)
