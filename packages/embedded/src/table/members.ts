import type pg from 'pg'
import type { TableName } from './identifier.ts'

/** A table whose rows also belong to another table: a partition, or a table that inherits. */
export interface Member extends TableName {
  readonly oid: number
  /** Its file on disk, a new one after each rewrite of its rows. */
  readonly file: string
  /** For each column of the other table, its index in the rows of this one. */
  readonly order: readonly number[]
  /** The number of fields in its rows. */
  readonly width: number
}

/** Partitions that are themselves partitioned hold no rows; their own partitions do. */
const MEMBERS_SQL = `
  WITH RECURSIVE member(parent, oid) AS (
    SELECT inhparent, inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = ANY($1::oid[])
    UNION
    SELECT member.parent, i.inhrelid
    FROM member JOIN pg_catalog.pg_inherits i ON i.inhparent = member.oid
  )
  SELECT member.parent::text AS parent, c.oid::text AS oid, c.relfilenode::text AS file,
    n.nspname::text AS schema, c.relname::text AS name,
    (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
  FROM member
  JOIN pg_catalog.pg_class c ON c.oid = member.oid AND c.relkind = 'r'
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  ORDER BY c.oid`

interface MemberRow extends TableName {
  parent: string
  oid: string
  file: string
  columns: string[]
}

export type NamedMember = TableName & { oid: number; file: string; columns: readonly string[] }

/** By the oid of the table that they are members of. */
export async function readMembers(
  pool: pg.Pool,
  parents: readonly number[],
): Promise<ReadonlyMap<number, readonly NamedMember[]>> {
  const members = new Map<number, NamedMember[]>()
  if (parents.length === 0) return members
  const { rows } = await pool.query<MemberRow>(MEMBERS_SQL, [parents])
  for (const { parent, oid, ...row } of rows) {
    const list = members.get(Number(parent)) ?? []
    list.push({ ...row, oid: Number(oid) })
    members.set(Number(parent), list)
  }
  return members
}
