import type pg from 'pg'
import type { TableName } from './identifier.ts'
import { type Member, type NamedMember, readMembers } from './members.ts'

export interface Column {
  readonly name: string
  /** The type's name in pg_type; for an array, the name of its element type. */
  readonly type: string
  readonly isEnum: boolean
  /** True for a composite type, and for a domain, which may be composite. */
  readonly isComposite: boolean
  /** True for a built-in type whose values are equal only if their text is equal. */
  readonly isPlain: boolean
  readonly dims: number
  readonly notNull: boolean
  /** Index in the primary key, from 0; null if the column is not part of it. */
  readonly keyIndex: number | null
  readonly modifier: Readonly<Record<string, unknown>>
}

export interface Table extends TableName {
  readonly oid: number
  readonly kind: 'table' | 'partitioned'
  /** In the order in which Postgres writes the fields of a row. */
  readonly columns: readonly Column[]
  /**
   * The table's partitions, and tables that inherit from it: their rows are also rows of this
   * table.
   */
  readonly members: readonly Member[]
  /** Changes when the table is altered in a way that shapes notice. */
  readonly fingerprint: string
}

/**
 * The labels of an enum and the attributes of a composite type, at any depth, because altering them
 * changes the text of rows without a write to the rows.
 */
const PARTS_SQL = `
  WITH RECURSIVE part(type) AS (
    SELECT coalesce(element.oid, t.oid)
    UNION
    SELECT used.type
    FROM part
    JOIN pg_catalog.pg_type p ON p.oid = part.type
    CROSS JOIN LATERAL (
      SELECT p.typbasetype
      UNION ALL
      SELECT p.typelem
      UNION ALL
      SELECT f.atttypid FROM pg_catalog.pg_attribute f
      WHERE f.attrelid = p.typrelid AND f.attnum > 0 AND NOT f.attisdropped
    ) AS used(type)
    WHERE used.type <> 0
  )
  SELECT coalesce(pg_catalog.string_agg(one.text, ' ' ORDER BY one.text), '')
  FROM (
    SELECT l.oid || ':' || l.enumlabel FROM pg_catalog.pg_enum l JOIN part ON l.enumtypid = part.type
    UNION ALL
    SELECT p.oid || '.' || f.attnum || ':' || f.atttypid
    FROM part
    JOIN pg_catalog.pg_type p ON p.oid = part.type
    JOIN pg_catalog.pg_attribute f ON f.attrelid = p.typrelid AND f.attnum > 0 AND NOT f.attisdropped
  ) AS one(text)`

const TABLES_SQL = `
  SELECT n.nspname::text AS schema, c.relname::text AS table, c.oid::text AS oid,
    c.relkind::text AS relkind, c.relhassubclass AS has_members, c.relfilenode::text AS file,
    a.attname::text AS name, a.attnum, a.atttypid::text AS type_oid,
    coalesce(element.typname, t.typname)::text AS type,
    coalesce(element.typtype, t.typtype) = 'e' AS is_enum,
    coalesce(element.typtype, t.typtype) IN ('c', 'd') AS is_composite,
    t.typnamespace = 'pg_catalog'::regnamespace AND coalesce(l.collisdeterministic, true) AS is_plain,
    CASE WHEN element.oid IS NULL THEN 0 ELSE greatest(a.attndims, 1) END AS dims,
    a.attnotnull AS not_null, a.atttypmod AS typmod,
    CASE WHEN a.attgenerated <> '' THEN (
      SELECT a.attgenerated::text || pg_catalog.pg_get_expr(d.adbin, d.adrelid)
      FROM pg_catalog.pg_attrdef d WHERE d.adrelid = c.oid AND d.adnum = a.attnum
    ) ELSE '' END AS generated,
    CASE WHEN coalesce(element.typtype, t.typtype) IN ('e', 'c', 'd')
      THEN (${PARTS_SQL}) ELSE '' END AS parts,
    array_position(i.indkey::int2[], a.attnum) AS key_position
  FROM unnest($1::text[], $2::text[]) AS wanted(schema, name)
  JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
  LEFT JOIN pg_catalog.pg_type element ON element.oid = t.typelem AND t.typcategory = 'A'
  LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary
  WHERE c.relkind IN ('r', 'p')
  ORDER BY c.oid, a.attnum`

interface ColumnRow {
  schema: string
  table: string
  oid: string
  relkind: string
  has_members: boolean
  file: string
  name: string
  attnum: number
  type_oid: string
  type: string
  is_enum: boolean
  is_composite: boolean
  is_plain: boolean
  dims: number
  not_null: boolean
  typmod: number
  generated: string
  parts: string
  key_position: number | null
}

export async function readTable(pool: pg.Pool, name: TableName): Promise<Table | undefined> {
  const [table] = await readTables(pool, [name])
  return table
}

/** The current definitions of the tables that exist. */
export async function readTables(
  pool: pg.Pool,
  names: readonly TableName[],
): Promise<readonly Table[]> {
  const { rows } = await pool.query<ColumnRow>({
    name: 'shape_service_tables',
    text: TABLES_SQL,
    values: [names.map(({ schema }) => schema), names.map(({ name }) => name)],
  })
  const byOid = new Map<number, ColumnRow[]>()
  for (const row of rows) {
    const oid = Number(row.oid)
    byOid.set(oid, [...(byOid.get(oid) ?? []), row])
  }
  const parents = [...byOid].filter(([, [row]]) => row?.has_members).map(([oid]) => oid)
  const members = await readMembers(pool, parents)
  return [...byOid].map(([oid, columns]) => toTable(oid, columns, members.get(oid) ?? []))
}

function toTable(
  oid: number,
  rows: readonly ColumnRow[],
  inherited: readonly NamedMember[],
): Table {
  const [first] = rows
  if (first === undefined) throw new RangeError('a table without columns')
  const members = inherited.map(({ columns, ...member }) => ({
    ...member,
    order: rows.map(({ name }) => columns.indexOf(name)),
    width: columns.length,
  }))
  return {
    schema: first.schema,
    name: first.table,
    oid,
    kind: first.relkind === 'p' ? 'partitioned' : 'table',
    columns: rows.map((row) => ({
      name: row.name,
      type: row.type,
      isEnum: row.is_enum,
      isComposite: row.is_composite,
      isPlain: row.is_plain,
      dims: row.dims,
      notNull: row.not_null,
      // An int2vector has lower bound 0, and array_position respects that.
      keyIndex: row.key_position,
      modifier: modifierOf(row.type, row.typmod),
    })),
    members,
    fingerprint: JSON.stringify([
      oid,
      first.relkind,
      // Postgres writes a new file when a command changes the rows themselves (ALTER … TYPE … USING).
      first.file,
      ...rows.map((row) => [
        row.attnum,
        row.name,
        row.type,
        row.type_oid,
        row.dims,
        row.typmod,
        row.not_null,
        row.generated,
        row.parts,
        row.key_position,
      ]),
      members.map((member) => [member.oid, member.file, member.order]),
    ]),
  }
}

/** The fields of `electric-schema` that describe a type's modifier. */
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
