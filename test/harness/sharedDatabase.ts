// One database for all tests of a file.
import type { Database } from '@y-electric/embedded'
import { afterAll, beforeAll } from 'vitest'
import { type Backend, openTestDatabase } from './database.ts'

export interface SharedDatabase {
  /** The database, which is open from the first test to the last. */
  readonly database: Database
  /** Drops all tables, functions and schemas, as if the database were new. */
  empty(): Promise<void>
}

/** Call this at the top of a file or of a `describe`. */
export function useTestDatabase(backend: Backend): SharedDatabase {
  let opened: Database | undefined
  beforeAll(async () => {
    opened = await openTestDatabase(backend)
  })
  afterAll(async () => {
    await opened?.close()
    opened = undefined
  })
  const current = () => {
    if (!opened) throw new Error('the test database is only open while tests run')
    return opened
  }
  return {
    get database() {
      return current()
    },
    empty: () => emptyDatabase(current()),
  }
}

async function emptyDatabase({ pool }: Database): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT quote_ident(nspname) AS name FROM pg_namespace
     WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'`,
  )
  const drops = rows.map(({ name }) => `DROP SCHEMA ${name} CASCADE;`)
  await pool.query(
    `${drops.join('\n')} CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO public;`,
  )
}
