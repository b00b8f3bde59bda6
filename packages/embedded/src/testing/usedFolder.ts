import { cp, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** Made by the global set-up of the unit tests. */
    pgliteTemplate: string
  }
}

/**
 * A data folder in which PGlite was opened before. To make one anew takes seconds of a processor. The
 * caller removes it.
 */
export async function usedFolder(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'embedded-used-'))
  await cp(inject('pgliteTemplate'), dataDir, { recursive: true })
  return dataDir
}
