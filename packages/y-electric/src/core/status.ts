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
 * - `auth-failed`: the server has not authenticated this client; `reconnect()` tries again with new
 *   headers
 * - `closed`: disconnected by the app, or not connected yet
 */
export type ProviderStatus =
  | 'connecting'
  | 'connected'
  | 'offline'
  | 'refused'
  | 'auth-failed'
  | 'closed'

/** Why reading or writing has stopped until the app acts; null if neither has. */
export type Refusal = 'unauthenticated' | 'refused' | null

/** The meaning of a refusal with this HTTP status. */
export const refusalOfStatus = (status: number | undefined): Refusal =>
  status === 401 ? 'unauthenticated' : 'refused'

/** True if an answer to a write with this HTTP status says that this client may not write. */
export const forbidsWriting = (status: number | undefined): boolean => status === 403

/**
 * How long an answer may take that the server gives at once, in milliseconds. After that the status
 * is no longer `connected`: the request may not even have been sent, because browsers open at most
 * six HTTP/1.1 connections to a server and queue further requests.
 */
export const ANSWER_PATIENCE_MS = 2_500

/** Requests that the server answers at once: writes, catch-ups, and the start of a stream. */
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
  // A retry after a failure stays offline until it succeeds, so the status does not flicker
  // while the network is away.
  if (connection.phase === 'joining') return connection.failures > 0 ? 'offline' : 'connecting'
  if (outbox.failures > 0) return 'offline'
  if (connection.live) return isLate(answers) ? 'connecting' : 'connected'
  return connection.failures > 0 ? 'offline' : 'connecting'
}

/** The earliest of several moments; null if there is none. */
export function earliest(moments: readonly (number | null)[]): number | null {
  const known = moments.filter((moment) => moment !== null)
  return known.length === 0 ? null : known.reduce((a, b) => Math.min(a, b))
}

/** True if closing the page would lose an edit: it is neither on the server nor on this device. */
export const isAtRisk = (unsavedSince: number | null, stored: boolean): boolean =>
  unsavedSince !== null && !stored

/**
 * True if the server has all that this document has (SYNC-1). `reconciled`: no older edits are in
 * doubt.
 */
export const isSaved = (outbox: OutboxState, reconciled: boolean): boolean =>
  reconciled && isOutboxEmpty(outbox)
