import type pg from 'pg'

/** Servers of one database tell each other on this channel that a right was taken away. */
export const REVOCATION_CHANNEL = 'ydoc_revoke'

/** Tells every server that listens. The payload has at most some 1,000 bytes; Postgres takes 8,000. */
export async function notifyRevocation(pool: pg.Pool, payload: string): Promise<void> {
  await pool.query('SELECT pg_notify($1, $2)', [REVOCATION_CHANNEL, payload])
}
