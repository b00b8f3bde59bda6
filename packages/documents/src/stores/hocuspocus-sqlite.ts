import { access } from 'node:fs/promises'
import { UnusableStore } from './errors.ts'
import { openSqlite } from './sqlite.ts'
import { type ForeignStore, v1 } from './store.ts'

/**
 * The file of `@hocuspocus/extension-sqlite`: a table `documents` with the newest state of each document as one update.
 * @throws {UnusableStore} if it is not such a file
 */
export async function openHocuspocusSqlite(file: string): Promise<ForeignStore> {
  await access(file).catch((cause: Error) => {
    throw new UnusableStore(`"${file}" cannot be read: ${cause.message}`, { cause })
  })
  const database = await openSqlite(file)
  const read = (sql: string, ...values: string[]): readonly Record<string, unknown>[] => {
    try {
      return database.all(sql, values)
    } catch (cause) {
      const { message } = cause as Error
      throw new UnusableStore(`"${file}" is not a file of Hocuspocus' SQLite: ${message}`, {
        cause,
      })
    }
  }
  return {
    async names() {
      return read('SELECT name FROM documents ORDER BY name').map(({ name }) => String(name))
    },
    async updates(name) {
      return read('SELECT data FROM documents WHERE name = ?', name).flatMap(({ data }) =>
        data instanceof Uint8Array ? [v1(new Uint8Array(data))] : [],
      )
    },
    close: async () => database.close(),
  }
}
