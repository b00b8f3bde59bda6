import { cp, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** Created by the global set-up of the unit tests. */
    pgliteTemplate: string
  }
}

/**
 * Creates a data folder in which PGlite has been opened before; creating a new one takes seconds of
 * processor time. The caller removes it.
 */
export async function usedFolder(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'embedded-used-'))
  await cp(inject('pgliteTemplate'), dataDir, { recursive: true })
  return dataDir
}
