import type pg from 'pg'
import type { TableName } from './identifier.ts'

export interface Column {
  readonly name: string
  /** The type's name in pg_type; of an array, its element's. */
  readonly type: string
  readonly isEnum: boolean
  readonly dims: number
  readonly notNull: boolean
  /** Place in the primary key, from 0; null outside of it. */
  readonly keyIndex: number | null
  readonly modifier: Readonly<Record<string, unknown>>
}

export interface Table extends TableName {
  readonly oid: number
  readonly kind: 'table' | 'partitioned'
  /** In the order in which Postgres writes a row's fields. */
  readonly columns: readonly Column[]
  /** Changes when the table is altered in a way that shapes notice. */
  readonly fingerprint: string
}

const TABLE_SQL = `
  SELECT c.oid::text AS oid, c.relkind::text AS relkind, a.attname::text AS name, a.attnum,
    coalesce(element.typname, t.typname)::text AS type,
    coalesce(element.typtype, t.typtype) = 'e' AS is_enum,
    CASE WHEN element.oid IS NULL THEN 0 ELSE greatest(a.attndims, 1) END AS dims,
    a.attnotnull AS not_null, a.atttypmod AS typmod,
    array_position(i.indkey::int2[], a.attnum) AS key_position
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_type element ON element.oid = t.typelem AND t.typcategory = 'A'
  LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary
  WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')
  ORDER BY a.attnum`

interface ColumnRow {
  oid: string
  relkind: string
  name: string
  attnum: number
  type: string
  is_enum: boolean
  dims: number
  not_null: boolean
  typmod: number
  key_position: number | null
}

export async function readTable(pool: pg.Pool, name: TableName): Promise<Table | undefined> {
  const { rows } = await pool.query<ColumnRow>({
    name: 'shape_service_table',
    text: TABLE_SQL,
    values: [name.schema, name.name],
  })
  const first = rows[0]
  if (first === undefined) return undefined
  return {
    ...name,
    oid: Number(first.oid),
    kind: first.relkind === 'p' ? 'partitioned' : 'table',
    columns: rows.map((row) => ({
      name: row.name,
      type: row.type,
      isEnum: row.is_enum,
      dims: row.dims,
      notNull: row.not_null,
      // An int2vector counts from 0 and says so in its bounds.
      keyIndex: row.key_position,
      modifier: modifierOf(row.type, row.typmod),
    })),
    fingerprint: JSON.stringify([
      first.oid,
      ...rows.map((row) => [row.name, row.type, row.dims, row.typmod, row.key_position]),
    ]),
  }
}

/** What `electric-schema` tells of a type's modifier. */
function modifierOf(type: string, typmod: number): Record<string, unknown> {
  if (typmod < 0) return {}
  switch (type) {
    case 'varchar':
      return { max_length: typmod - 4 }
    case 'bpchar':
      return { length: typmod - 4 }
    case 'bit':
      return { length: typmod }
    case 'varbit':
      return { max_length: typmod }
    case 'numeric': {
      const packed = typmod - 4
      // The scale is an 11-bit signed number.
      return { precision: (packed >> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 1024) - 1024 }
    }
    case 'time':
    case 'timetz':
    case 'timestamp':
    case 'timestamptz':
      return { precision: typmod }
    default:
      return {}
  }
}

export const keyColumnsOf = (table: Table): Column[] =>
  table.columns
    .filter((column) => column.keyIndex !== null)
    .sort((a, b) => (a.keyIndex ?? 0) - (b.keyIndex ?? 0))
