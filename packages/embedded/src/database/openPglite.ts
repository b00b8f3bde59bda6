import type { Database } from './database.ts'
import type { PgliteOptions } from './pglite.ts'

export type { PgliteOptions } from './pglite.ts'

/**
 * Opens PGlite. The first call loads its code, so that a process that uses a Postgres, or a command that
 * needs no database, starts without it.
 */
export async function openPglite(options: PgliteOptions = {}): Promise<Database> {
  const pglite = await import('./pglite.ts')
  return pglite.openPglite(options)
}
