import type pg from 'pg'
import { RENDER_SETTINGS } from './settings.ts'

/** How Electric has Postgres read and write values, whatever the database has set. */
const SETTINGS = Object.entries(RENDER_SETTINGS)
  .map(([name, value]) => `SET LOCAL ${name} = '${value}'`)
  .join('; ')

/** Runs queries in one consistent read, with the settings that shapes are read with. */
export async function inReadTransaction<T>(
  pool: pg.Pool,
  { timeout }: { timeout?: string },
  run: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    // In one message, to save round trips.
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
