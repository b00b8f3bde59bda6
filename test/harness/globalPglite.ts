// A data folder of PGlite for unit tests to copy: to make one takes five seconds of a processor.
import type { TestProject } from 'vitest/node'
import { pgliteTemplate } from './pgliteFolder.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** What `dataDir` of `openPglite` may be a copy of. Do not open it. */
    pgliteTemplate: string
  }
}

export default async function setup(project: TestProject): Promise<void> {
  project.provide('pgliteTemplate', await pgliteTemplate())
}
