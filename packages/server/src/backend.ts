import {
  connectPostgres,
  createShapeService,
  type Database,
  openPglite,
} from '@y-electric/embedded'
import pg from 'pg'
import type { Backend } from './config.ts'
import type { ShapeSource } from './shapes.ts'

/** A running backend: where rows are kept and where shapes come from, and how to let go of both. */
export interface RunningBackend {
  readonly pool: pg.Pool
  readonly shapes: ShapeSource
  /** For people: what this server runs on, without passwords. */
  readonly description: string
  close(): Promise<void>
}

/** The in-process shape service has no address; requests to it never leave the process. */
const IN_PROCESS_URL = 'http://shapes.in-process'

/** Connections that a server keeps to a Postgres. */
const MAX_CONNECTIONS = 20
const CONNECT_TIMEOUT_MS = 5_000

/** Opens what the configuration names. */
export async function openBackend(backend: Backend): Promise<RunningBackend> {
  switch (backend.kind) {
    case 'pglite':
      return withShapeService(
        await openPglite({ dataDir: backend.dataDir }),
        `PGlite in ${backend.dataDir}, shapes in process`,
      )
    case 'postgres':
      return withShapeService(
        await connectPostgres({
          connectionString: backend.databaseUrl,
          maxConnections: MAX_CONNECTIONS,
        }),
        `Postgres at ${hostOf(backend.databaseUrl)}, shapes in process`,
      )
    case 'electric': {
      const pool = new pg.Pool({
        connectionString: backend.databaseUrl,
        max: MAX_CONNECTIONS,
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      })
      // An idle connection that breaks is replaced by the pool; unheard, the event would end the process.
      pool.on('error', () => {})
      return {
        pool,
        shapes: {
          url: backend.electricUrl,
          ...(backend.secret === undefined ? {} : { secret: backend.secret }),
          ...(backend.sourceId === undefined ? {} : { sourceId: backend.sourceId }),
        },
        description: `Postgres at ${hostOf(backend.databaseUrl)}, Electric at ${hostOf(backend.electricUrl)}`,
        close: () => pool.end(),
      }
    }
  }
}

async function withShapeService(database: Database, description: string): Promise<RunningBackend> {
  const service = await createShapeService({ database })
  return {
    pool: database.pool,
    shapes: { url: IN_PROCESS_URL, fetch: (request) => service.fetch(request) },
    description,
    async close() {
      await service.close()
      await database.close()
    },
  }
}

const hostOf = (url: string): string => new URL(url).host
