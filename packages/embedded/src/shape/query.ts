import type pg from 'pg'
import type { Fields } from '../capture/record.ts'
import { inReadTransaction } from '../database/transaction.ts'
import { quoteIdentifier } from '../table/identifier.ts'
import { conditionSql } from '../where/condition.ts'
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

/** All rows of a shape; none if the request is only for changes. */
export function readShape(pool: pg.Pool, definition: Definition): Promise<Rows> {
  const values: string[] = []
  const { condition, logMode } = definition
  const where = logMode === 'changes_only' ? 'false' : conditionSql(condition, values)
  return readRows(pool, definition, { where, values, tail: '' })
}

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
  return inReadTransaction(pool, {}, async (client) => {
    const snapshot = await client.query<{ text: string }>(
      'SELECT pg_current_snapshot()::text AS text',
    )
    const { rows } = await client.query<(string | null)[]>({
      text,
      values: [...query.values],
      rowMode: 'array',
    })
    const places = columns.map((column) => table.columns.indexOf(column))
    return {
      rows: rows.map((row) => spread(row, places, table.columns.length)),
      snapshot: parsePgSnapshot(snapshot.rows[0]?.text ?? ''),
    }
  })
}

function spread(row: Fields, places: readonly number[], width: number): Fields {
  const fields: (string | null)[] = new Array(width).fill(null)
  places.forEach((place, i) => {
    fields[place] = row[i] ?? null
  })
  return fields
}
