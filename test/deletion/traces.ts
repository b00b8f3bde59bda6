// Searches for remains of a document in every column of every table that could hold them.
import type pg from 'pg'

interface Column {
  readonly table: string
  readonly column: string
  readonly type: string
}

/** The columns of the tables that contain the marker, as bytes or text, in any row. */
export async function tracesOf(pool: pg.Pool, marker: string): Promise<string[]> {
  const { rows } = await pool.query<Column>(
    `SELECT table_name AS table, column_name AS column, data_type AS type
     FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name LIKE 'ydoc\\_%'
       AND data_type IN ('bytea', 'text')`,
  )
  if (rows.length < 8) throw new Error('these are not the tables of a document')
  const found: string[] = []
  for (const { table, column, type } of rows) {
    const needle = type === 'bytea' ? `convert_to($1, 'UTF8')` : '$1'
    const { rows: hits } = await pool.query<{ hits: number }>(
      `SELECT count(*)::int AS hits FROM ${table} WHERE position(${needle} IN ${column}) > 0`,
      [marker],
    )
    if ((hits[0]?.hits ?? 0) > 0) found.push(`${table}.${column}`)
  }
  return found
}
