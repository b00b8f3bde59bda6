import type pg from 'pg'
import type { Fields } from '../capture/record.ts'
import { inReadTransaction } from '../database/transaction.ts'
import { quoteIdentifier } from '../table/identifier.ts'
import type { Table } from '../table/table.ts'
import type { Definition } from './definition.ts'
import { type PgSnapshot, parsePgSnapshot } from './visibility.ts'

export interface RowsQuery {
  /** The SQL of a condition, with every value bound. */
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
 * Reads a shape's rows and, in the same transaction, which transactions were visible. Rows are in
 * no particular order, as in Electric. They have all fields of the table; columns outside the shape
 * are null.
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

/** The columns of a shape, each cast to text. */
export const fieldsOf = ({ columns }: Definition): string =>
  columns.map(({ name }) => `${quoteIdentifier(name)}::text`).join(', ')

/** The name of a table in SQL. */
export const nameOf = ({ schema, name }: Table): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`

/** Puts the columns that were read at their indexes among the table's fields. */
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
