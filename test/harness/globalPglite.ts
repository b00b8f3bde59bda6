// Prepares a data folder of PGlite that unit tests copy: creating one takes five seconds of processor time.
import type { TestProject } from 'vitest/node'
import { pgliteTemplate } from './pgliteFolder.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The source of a copy for `dataDir` of `openPglite`. Do not open it directly. */
    pgliteTemplate: string
  }
}

export default async function setup(project: TestProject): Promise<void> {
  project.provide('pgliteTemplate', await pgliteTemplate())
}
