import type pg from 'pg'

/**
 * Runs `work` in one transaction: committed when it returns, rolled back when it throws.
 * @param mode READ COMMITTED for everything that writes
 */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
  mode: 'READ COMMITTED' | 'REPEATABLE READ READ ONLY' = 'READ COMMITTED',
): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  // A pool only listens for errors of idle clients. Without this listener, a connection that breaks between
  // two statements would end the process; the next statement reports the failure.
  const onError = (error: Error) => {
    broken = error
  }
  client.on('error', onError)
  try {
    await client.query(`BEGIN ISOLATION LEVEL ${mode}`)
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    // A connection that cannot roll back is unusable: the pool destroys it.
    await client.query('ROLLBACK').catch((reason: Error) => {
      broken = reason
    })
    throw error
  } finally {
    client.off('error', onError)
    client.release(broken)
  }
}
