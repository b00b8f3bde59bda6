// One PGlite for all commands of a test file.
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createShapeService, openPglite } from '@y-electric/embedded'
import { beforeAll, inject } from 'vitest'
import type { RunningBackend } from '../../backend.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A data folder of PGlite to copy, from the global set-up of the unit tests. */
    pgliteTemplate: string
  }
}

/** Opens a PGlite before the tests of a file. It stays open when a command closes its backend, until the tests end. */
export function usePgliteBackend(): { readonly backend: RunningBackend } {
  let backend: RunningBackend
  beforeAll(async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'y-electric-commands-'))
    await cp(inject('pgliteTemplate'), dataDir, { recursive: true })
    const database = await openPglite({ dataDir, durable: false })
    const service = await createShapeService({ database })
    backend = {
      pool: database.pool,
      shapes: { url: 'http://shapes.test', fetch: (request) => service.fetch(request) },
      listen: database.listen,
      description: 'PGlite',
      close: async () => {},
    }
    return async () => {
      await service.close()
      await database.close()
      await rm(dataDir, { recursive: true })
    }
  }, 60_000)
  return {
    get backend() {
      return backend
    },
  }
}
