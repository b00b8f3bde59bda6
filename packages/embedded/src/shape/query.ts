import type pg from 'pg'
import type { Fields } from '../capture/record.ts'
import { RENDER_SETTINGS } from '../capture/triggers.ts'
import { quoteIdentifier } from '../table/identifier.ts'
import type { Definition } from './definition.ts'
import { type PgSnapshot, parsePgSnapshot } from './visibility.ts'

export interface RowsQuery {
  /** SQL of a condition, every value bound. */
  readonly where: string
  readonly values: readonly string[]
  /** `ORDER BY …`, `LIMIT …`, or nothing. */
  readonly tail: string
}

export interface Rows {
  readonly rows: readonly Fields[]
  readonly snapshot: PgSnapshot
}

const SETTINGS_SQL = `SELECT ${Object.entries(RENDER_SETTINGS)
  .map(([name, value]) => `set_config('${name}', '${value}', true)`)
  .join(', ')}, pg_current_snapshot()::text AS snapshot`

/**
 * Reads a shape's rows and, of the same moment, what was visible. No order is asked for: Electric
 * does not either. Rows have the table's fields; columns outside the shape are left null.
 */
export async function readRows(
  pool: pg.Pool,
  definition: Definition,
  query: RowsQuery,
): Promise<Rows> {
  const { table, columns } = definition
  const fields = columns.map(({ name }) => `${quoteIdentifier(name)}::text`).join(', ')
  const text = `SELECT ${fields} FROM ${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)} WHERE ${query.where} ${query.tail}`
  const client = await pool.connect()
  let failed: Error | undefined
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const settings = await client.query<{ snapshot: string }>(SETTINGS_SQL)
    const { rows } = await client.query<(string | null)[]>({
      text,
      values: [...query.values],
      rowMode: 'array',
    })
    await client.query('COMMIT')
    const places = columns.map((column) => table.columns.indexOf(column))
    return {
      rows: rows.map((row) => spread(row, places, table.columns.length)),
      snapshot: parsePgSnapshot(settings.rows[0]?.snapshot ?? ''),
    }
  } catch (error) {
    await client.query('ROLLBACK').catch((cause: Error) => {
      failed = cause
    })
    throw error
  } finally {
    client.release(failed)
  }
}

function spread(row: Fields, places: readonly number[], width: number): Fields {
  const fields: (string | null)[] = new Array(width).fill(null)
  places.forEach((place, i) => {
    fields[place] = row[i] ?? null
  })
  return fields
}
