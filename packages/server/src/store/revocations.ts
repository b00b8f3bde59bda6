import type pg from 'pg'

/** The channel on which servers of one database notify each other that a right was revoked. */
export const REVOCATION_CHANNEL = 'ydoc_revoke'

/** Notifies every server that listens. The payload has at most some 1,000 bytes; Postgres allows 8,000. */
export async function notifyRevocation(pool: pg.Pool, payload: string): Promise<void> {
  await pool.query('SELECT pg_notify($1, $2)', [REVOCATION_CHANNEL, payload])
}
