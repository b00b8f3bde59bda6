import { RENDER_SETTINGS } from '../database/settings.ts'

/** Incremented when a function below changes, so that servers of two versions do not replace each other's. */
export const VERSION = 'v2'
export const SCHEMA = 'shape_service'
export const CHANNEL = `${SCHEMA}_${VERSION}`

/**
 * Base64 of 5,400 bytes has 7,200 characters; with a line break after every 76 it stays under the
 * limit of 8,000.
 */
const PART_BYTES = 5400
const WHOLE_BYTES = 7900

const SET_CLAUSES = Object.entries(RENDER_SETTINGS)
  .map(([name, value]) => `SET ${name} = '${value}'`)
  .join(' ')

/**
 * The counter is a setting local to the transaction: a rollback to a savepoint reverts it together
 * with the notifications sent since.
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

/**
 * Reports that a table may have changed; the service finds out which one.
 * `pg_event_trigger_ddl_commands()` lists only what a command created or altered, not what it
 * dropped.
 */
const CAPTURE_DDL = `
DECLARE
  position integer;
BEGIN
  IF TG_TAG LIKE 'DROP %' OR EXISTS (
    SELECT FROM pg_event_trigger_ddl_commands() WHERE schema_name IS DISTINCT FROM 'pg_temp'
  ) THEN
    ${NEXT_POSITION}
    PERFORM pg_notify('${CHANNEL}', 'A ' || pg_current_xact_id()::text || ' ' || position || ' 0');
  END IF;
END`

export const FUNCTIONS = [
  { name: `capture_row_${VERSION}`, body: CAPTURE_ROW, returns: 'trigger', settings: SET_CLAUSES },
  { name: `capture_truncate_${VERSION}`, body: CAPTURE_TRUNCATE, returns: 'trigger', settings: '' },
  {
    name: `capture_ddl_${VERSION}`,
    body: CAPTURE_DDL,
    returns: 'event_trigger',
    settings: '',
  },
] as const
