import type pg from 'pg'
import { EmbeddedError, messageOf, sqlStateOf } from '../errors.ts'
import { quoteIdentifier } from '../table/identifier.ts'
import type { Table } from '../table/table.ts'

/** Raised when a function below changes, so that servers of two versions do not replace each other's. */
const VERSION = 'v1'
const SCHEMA = 'shape_service'
export const CHANNEL = `${SCHEMA}_${VERSION}`

/** 'shap' 'esrv' as two integers: nobody else's advisory lock. */
const LOCK_KEYS = '1936220528, 1702064758'
/** CREATE TRIGGER waits for the table's writers and holds up new ones meanwhile: not for ever. */
const LOCK_TIMEOUT = '10s'

/** Base64 of 5,400 bytes is 7,200, with a line break in each 76 under the limit of 8,000. */
const PART_BYTES = 5400
const WHOLE_BYTES = 7900

/** How Electric has Postgres write values, whatever the session that makes the change has set. */
export const RENDER_SETTINGS = {
  bytea_output: 'hex',
  DateStyle: 'ISO, DMY',
  TimeZone: 'UTC',
  extra_float_digits: '1',
  IntervalStyle: 'iso_8601',
} as const

const SET_CLAUSES = Object.entries(RENDER_SETTINGS)
  .map(([name, value]) => `SET ${name} = '${value}'`)
  .join(' ')

/**
 * The counter is a setting local to the transaction: a rollback to a savepoint takes it back
 * together with the notifications since.
 */
const NEXT_POSITION = `
  position := coalesce(nullif(current_setting('${SCHEMA}.position', true), ''), '0')::integer + 1;
  PERFORM set_config('${SCHEMA}.position', position::text, true);`

const CAPTURE_ROW = `
DECLARE
  position integer;
  head text;
  body text;
  bytes bytea;
  parts integer;
BEGIN
  ${NEXT_POSITION}
  head := ' ' || pg_current_xact_id()::text || ' ' || position || ' ';
  IF TG_OP = 'INSERT' THEN
    body := 'I' || head || TG_RELID || ' ' || NEW::text;
  ELSIF TG_OP = 'UPDATE' THEN
    body := 'U' || head || TG_RELID || ' ' || OLD::text || NEW::text;
  ELSE
    body := 'D' || head || TG_RELID || ' ' || OLD::text;
  END IF;
  IF octet_length(body) <= ${WHOLE_BYTES} THEN
    PERFORM pg_notify('${CHANNEL}', body);
  ELSE
    bytes := convert_to(body, 'UTF8');
    parts := (octet_length(bytes) + ${PART_BYTES - 1}) / ${PART_BYTES};
    FOR part IN 1..parts LOOP
      PERFORM pg_notify('${CHANNEL}', 'P' || head || part || ' ' || parts || ' '
        || encode(substring(bytes FROM (part - 1) * ${PART_BYTES} + 1 FOR ${PART_BYTES}), 'base64'));
    END LOOP;
  END IF;
  RETURN NULL;
END`

const CAPTURE_TRUNCATE = `
DECLARE
  position integer;
BEGIN
  ${NEXT_POSITION}
  PERFORM pg_notify('${CHANNEL}',
    'T ' || pg_current_xact_id()::text || ' ' || position || ' ' || TG_RELID);
  RETURN NULL;
END`

const FUNCTIONS = [
  { name: `capture_row_${VERSION}`, body: CAPTURE_ROW, settings: SET_CLAUSES },
  { name: `capture_truncate_${VERSION}`, body: CAPTURE_TRUNCATE, settings: '' },
] as const

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

const INSTALLED_SQL = `
  SELECT tgname::text AS name FROM pg_catalog.pg_trigger
  WHERE tgrelid = $1::oid AND tgname = ANY($2::text[]) AND tgenabled <> 'D'`

/**
 * Makes a table's changes known. Idempotent, and safe when two servers do it at once. When it
 * returns, every transaction that wrote without the trigger has ended: CREATE TRIGGER waited.
 */
export async function installTriggers(pool: pg.Pool, table: Table): Promise<void> {
  const client = await pool.connect()
  try {
    if ((await missingTriggers(client, table)).length === 0) return
    await client.query('BEGIN')
    try {
      await client.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`)
      await client.query(`SELECT pg_advisory_xact_lock(${LOCK_KEYS})`)
      await createFunctions(client)
      for (const trigger of await missingTriggers(client, table)) {
        await client.query(
          `CREATE TRIGGER ${trigger.name} ${trigger.event}
           ON ${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}
           ${trigger.each} EXECUTE FUNCTION ${SCHEMA}.${trigger.function}()`,
        )
      }
      await client.query('COMMIT')
    } catch (error) {
      await client.query('ROLLBACK')
      throw explain(error, table)
    }
  } finally {
    client.release()
  }
}

async function missingTriggers(client: pg.ClientBase, table: Table) {
  const { rows } = await client.query<{ name: string }>(INSTALLED_SQL, [
    table.oid,
    TRIGGERS.map((trigger) => trigger.name),
  ])
  const present = new Set(rows.map((row) => row.name))
  return TRIGGERS.filter((trigger) => !present.has(trigger.name))
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
      `CREATE OR REPLACE FUNCTION ${SCHEMA}.${fn.name}() RETURNS trigger
       LANGUAGE plpgsql ${fn.settings} AS $function$${fn.body}$function$`,
    )
  }
}

function explain(error: unknown, table: Table): unknown {
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
