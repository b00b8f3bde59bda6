import type pg from 'pg'

/** The rate of a token bucket. */
export interface BucketRate {
  /** Tokens that the bucket gains per second. */
  readonly perSecond: number
  /** The most tokens that it holds; a new bucket is full. */
  readonly burst: number
}

/**
 * Takes tokens from a bucket that all servers share, in one statement.
 * @param cost at most `burst`
 * @returns 0 if they were taken; otherwise the seconds until they are available, and nothing was taken
 */
export async function takeTokens(
  pool: pg.Pool,
  key: string,
  cost: number,
  { perSecond, burst }: BucketRate,
): Promise<number> {
  const { rows } = await pool.query<{ wait: number }>({
    name: 'ydoc_take_tokens',
    text: `INSERT INTO ydoc_bucket AS b (key, tokens, at, wait, full_at)
      VALUES ($1, $3::float8 - $2::float8, clock_timestamp(), 0,
              clock_timestamp() + ($2 / $4::float8) * interval '1 second')
      ON CONFLICT (key) DO UPDATE SET
        (tokens, at, wait, full_at) = (
          SELECT left_over, clock_timestamp(), (CASE WHEN has >= $2 THEN 0 ELSE ($2 - has) / $4 END),
                 clock_timestamp() + (($3 - left_over) / $4) * interval '1 second'
          FROM (SELECT has, has - (CASE WHEN has >= $2 THEN $2 ELSE 0 END) AS left_over
                FROM (SELECT least($3, b.tokens + $4 * greatest(0,
                        extract(epoch FROM clock_timestamp() - b.at)::float8)) AS has) filled) taken)
      RETURNING wait`,
    values: [key, cost, burst, perSecond],
  })
  return rows[0]?.wait ?? 0
}

/** Deletes the buckets that are full again: a missing bucket is a full one. */
export async function deleteFullBuckets(pool: pg.Pool): Promise<void> {
  await pool.query('DELETE FROM ydoc_bucket WHERE full_at < clock_timestamp()')
}
