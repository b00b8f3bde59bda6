// One native Postgres for all test files that need one; each file makes its own database in it.
import type { TestProject } from 'vitest/node'
import { startPostgres, type TestPostgres } from './postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    databaseUrl: string
  }
}

// Vitest calls this once for each project that has files to run, and loads the module for each
// anew: the cluster is kept where both find it, and the last one out stops it.
interface Shared {
  users: number
  cluster: Promise<TestPostgres> | undefined
}
declare global {
  var yElectricTestPostgres: Shared | undefined
}
globalThis.yElectricTestPostgres ??= { users: 0, cluster: undefined }
const shared = globalThis.yElectricTestPostgres

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.users++
  shared.cluster ??= startPostgres()
  const { url } = await shared.cluster
  project.provide('databaseUrl', url)
  return async () => {
    shared.users--
    if (shared.users > 0) return
    const cluster = await shared.cluster
    shared.cluster = undefined
    await cluster?.stop()
  }
}
