// Runs the same tests on both databases: PGlite in this process, and the native Postgres of the run.
import { mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { connectPostgres, type Database, openPglite } from '@y-electric/embedded'
import { noteBackend } from './backends.ts'
import { isDeep } from './deep.ts'
import { fillPgliteFolder } from './pgliteFolder.ts'
import { createDatabase } from './postgres.ts'
import { scratchFolder } from './scratch.ts'

export type Backend = 'pglite' | 'postgres'
export const backends: readonly Backend[] = ['pglite', 'postgres']

/**
 * The databases for suites that do not depend on the database. The deep run also runs these suites on PGlite.
 * A default run tests PGlite with the suites on `backends`: its own suite, migrations and appends, people who
 * type, queues, the conformance and production suites, and the commands of the README.
 */
export const documentBackends: readonly Backend[] = isDeep ? backends : ['postgres']

/**
 * A fresh, empty database; `close()` removes it. If the tests of a file can share one, use
 * `useTestDatabase` of sharedDatabase.ts.
 *
 * @param clusterUrl the cluster for a native database; within Vitest it is the cluster of the run
 */
export async function openTestDatabase(backend: Backend, clusterUrl?: string): Promise<Database> {
  return backend === 'pglite'
    ? openTestPglite()
    : openNative(clusterUrl ?? (await ofThisRun('databaseUrl')))
}

/**
 * Like `openTestDatabase`, but the database may already have the schema: copying one is faster than
 * migrating.
 */
export async function openTestStore(backend: Backend): Promise<Database> {
  return backend === 'pglite'
    ? openTestPglite()
    : openNative(await ofThisRun('databaseUrl'), await ofThisRun('databaseTemplate'))
}

async function openTestPglite(): Promise<Database> {
  const dataDir = await mkdtemp(path.join(scratchFolder(), 'y-electric-pglite-'))
  await fillPgliteFolder(dataDir)
  const database = await openPglite({ dataDir, durable: false })
  await noteBackend('PGlite', database.pool)
  return withClose(database, () => rm(dataDir, { recursive: true, force: true }))
}

async function openNative(clusterUrl: string, template?: string): Promise<Database> {
  const created = await createDatabase(clusterUrl, template)
  const database = await connectPostgres({ connectionString: created.url })
  await noteBackend('native Postgres', database.pool)
  return withClose(database, created.drop)
}

/** Wraps a database so that closing it also calls `remove`. */
const withClose = (database: Database, remove: () => Promise<void>): Database => ({
  kind: database.kind,
  pool: database.pool,
  listen: database.listen.bind(database),
  async close() {
    await database.close()
    await remove()
  },
})

async function ofThisRun(what: 'databaseUrl' | 'databaseTemplate'): Promise<string> {
  // Vitest can only be imported in a test run, and benchmarks use this file outside of test runs.
  const { inject } = await import('vitest')
  return inject(what)
}
