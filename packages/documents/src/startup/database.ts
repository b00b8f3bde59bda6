import type { Database } from '@y-electric/embedded'
import { newestMigration } from '@y-electric/server/extension'
import pg from 'pg'
import { type Backend, ConfigError, type DatabaseConfig } from '../config.ts'
import { describeUrl, explainDatabase } from './explain.ts'

const CONNECT_TIMEOUT_MS = 5_000
const HEAR_TIMEOUT_MS = 3_000
const CHANNEL = 'y_electric_startup_check'

type PostgresBackend = Exclude<Backend, { kind: 'pglite' }>

/** Can we go in, and is this a database that we can serve? @throws {ConfigError} if not, and why. */
export async function checkDatabase(backend: PostgresBackend): Promise<void> {
  const { databaseUrl } = backend
  await withClient('DATABASE_URL', databaseUrl, async (client) => {
    await refuseStandby(client, databaseUrl)
    await refuseNewerSchema(client)
    if (backend.kind === 'electric') await requireLogicalWal(client, databaseUrl)
  })
}

/**
 * The in-process shape service hears of changes by NOTIFY. A pooler in transaction mode takes LISTEN
 * without a word, and nothing ever comes.
 */
export async function checkListening(
  database: Database,
  { databaseUrl, listenUrl }: DatabaseConfig,
): Promise<void> {
  const [setting, url] =
    listenUrl === undefined
      ? (['DATABASE_URL', databaseUrl] as const)
      : (['DATABASE_LISTEN_URL', listenUrl] as const)
  await withClient(setting, url, async (client) => {
    let timer: NodeJS.Timeout | undefined
    const heard = new Promise<boolean>((resolve) => {
      client.on('notification', () => resolve(true))
      timer = setTimeout(() => resolve(false), HEAR_TIMEOUT_MS)
    })
    try {
      await client.query(`LISTEN ${CHANNEL}`)
      await database.pool.query('SELECT pg_notify($1, $2)', [CHANNEL, String(process.pid)])
      if (await heard) return
    } finally {
      clearTimeout(timer)
    }
    throw new ConfigError(
      listenUrl === undefined
        ? `DATABASE_URL: what NOTIFY says does not arrive through ${describeUrl(url).host}. A pooler in transaction mode? Then set DATABASE_LISTEN_URL to Postgres itself`
        : `DATABASE_LISTEN_URL: what NOTIFY says in the database of DATABASE_URL does not arrive through ${describeUrl(url).host}: name the same database there, without a pooler`,
    )
  })
}

async function withClient(
  setting: string,
  url: string,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  let client: pg.Client
  try {
    client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    })
    client.on('error', () => {})
    await client.connect()
  } catch (error) {
    throw explainDatabase(error, setting, url)
  }
  try {
    await work(client)
  } catch (error) {
    throw error instanceof ConfigError ? error : explainDatabase(error, setting, url)
  } finally {
    await client.end().catch(() => {})
  }
}

async function refuseStandby(client: pg.Client, url: string): Promise<void> {
  const { rows } = await client.query<{ standby: boolean; old: boolean }>(
    `SELECT pg_is_in_recovery() AS standby, current_setting('server_version_num')::int < 140000 AS old`,
  )
  const { host } = describeUrl(url)
  if (rows[0]?.standby) {
    throw new ConfigError(
      `DATABASE_URL: Postgres at ${host} is a read-only standby: name the primary`,
    )
  }
  if (rows[0]?.old) {
    throw new ConfigError(`DATABASE_URL: Postgres at ${host} is older than version 14: upgrade it`)
  }
}

async function refuseNewerSchema(client: pg.Client): Promise<void> {
  const known = await newestMigration()
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('ydoc_migration') IS NOT NULL AS there`,
  )
  if (!rows[0]?.there) return
  const applied = await client.query<{ newest: number | null }>(
    'SELECT max(version) AS newest FROM ydoc_migration',
  )
  const newest = applied.rows[0]?.newest ?? 0
  if (newest > known) {
    throw new ConfigError(
      `DATABASE_URL: a newer y-electric has brought the schema to version ${newest}, this server knows versions up to ${known}: start that newer server`,
    )
  }
}

async function requireLogicalWal(client: pg.Client, url: string): Promise<void> {
  const { rows } = await client.query<{ wal_level: string }>('SHOW wal_level')
  const level = rows[0]?.wal_level
  if (level === 'logical') return
  throw new ConfigError(
    `DATABASE_URL: Electric needs wal_level=logical, and Postgres at ${describeUrl(url).host} has ${level}: ALTER SYSTEM SET wal_level = logical; then restart it`,
  )
}
