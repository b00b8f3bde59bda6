import type pg from 'pg'
import { RENDER_SETTINGS } from './settings.ts'

/**
 * The settings with which Electric makes Postgres read and format values, whatever the database has
 * set.
 */
const SETTINGS = Object.entries(RENDER_SETTINGS)
  .map(([name, value]) => `SET LOCAL ${name} = '${value}'`)
  .join('; ')

/** Runs queries in one consistent read, with the settings used for shapes. */
export async function inReadTransaction<T>(
  pool: pg.Pool,
  { timeout }: { timeout?: string },
  run: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    // BEGIN and the settings go in one message to save round trips.
    const limit = timeout === undefined ? '' : `; SET LOCAL statement_timeout = '${timeout}'`
    await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${SETTINGS}${limit}`)
    const result = await run(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch((cause: Error) => {
      broken = cause
    })
    throw error
  } finally {
    client.release(broken)
  }
}
