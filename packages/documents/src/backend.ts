import {
  connectPostgres,
  createShapeService,
  type Database,
  logFailures,
  openPglite,
} from '@y-electric/embedded'
import { type Listen, migrate, type ShapeSource } from '@y-electric/server'
import type pg from 'pg'
import type { Backend, DatabaseConfig } from './config.ts'
import { checkDatabase, checkListening } from './startup/database.ts'
import { explainDatabase, explainEmbedded } from './startup/explain.ts'

/** A running backend: the database, the source of shapes, and how to close both. */
export interface RunningBackend {
  readonly pool: pg.Pool
  readonly shapes: ShapeSource
  /** Listens to a channel of the database. */
  readonly listen: Listen
  /** A description for people, without passwords: the database and the source of shapes. */
  readonly description: string
  /** False if the disk of the database has no room for a write of so many bytes. */
  readonly hasRoom?: (bytes: number) => boolean
  /** Resolves if the database has stopped and cannot be used again in this process. */
  readonly stopped?: Promise<Error>
  close(): Promise<void>
}

/** The in-process shape service has no address; requests to it never leave the process. */
const IN_PROCESS_URL = 'http://shapes.in-process'

/** Connections that a server keeps to a Postgres. */
const MAX_CONNECTIONS = 20
const CONNECT_TIMEOUT_MS = 5_000

/**
 * Larger than the rows of any segment. A snapshot of several chunks must be read to its end from
 * the server that began it, and a load balancer may not route the reader there.
 */
const CHUNK_BYTES = 64 * 1024 * 1024

/** Opens the configured database and shape service. @throws {ConfigError} with the reason if that fails */
export async function openBackend(backend: Backend): Promise<RunningBackend> {
  switch (backend.kind) {
    case 'pglite': {
      const { dataDir, minFreeBytes } = backend
      const database = await openPglite({ dataDir, minFreeBytes }).catch((error) => {
        throw explainEmbedded(error)
      })
      return withShapeService(database, `PGlite in ${dataDir}, shapes in process`)
    }
    case 'postgres': {
      await checkDatabase(backend)
      const database = await connect(backend)
      await checkListening(database, backend).catch(async (error) => {
        await database.close()
        throw error
      })
      return withShapeService(
        database,
        `Postgres at ${hostOf(backend.databaseUrl)}, shapes in process`,
      )
    }
    case 'electric': {
      await checkDatabase(backend)
      const database = await connect(backend)
      return {
        pool: database.pool,
        listen: database.listen,
        shapes: {
          url: backend.electricUrl,
          secret: backend.secret,
          sourceId: backend.sourceId,
        },
        description: `Postgres at ${hostOf(backend.databaseUrl)}, Electric at ${hostOf(backend.electricUrl)}`,
        close: () => database.close(),
      }
    }
  }
}

/** A new PGlite in memory with the schema, for tests. */
export async function openMemory(): Promise<RunningBackend> {
  const database = await openPglite()
  await migrate(database.pool)
  return withShapeService(database, 'PGlite in memory, shapes in process')
}

const connect = (config: DatabaseConfig): Promise<Database> =>
  connectPostgres({
    ...poolOptions(config),
    ...(config.listenUrl !== undefined && { listenConnectionString: config.listenUrl }),
  }).catch((error) => {
    throw explainDatabase(error, 'DATABASE_URL', config.databaseUrl)
  })

const poolOptions = ({ databaseUrl, namedStatements }: DatabaseConfig) => ({
  connectionString: databaseUrl,
  maxConnections: MAX_CONNECTIONS,
  connectTimeoutMs: CONNECT_TIMEOUT_MS,
  namedStatements,
})

async function withShapeService(database: Database, description: string): Promise<RunningBackend> {
  const service = await createShapeService({
    database,
    chunkBytes: CHUNK_BYTES,
    onError: logFailures(console.error),
  })
  return {
    pool: database.pool,
    listen: database.listen,
    shapes: {
      url: IN_PROCESS_URL,
      fetch: (request) => service.fetch(request),
      seesCommits: true,
    },
    description,
    ...(database.hasRoom !== undefined && { hasRoom: database.hasRoom }),
    ...(database.stopped !== undefined && { stopped: database.stopped }),
    async close() {
      await service.close()
      await database.close()
    },
  }
}

const hostOf = (url: string): string => new URL(url).host
