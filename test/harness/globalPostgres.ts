// Starts one native Postgres for all test files that need it; each file creates its own database there.
import { connectPostgres } from '@y-electric/embedded'
import { migrate } from '@y-electric/server'
import type { TestProject } from 'vitest/node'
import {
  createDatabase,
  startPostgres,
  type TestDatabaseUrl,
  type TestPostgres,
} from './postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    databaseUrl: string
    /** A database with the schema, for `createDatabase` to copy. Do not connect to it. */
    databaseTemplate: string
  }
}

// Vitest calls this once for each project that has files to run, and loads the module separately for each. So
// a global variable holds the cluster, and the last project stops it.
interface Shared {
  users: number
  cluster: Promise<Cluster> | undefined
}

interface Cluster {
  readonly postgres: TestPostgres
  readonly template: TestDatabaseUrl
}

async function startCluster(): Promise<Cluster> {
  const postgres = await startPostgres({ autovacuum: false })
  const template = await createDatabase(postgres.url)
  const { pool, close } = await connectPostgres({ connectionString: template.url })
  await migrate(pool)
  await close()
  return { postgres, template }
}

declare global {
  var yElectricTestPostgres: Shared | undefined
}
globalThis.yElectricTestPostgres ??= { users: 0, cluster: undefined }
const shared = globalThis.yElectricTestPostgres

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.users++
  shared.cluster ??= startCluster()
  const { postgres, template } = await shared.cluster
  project.provide('databaseUrl', postgres.url)
  project.provide('databaseTemplate', template.name)
  return async () => {
    shared.users--
    if (shared.users > 0) return
    const cluster = await shared.cluster
    shared.cluster = undefined
    await cluster?.template.drop()
    await cluster?.postgres.stop()
  }
}
