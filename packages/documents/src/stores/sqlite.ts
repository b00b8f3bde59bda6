import { loadDriver } from './driver.ts'

/** A SQLite file, read only. */
export interface SqliteFile {
  all(sql: string, values: readonly string[]): readonly Record<string, unknown>[]
  close(): void
}

interface Statement {
  all(...values: readonly string[]): Record<string, unknown>[]
}

interface BetterSqlite {
  default: new (
    file: string,
    options: { readonly: boolean },
  ) => { prepare(sql: string): Statement; close(): void }
}

interface NodeSqlite {
  DatabaseSync: new (
    file: string,
    options: { readOnly: boolean },
  ) => { prepare(sql: string): Statement; close(): void }
}

interface WasmSqlite {
  default: {
    Database: new (
      file: string,
      options: { readOnly: boolean },
    ) => { all(sql: string, values: readonly string[]): Record<string, unknown>[]; close(): void }
  }
}

/**
 * Opens a file with Node's own SQLite (since Node 22), or with a package if this Node has none.
 * @throws {ConfigError}
 */
export async function openSqlite(file: string): Promise<SqliteFile> {
  const own = process.getBuiltinModule?.('node:sqlite') as NodeSqlite | undefined
  if (own !== undefined) return prepared(new own.DatabaseSync(file, { readOnly: true }))
  const { name, module } = await loadDriver('a SQLite file', [
    'better-sqlite3',
    'node-sqlite3-wasm',
  ])
  if (name === 'better-sqlite3') {
    return prepared(new (module as BetterSqlite).default(file, { readonly: true }))
  }
  const database = new (module as WasmSqlite).default.Database(file, { readOnly: true })
  return { all: (sql, values) => database.all(sql, values), close: () => database.close() }
}

const prepared = (database: { prepare(sql: string): Statement; close(): void }): SqliteFile => ({
  all: (sql, values) => database.prepare(sql).all(...values),
  close: () => database.close(),
})
