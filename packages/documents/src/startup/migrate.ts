import { migrate } from '@y-electric/server'
import type pg from 'pg'
import type { Backend } from '../config.ts'
import { explainMigration } from './explain.ts'

/** Brings the schema up to date. @throws {ConfigError} when the user may not. */
export async function migrateDatabase(pool: pg.Pool, backend: Backend): Promise<string[]> {
  try {
    return await migrate(pool)
  } catch (error) {
    throw explainMigration(error, backend.kind === 'pglite' ? null : backend.databaseUrl)
  }
}
