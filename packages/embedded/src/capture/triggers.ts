import type pg from 'pg'
import { EmbeddedError, messageOf, sqlStateOf } from '../errors.ts'
import { quoteIdentifier, type TableName } from '../table/identifier.ts'
import { FUNCTIONS, SCHEMA, VERSION } from './functions.ts'

/** 'shap' 'esrv' as two integers: an advisory lock key that no other program uses. */
const LOCK_KEYS = '1936220528, 1702064758'
/**
 * CREATE TRIGGER waits for the table's writers and blocks new ones meanwhile, so the wait is
 * limited.
 */
const LOCK_TIMEOUT = '10s'

const TRIGGERS = [
  {
    name: `${SCHEMA}_row_${VERSION}`,
    event: 'AFTER INSERT OR UPDATE OR DELETE',
    each: 'FOR EACH ROW',
    function: `capture_row_${VERSION}`,
  },
  {
    name: `${SCHEMA}_truncate_${VERSION}`,
    event: 'AFTER TRUNCATE',
    each: 'FOR EACH STATEMENT',
    function: `capture_truncate_${VERSION}`,
  },
] as const

const DDL_TRIGGER = `${SCHEMA}_ddl_${VERSION}`

/** Commands that may change the name, the columns or the partitions of a table. */
const DDL_TAGS = [
  'ALTER DOMAIN',
  'ALTER SCHEMA',
  'ALTER TABLE',
  'ALTER TRIGGER',
  'ALTER TYPE',
  'CREATE TABLE',
  'DROP DOMAIN',
  'DROP EXTENSION',
  'DROP FUNCTION',
  'DROP OWNED',
  'DROP SCHEMA',
  'DROP TABLE',
  'DROP TRIGGER',
  'DROP TYPE',
]

/** A table to capture that holds rows itself. */
export type Followed = TableName & { readonly oid: number }

/**
 * Installs the capture triggers on a table. Idempotent, and safe when two servers do it at once.
 * When it returns, every transaction that wrote without the trigger has ended, because CREATE
 * TRIGGER waits for them.
 */
export async function installTriggers(pool: pg.Pool, table: Followed): Promise<void> {
  if ((await missingTriggers(pool, table)).length === 0) return
  await locked(pool, table, async (client) => {
    const name = `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`
    for (const trigger of await missingTriggers(client, table)) {
      // Only a disabled trigger is dropped, because services check all tables again after this command.
      if (trigger.isDisabled) await client.query(`DROP TRIGGER ${trigger.name} ON ${name}`)
      await client.query(
        `CREATE TRIGGER ${trigger.name} ${trigger.event} ON ${name} ${trigger.each}
         EXECUTE FUNCTION ${SCHEMA}.${trigger.function}()`,
      )
    }
  })
}

/**
 * Makes Postgres report each command that creates, alters or drops a table. False if this user is not
 * allowed to: usually only a superuser is.
 */
export async function installDdlTrigger(pool: pg.Pool): Promise<boolean> {
  if (await hasDdlTrigger(pool)) return true
  try {
    await locked(pool, undefined, async (client) => {
      if (await hasDdlTrigger(client)) return
      await client.query(
        `CREATE EVENT TRIGGER ${DDL_TRIGGER} ON ddl_command_end
         WHEN TAG IN (${DDL_TAGS.map((tag) => `'${tag}'`).join(', ')})
         EXECUTE FUNCTION ${SCHEMA}.capture_ddl_${VERSION}()`,
      )
    })
    return true
  } catch (error) {
    if (sqlStateOf(error) === '42501') return false
    throw error
  }
}

export async function hasDdlTrigger(client: Pick<pg.Pool, 'query'>): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_catalog.pg_event_trigger
     WHERE evtname = $1 AND evtenabled IN ('O', 'A')) AS found`,
    [DDL_TRIGGER],
  )
  return rows[0]?.found === true
}

/** The tables whose changes are no longer reported. */
export async function uncaptured(pool: pg.Pool, oids: readonly number[]): Promise<number[]> {
  const { rows } = await pool.query<{ oid: string }>(
    `SELECT wanted.oid::text AS oid FROM unnest($1::oid[]) AS wanted(oid)
     WHERE (SELECT count(*) FROM pg_catalog.pg_trigger
            WHERE tgrelid = wanted.oid AND tgname = ANY($2::text[]) AND tgenabled IN ('O', 'A')) < $3`,
    [oids, TRIGGERS.map(({ name }) => name), TRIGGERS.length],
  )
  return rows.map(({ oid }) => Number(oid))
}

async function locked(
  pool: pg.Pool,
  table: Followed | undefined,
  install: (client: pg.ClientBase) => Promise<void>,
): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    try {
      await client.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`)
      await client.query(`SELECT pg_advisory_xact_lock(${LOCK_KEYS})`)
      await createFunctions(client)
      await install(client)
      await client.query('COMMIT')
    } catch (error) {
      await client.query('ROLLBACK')
      throw table === undefined ? error : explain(error, table)
    }
  } finally {
    client.release()
  }
}

async function missingTriggers(client: Pick<pg.Pool, 'query'>, table: Followed) {
  const { rows } = await client.query<{ name: string; enabled: boolean }>(
    `SELECT tgname::text AS name, tgenabled IN ('O', 'A') AS enabled FROM pg_catalog.pg_trigger
     WHERE tgrelid = $1::oid AND tgname = ANY($2::text[])`,
    [table.oid, TRIGGERS.map((trigger) => trigger.name)],
  )
  const present = new Map(rows.map(({ name, enabled }) => [name, enabled]))
  return TRIGGERS.filter(({ name }) => present.get(name) !== true).map((trigger) => ({
    ...trigger,
    isDisabled: present.has(trigger.name),
  }))
}

async function createFunctions(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT p.proname::text AS name FROM pg_catalog.pg_proc p
     JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $1`,
    [SCHEMA],
  )
  const present = new Set(rows.map((row) => row.name))
  if (FUNCTIONS.every((fn) => present.has(fn.name))) return
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`)
  for (const fn of FUNCTIONS) {
    await client.query(
      `CREATE OR REPLACE FUNCTION ${SCHEMA}.${fn.name}() RETURNS ${fn.returns}
       LANGUAGE plpgsql ${fn.settings} AS $function$${fn.body}$function$`,
    )
  }
}

function explain(error: unknown, table: Followed): unknown {
  const name = `"${table.schema}"."${table.name}"`
  switch (sqlStateOf(error)) {
    case '42501':
      return new EmbeddedError(
        'capture_not_permitted',
        `The database user may not follow ${name}: it must own the table and be allowed to create the schema "${SCHEMA}" (${messageOf(error)})`,
        { cause: error },
      )
    case '55P03':
      return new EmbeddedError(
        'capture_timed_out',
        `A transaction has held ${name} for more than ${LOCK_TIMEOUT}: end it, then ask again`,
        { cause: error },
      )
    default:
      return error
  }
}
