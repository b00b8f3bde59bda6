import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { type AppOptions, allowAll, createApp } from '@y-electric/server'
import { Hono } from 'hono'
import type pg from 'pg'
import { openBackend, openMemory, type RunningBackend } from '../backend.ts'
import { documentRoutes } from '../routes/index.ts'
import { migrateDatabase } from '../startup/migrate.ts'
import { Faults } from './faults.ts'

export interface TestServerOptions
  extends Partial<Omit<AppOptions, 'pool' | 'shapes' | 'listen' | 'hasRoom' | 'onError'>> {
  /** The path at which the API is mounted. Default: `/api`. */
  readonly path?: string
  /** The port on 127.0.0.1; false: none, so that only `server.fetch` reaches the server. Default: a free port. */
  readonly port?: number | false
  /** A Postgres to use instead of a PGlite in memory: `postgres://…`. It gets the tables of y-electric. */
  readonly databaseUrl?: string
}

/** A whole server in this process: the real routes, a real database, live streams. */
export interface TestServer {
  /** The address of the API, for the option `url` of a provider. */
  readonly url: string
  /** Reaches the server without a socket, for the option `fetch` of a provider: the same routes and faults. */
  readonly fetch: typeof fetch
  /** Faults that the test switches on and off. */
  readonly faults: Faults
  /** The database, for functions such as `inspectDocument`, and for SQL. */
  readonly pool: pg.Pool
  /**
   * The failures that clients only saw as 500 or 503, oldest first. Faults that the test switched on are not among
   * them.
   */
  readonly errors: readonly unknown[]
  /** Stops the server and drops the data of PGlite. Close the providers first. */
  close(): Promise<void>
}

/**
 * An address that never leaves the process. The server accepts this host name from every client, as it does on a
 * developer's machine.
 */
const WITHOUT_SOCKET = 'http://localhost'

/**
 * Starts a server for tests, with PGlite in memory unless `databaseUrl` names a Postgres. Starting PGlite takes a
 * second or two: start one server for a test file, and give each test a document id of its own.
 *
 * ```ts
 * const server = await startTestServer()
 * const provider = new ElectricProvider({ url: server.url, docId: 'notes', doc: new Y.Doc() })
 * ```
 * @throws {ConfigError} if the database cannot be opened, or the port is taken
 */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { path = '/api', port = 0, databaseUrl, ...given } = options
  const backend = databaseUrl === undefined ? await openMemory() : await openPostgres(databaseUrl)
  try {
    return await serve(backend, path, port, given)
  } catch (error) {
    await backend.close()
    throw error
  }
}

async function openPostgres(databaseUrl: string): Promise<RunningBackend> {
  const backend = {
    kind: 'postgres',
    databaseUrl,
    listenUrl: undefined,
    namedStatements: true,
  } as const
  const running = await openBackend(backend)
  try {
    await migrateDatabase(running.pool, backend)
    return running
  } catch (error) {
    await running.close()
    throw error
  }
}

async function serve(
  backend: RunningBackend,
  path: string,
  port: number | false,
  options: Partial<AppOptions>,
): Promise<TestServer> {
  const errors: unknown[] = []
  const faults = new Faults()
  const app = createApp({
    authorize: allowAll,
    extensions: [documentRoutes],
    ...options,
    pool: backend.pool,
    shapes: backend.shapes,
    listen: backend.listen,
    onError: (error) => errors.push(error),
  })
  const mounted = new Hono().route(path, app)
  const handle = (request: Request): Response | Promise<Response> => mounted.fetch(request)
  const http = port === false ? null : await listen(faults, handle, port)
  return {
    url: `${http?.url ?? WITHOUT_SOCKET}${path}`,
    fetch: (input, init) => fetchWithoutSocket(faults, handle, new Request(input, init)),
    faults,
    pool: backend.pool,
    errors,
    async close() {
      faults.close()
      await http?.close()
      await backend.close()
    },
  }
}

/** Fails as `fetch` does: a TypeError for a lost connection, the reason of the signal if the caller gave up. */
async function fetchWithoutSocket(
  faults: Faults,
  handle: (request: Request) => Response | Promise<Response>,
  request: Request,
): Promise<Response> {
  try {
    return await faults.serve(request, handle, null)
  } catch (cause) {
    throw request.signal.aborted ? request.signal.reason : new TypeError('fetch failed', { cause })
  }
}

interface Listening {
  readonly url: string
  close(): Promise<void>
}

async function listen(
  faults: Faults,
  handle: (request: Request) => Response | Promise<Response>,
  port: number,
): Promise<Listening> {
  const server = createAdaptorServer({
    fetch: async (request, { incoming }) => {
      const breakConnection = (): void => void incoming.socket.destroy()
      try {
        return await faults.serve(request, handle, breakConnection)
      } catch {
        // No answer at all: the client sees a connection that breaks.
        breakConnection()
        return RESPONSE_ALREADY_SENT
      }
    },
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${taken}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}
