import * as decoding from 'lib0/decoding'
import type pg from 'pg'
import type { ForeignUpdate } from '../documents/index.ts'
import { UnusableStore } from './errors.ts'
import { type ForeignStore, v1 } from './store.ts'

/** A table of updates in a Postgres. */
interface Layout {
  /** The default name of the table, from the product's guide. */
  readonly table: string
  /** The column with the document's name. */
  readonly name: string
  readonly data: string
  /** Further columns that tell the table from others. */
  readonly others: readonly string[]
  /** The rows that hold updates, as a condition of SQL. */
  readonly isUpdate: string
  readonly updatesOf: (data: Uint8Array) => readonly ForeignUpdate[]
}

/** `y-postgresql`: a row for each update, and one with the state vector. */
export const Y_POSTGRESQL: Layout = {
  table: 'yjs-writings',
  name: 'docname',
  data: 'value',
  others: ['id', 'version'],
  isUpdate: "version = 'v1'",
  updatesOf: (data) => [v1(data)],
}

/** `@electric-sql/y-electric`: a row for each request body, which holds length-prefixed updates. */
export const UPSTREAM_Y_ELECTRIC: Layout = {
  table: 'ydoc_updates',
  name: 'room',
  data: 'op',
  others: [],
  isUpdate: 'true',
  updatesOf: (data) => {
    const decoder = decoding.createDecoder(data)
    const updates: ForeignUpdate[] = []
    while (decoding.hasContent(decoder)) {
      updates.push(v1(new Uint8Array(decoding.readVarUint8Array(decoder))))
    }
    return updates
  },
}

/**
 * The documents in a table of another product. The caller owns the pool and closes it.
 * @param table the name of the table; default: the name in the product's guide
 * @throws {UnusableStore} if there is no such table, or it has other columns
 */
export async function openTable(
  pool: pg.Pool,
  layout: Layout,
  table = layout.table,
): Promise<ForeignStore> {
  const id = quoted(table)
  const { name, data, others, isUpdate, updatesOf } = layout
  await requireColumns(pool, table, [name, data, ...others])
  return {
    async names() {
      const { rows } = await pool.query<{ name: string }>(
        `SELECT DISTINCT ${name} COLLATE "C" AS name FROM ${id} WHERE ${isUpdate} ORDER BY 1`,
      )
      return rows.map((row) => row.name)
    },
    async updates(docName) {
      // Yjs accepts updates in any order. If there is no column to sort by, `ctid` keeps the order of
      // the rows.
      const { rows } = await pool.query<{ data: Buffer }>(
        `SELECT ${data} AS data FROM ${id} WHERE ${name} = $1 AND ${isUpdate} ORDER BY ${others.includes('id') ? 'id' : 'ctid'}`,
        [docName],
      )
      return rows.flatMap((row) => updatesOf(new Uint8Array(row.data)))
    },
    close: async () => {},
  }
}

async function requireColumns(
  pool: pg.Pool,
  table: string,
  columns: readonly string[],
): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute
     WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`,
    [quoted(table)],
  )
  const found = rows.map(({ name }) => name)
  if (found.length === 0) {
    throw new UnusableStore(
      `there is no table ${JSON.stringify(table)} in this database: name it with --table`,
    )
  }
  const missing = columns.filter((column) => !found.includes(column))
  if (missing.length === 0) return
  throw new UnusableStore(
    `the table ${JSON.stringify(table)} has no column ${missing.join(', ')} (its columns: ${found.join(', ')}): name another with --table`,
  )
}

/** A name, or a schema and a name, quoted for SQL. */
const quoted = (table: string): string =>
  table
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.')
