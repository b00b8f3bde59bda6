import type pg from 'pg'
import { RequestError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import {
  clearStale,
  type PresenceLimits,
  type PresenceOutcome,
  type PresenceWrite,
  putPresence,
  readOutcome,
} from './awareness.ts'
import { compareText, GroupCommit, type Outcome } from './group-commit.ts'
import { lanesOf } from './lanes.ts'
import { PIECE_BYTES } from './pieces.ts'

type QueueLimits = PresenceLimits &
  Pick<Limits, 'appendLanes' | 'maxWaitingAppends' | 'busyRetryAfterSeconds'>

/**
 * A row whose document is locked is not written here. Waiting for any other lock fails with 55P03. Both
 * settings apply to this statement only, which is a transaction of its own.
 */
const PUT_GROUP = `
  SELECT CASE WHEN pg_try_advisory_xact_lock_shared(ydoc_lock_key(p.doc_id)) THEN
           ydoc_put_presence(p.doc_id, p.client_id, p.data, p.user_name, $6, p.max_rows, $7)
         ELSE 'busy' END AS outcome
  FROM (SELECT set_config('lock_timeout', '200ms', true),
               set_config('synchronous_commit',
                 CASE WHEN $8::boolean THEN current_setting('synchronous_commit') ELSE 'off' END, true)
       ) AS settings,
       unnest($1::text[], $2::bigint[], $3::bytea[], $4::text[], $5::integer[])
         AS p(doc_id, client_id, data, user_name, max_rows)`

/**
 * The most presence rows of one transaction. An edit may have to wait for it: PGlite runs one transaction at
 * a time, on the thread that answers requests.
 */
const GROUP_ROWS = 32

/** The stale rows of a document are deleted at most twice in this interval, in milliseconds. */
const CLEAR_EVERY_MS = 5_000

/** Writes presence; states that arrive while a transaction runs go into the next one. */
export class PresenceQueue {
  readonly #pool: pg.Pool
  readonly #limits: QueueLimits
  readonly #waitsForDisk: boolean
  readonly #group: GroupCommit<PresenceWrite, boolean>
  /** The documents that were just cleared, and whether a client has arrived since then. */
  readonly #cleared = new Map<string, { hasArrived: boolean }>()

  /** @param waitsForDisk false if a crash of the database may lose a row; presence is not history */
  constructor(pool: pg.Pool, limits: QueueLimits, waitsForDisk: boolean) {
    this.#pool = pool
    this.#limits = limits
    this.#waitsForDisk = waitsForDisk
    this.#group = new GroupCommit({
      lanes: lanesOf(pool, limits.appendLanes),
      maxWaiting: limits.maxWaitingAppends,
      maxRows: GROUP_ROWS,
      maxBytes: PIECE_BYTES,
      bytesOf: ({ data }) => data.byteLength,
      compare: byDocumentAndClient,
      together: (rows) => this.#putTogether(rows),
      alone: (row) => putPresence(pool, row, limits, waitsForDisk),
      full: () =>
        new RequestError(
          'server_busy',
          'too many presence states wait to be stored: send the state again later',
          { retryAfterSeconds: limits.busyRetryAfterSeconds },
        ),
    })
  }

  /**
   * Writes a client's presence over the previous one. The row belongs to the user who wrote it first, until
   * it is deleted or expires.
   * @returns true if the client was not present before
   * @throws {RequestError} deleted, presence_not_yours, quota_exceeded, server_busy
   */
  async put(row: PresenceWrite): Promise<boolean> {
    const hasArrived = await this.#group.write(row)
    if (hasArrived) await this.#clearStale(row.writer.docId)
    return hasArrived
  }

  /** Deletes stale rows, but not at each arrival: that would cost more than storing the row. */
  async #clearStale(docId: string): Promise<void> {
    const known = this.#cleared.get(docId)
    if (known !== undefined) {
      known.hasArrived = true
      return
    }
    const since = { hasArrived: false }
    this.#cleared.set(docId, since)
    const timer = setTimeout(() => {
      this.#cleared.delete(docId)
      // A failure does not matter: the next arrival deletes the same rows.
      if (since.hasArrived) clearStale(this.#pool, docId).catch(() => {})
    }, CLEAR_EVERY_MS)
    // In Node a timer keeps the process alive, so it is unreferenced; elsewhere a timer is a number.
    if (typeof timer === 'object' && 'unref' in timer) timer.unref()
    await clearStale(this.#pool, docId)
  }

  async #putTogether(rows: readonly PresenceWrite[]): Promise<Outcome<boolean>[]> {
    const { presenceExpiryMs, maxDocumentPresenceRows, maxUserPresenceRows } = this.#limits
    const answers = await this.#pool.query<{ outcome: PresenceOutcome | 'busy' }>({
      name: 'ydoc_put_presence_group',
      text: PUT_GROUP,
      values: [
        rows.map(({ writer }) => writer.docId),
        rows.map(({ writer }) => writer.clientId),
        rows.map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
        rows.map(({ writer }) => writer.user),
        rows.map(({ hasRoom }) => (hasRoom ? maxDocumentPresenceRows : 0)),
        presenceExpiryMs,
        maxUserPresenceRows,
        this.#waitsForDisk,
      ],
    })
    return answers.rows.map(({ outcome }, i) => this.#outcomeOf(outcome, rows[i] as PresenceWrite))
  }

  #outcomeOf(outcome: PresenceOutcome | 'busy', row: PresenceWrite): Outcome<boolean> {
    if (outcome === 'busy') return { type: 'alone' }
    try {
      return { type: 'done', result: readOutcome(outcome, row, this.#limits) }
    } catch (error) {
      return { type: 'refused', error }
    }
  }
}

const byDocumentAndClient = (a: PresenceWrite, b: PresenceWrite): number =>
  compareText(a.writer.docId, b.writer.docId) || a.writer.clientId - b.writer.clientId
