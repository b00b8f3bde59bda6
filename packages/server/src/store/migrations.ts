import type pg from 'pg'
import { MIGRATION_FILES } from './migration-files.ts'
import { inTransaction } from './transaction.ts'

/** One numbered SQL file of the migrations folder. */
export interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
}

/**
 * Brings the schema up to date: runs every missing migration, in one transaction, under an advisory lock. If
 * many servers start together, one migrates and the others wait. The transaction holds locks that block
 * writers, so no migration reads stored rows.
 * @returns the names of the migrations that were applied now
 * @throws {Error} if the database is ahead of this server (a newer server migrated it)
 */
export async function migrate(pool: pg.Pool): Promise<string[]> {
  const migrations = MIGRATIONS
  return inTransaction(pool, async (client) => {
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('ydoc:migrations', 0))`)
    await client.query(`
      CREATE TABLE IF NOT EXISTS ydoc_migration (
        version    integer PRIMARY KEY,
        name       text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
      )`)
    const { rows } = await client.query<{ version: number }>('SELECT version FROM ydoc_migration')
    const applied = new Set(rows.map(({ version }) => version))
    refuseNewerSchema(applied, migrations)

    const pending = migrations.filter(({ version }) => !applied.has(version))
    for (const { version, name, sql } of pending) {
      await client.query(sql)
      await client.query('INSERT INTO ydoc_migration (version, name) VALUES ($1, $2)', [
        version,
        name,
      ])
    }
    return pending.map(({ name }) => name)
  })
}

function refuseNewerSchema(applied: ReadonlySet<number>, migrations: readonly Migration[]): void {
  const newest = migrations.at(-1)?.version ?? 0
  const ahead = Math.max(0, ...applied)
  if (ahead > newest) {
    throw new Error(
      `the database has schema version ${ahead}, this server knows versions up to ${newest}: start a newer server`,
    )
  }
}

/** The newest schema version that this server knows. */
export async function newestMigration(): Promise<number> {
  return MIGRATIONS.at(-1)?.version ?? 0
}

const MIGRATIONS: readonly Migration[] = MIGRATION_FILES.map(([name, sql]) => ({
  version: Number(name.slice(0, 4)),
  name,
  sql,
}))
