import type pg from 'pg'
import { uncaptured } from '../capture/triggers.ts'
import { readTables, type Table } from './table.ts'

/**
 * The tables that have changed: dropped, renamed or recreated, or with different columns, key or
 * partitions.
 */
export async function alteredOf(pool: pg.Pool, tables: readonly Table[]): Promise<Table[]> {
  if (tables.length === 0) return []
  const current = await readTables(pool, tables)
  const fingerprints = new Set(current.map(({ fingerprint }) => fingerprint))
  return tables.filter(({ fingerprint }) => !fingerprints.has(fingerprint))
}

/** The tables whose changes are no longer reported. */
export async function silentOf(pool: pg.Pool, tables: readonly Table[]): Promise<Table[]> {
  if (tables.length === 0) return []
  const silent = new Set(await uncaptured(pool, tables.flatMap(holdersOf)))
  return tables.filter((table) => holdersOf(table).some((oid) => silent.has(oid)))
}

/** The tables that hold a table's rows. */
const holdersOf = ({ kind, oid, members }: Table): number[] => [
  ...(kind === 'table' ? [oid] : []),
  ...members.map((member) => member.oid),
]
