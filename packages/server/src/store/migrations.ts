import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { inTransaction } from './transaction.ts'

const FOLDER = fileURLToPath(new URL('../../migrations/', import.meta.url))

/** One numbered SQL file of the migrations folder. */
export interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
}

/** The first line of a migration whose statements run one by one, outside of a transaction. */
const CONCURRENT = '-- concurrent'

const isConcurrent = ({ sql }: Migration): boolean => sql.startsWith(CONCURRENT)

/**
 * Brings the schema up to date: every migration that this database lacks, in one transaction, under
 * an advisory lock, so that of many servers that start together one migrates and the others wait. The
 * transaction holds locks for which writers wait, so a migration reads no stored rows. A migration that has
 * to read them is marked as concurrent, runs after the others, and lets writers go on.
 * @returns the names of the migrations that were applied now.
 * @throws {Error} when the database is ahead of this server (a newer server migrated it).
 */
export async function migrate(pool: pg.Pool): Promise<string[]> {
  const migrations = await readMigrations()
  const transacted = await inTransaction(pool, async (client) => {
    await client.query(`SELECT pg_advisory_xact_lock(${LOCK_KEY})`)
    await client.query(`
      CREATE TABLE IF NOT EXISTS ydoc_migration (
        version    integer PRIMARY KEY,
        name       text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
      )`)
    const applied = await readApplied(client)
    refuseNewerSchema(applied, migrations)

    const pending = migrations.filter((one) => !applied.has(one.version) && !isConcurrent(one))
    for (const one of pending) {
      await client.query(one.sql)
      await noteApplied(client, one)
    }
    return pending.map(({ name }) => name)
  })
  const concurrent = migrations.filter(isConcurrent)
  return [...transacted, ...(await migrateConcurrently(pool, concurrent))]
}

/** Of many servers that start together, one migrates. */
const LOCK_KEY = `hashtextextended('ydoc:migrations', 0)`

/**
 * A key of its own: with the other one, a server that starts would wait inside of a transaction for the index,
 * and the index would wait for that transaction.
 */
const CONCURRENT_LOCK_KEY = `hashtextextended('ydoc:migrations:concurrent', 0)`

/**
 * How long a server that waits for another one to migrate pauses between two looks, in milliseconds. It must not
 * wait inside of a statement: the index of another server waits for every statement that began before it.
 */
const LOCK_PAUSE_MS = 200

async function migrateConcurrently(
  pool: pg.Pool,
  migrations: readonly Migration[],
): Promise<string[]> {
  const client = await pool.connect()
  const names: string[] = []
  try {
    const pendingNow = async () => {
      const applied = await readApplied(client)
      return migrations.filter(({ version }) => !applied.has(version))
    }
    if ((await pendingNow()).length === 0) {
      client.release()
      return names
    }
    while (!(await tryLock(client))) {
      await new Promise((resolve) => setTimeout(resolve, LOCK_PAUSE_MS))
    }
    try {
      for (const one of await pendingNow()) {
        for (const statement of statementsOf(one)) await client.query(statement)
        await noteApplied(client, one)
        names.push(one.name)
      }
    } finally {
      await client.query(`SELECT pg_advisory_unlock(${CONCURRENT_LOCK_KEY})`)
    }
  } catch (error) {
    client.release(error as Error)
    throw error
  }
  client.release()
  return names
}

const statementsOf = ({ sql }: Migration): string[] =>
  sql
    .replace(/^--.*$/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')

async function tryLock(client: pg.PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>(
    `SELECT pg_try_advisory_lock(${CONCURRENT_LOCK_KEY}) AS got`,
  )
  return rows[0]?.got === true
}

async function readApplied(client: pg.PoolClient): Promise<Set<number>> {
  const { rows } = await client.query<{ version: number }>('SELECT version FROM ydoc_migration')
  return new Set(rows.map(({ version }) => version))
}

const noteApplied = (client: pg.PoolClient, { version, name }: Migration) =>
  client.query('INSERT INTO ydoc_migration (version, name) VALUES ($1, $2)', [version, name])

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
  return (await readMigrations()).at(-1)?.version ?? 0
}

async function readMigrations(): Promise<Migration[]> {
  const names = (await readdir(FOLDER)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort()
  return Promise.all(
    names.map(async (name) => ({
      version: Number(name.slice(0, 4)),
      name,
      sql: await readFile(join(FOLDER, name), 'utf8'),
    })),
  )
}
