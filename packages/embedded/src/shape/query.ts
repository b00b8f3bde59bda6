import type pg from 'pg'
import type { Fields } from '../capture/record.ts'
import { inReadTransaction } from '../database/transaction.ts'
import { quoteIdentifier } from '../table/identifier.ts'
import type { Table } from '../table/table.ts'
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

/**
 * Reads a shape's rows and, of the same moment, what was visible. No order is asked for: Electric
 * does not either. Rows have the table's fields; columns outside the shape are left null.
 */
export async function readRows(
  pool: pg.Pool,
  definition: Definition,
  query: RowsQuery,
): Promise<Rows> {
  const { table } = definition
  const text = `SELECT ${fieldsOf(definition)} FROM ${nameOf(table)} WHERE ${query.where} ${query.tail}`
  return inReadTransaction(pool, {}, async (client) => {
    const snapshot = await client.query<{ text: string }>(
      'SELECT pg_current_snapshot()::text AS text',
    )
    const { rows } = await client.query<(string | null)[]>({
      text,
      values: [...query.values],
      rowMode: 'array',
    })
    return {
      rows: rows.map(spreader(definition)),
      snapshot: parsePgSnapshot(snapshot.rows[0]?.text ?? ''),
    }
  })
}

/** The columns of a shape, each as text. */
export const fieldsOf = ({ columns }: Definition): string =>
  columns.map(({ name }) => `${quoteIdentifier(name)}::text`).join(', ')

/** A table in SQL. */
export const nameOf = ({ schema, name }: Table): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`

/** Gives the columns that were read their places among the table's fields. */
export function spreader({ table, columns }: Definition): (row: Fields) => Fields {
  const places = columns.map((column) => table.columns.indexOf(column))
  return (row) => {
    const fields: (string | null)[] = new Array(table.columns.length).fill(null)
    places.forEach((place, i) => {
      fields[place] = row[i] ?? null
    })
    return fields
  }
}
