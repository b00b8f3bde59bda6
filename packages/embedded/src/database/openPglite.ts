import type { Database } from './database.ts'
import type { PgliteOptions } from './pglite.ts'

export type { PgliteOptions } from './pglite.ts'

/**
 * Opens PGlite. The first call loads its code, so that a process on a Postgres, and a command that needs no
 * database, start without it.
 */
export async function openPglite(options: PgliteOptions = {}): Promise<Database> {
  const pglite = await import('./pglite.ts')
  return pglite.openPglite(options)
}
