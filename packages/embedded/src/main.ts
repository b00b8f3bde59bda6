import { parseArgs } from 'node:util'
import type { Database } from './database/database.ts'
import { openPglite } from './database/openPglite.ts'
import { EmbeddedError, messageOf } from './errors.ts'
import { logFailures } from './failureLog.ts'
import { type Listening, listen } from './http/listen.ts'
import { underOwnHost } from './http/ownHost.ts'
import type { Cors } from './http/respond.ts'
import { createShapeService, DEFAULT_LIMITS } from './service.ts'

const DEFAULT_PORT = 3000
const DEFAULT_DATA_DIR = '.shapes'

const HELP = `y-electric embedded: Electric's HTTP API, without Docker

  npx @y-electric/embedded [--port P] [--host H] [--database-url URL | --data-dir DIR | --memory]

      Serves /v1/shape and /v1/health, for ShapeStream and every other client of Electric.

      --port P           (${DEFAULT_PORT})
      --host H           (127.0.0.1)
      --database-url URL use this Postgres (default: DATABASE_URL)
      --listen-url URL   direct URL of Postgres, if the other leads to a pooler in transaction mode
      --data-dir DIR     PGlite's data folder, if there is no database URL (${DEFAULT_DATA_DIR})
      --memory           use PGlite in memory; nothing is kept
      --secret SECRET    every request must carry this secret (default: ELECTRIC_SECRET).
                         Required to listen on an address that other machines can reach, and to
                         accept host names other than localhost
      --cors ORIGINS     web pages of these origins may read responses: * or a comma-separated list (none)
      --allow-deletion   DELETE /v1/shape drops a shape
      --chunk-bytes N    a response ends after N bytes of messages, and its reader requests the
                         next (${DEFAULT_LIMITS.chunkBytes})

Where clauses support everything that Electric supports except subqueries: for those run the real Electric
(https://electric-sql.com). Only one process can use PGlite: to write to the tables from another process, use --database-url.
`

/** A wrong argument or setting. */
class UsageError extends Error {}

function readArguments(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: 'string' },
        host: { type: 'string', default: '127.0.0.1' },
        'database-url': { type: 'string' },
        'listen-url': { type: 'string' },
        'data-dir': { type: 'string' },
        memory: { type: 'boolean', default: false },
        secret: { type: 'string' },
        cors: { type: 'string' },
        'allow-deletion': { type: 'boolean', default: false },
        'chunk-bytes': { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (cause) {
    throw new UsageError(`${messageOf(cause)} (see --help)`)
  }
}

type Arguments = ReturnType<typeof readArguments>

async function main(): Promise<void> {
  const values = readArguments(process.argv.slice(2))
  if (values.help) {
    process.stdout.write(HELP)
    return
  }
  const port = readPort(values.port ?? process.env.PORT)
  const chunkBytes = readChunkBytes(values['chunk-bytes'])
  const secret = (values.secret ?? process.env.ELECTRIC_SECRET) || undefined
  requireSecret(values.host, secret)
  const cors = readCors(values.cors)
  const { database, name } = await openDatabase(values)
  const service = await createShapeService({
    database,
    onError: logFailures(console.error),
    ...(cors !== undefined && { cors }),
    allowShapeDeletion: values['allow-deletion'],
    ...(chunkBytes !== undefined && { chunkBytes }),
    ...(secret !== undefined && { secret }),
  })
  const handle = (request: Request) => service.fetch(request)
  let server: Listening
  try {
    const answer = secret === undefined ? underOwnHost(handle) : handle
    server = await listen(answer, { host: values.host, port })
  } catch (error) {
    await service.close()
    await database.close()
    const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    throw inUse ? new UsageError(`port ${port} is in use; choose another with --port`) : error
  }
  console.log(`shapes of ${name} at ${server.url}/v1/shape`)
  void database.stopped?.then(fail)
  closeOnSignal(async () => {
    await service.close()
    await server.close()
    await database.close()
  })
}

async function openDatabase(values: Arguments): Promise<{ database: Database; name: string }> {
  const given = values['database-url'] ?? (process.env.DATABASE_URL || undefined)
  if (values.memory) return { database: await openPglite(), name: 'PGlite in memory' }
  if (given === undefined || values['data-dir'] !== undefined) {
    const dataDir = values['data-dir'] ?? DEFAULT_DATA_DIR
    return { database: await openPglite({ dataDir }), name: `PGlite in ${dataDir}` }
  }
  if (!URL.canParse(given) || !/^postgres(ql)?:$/.test(new URL(given).protocol)) {
    throw new UsageError('--database-url must be a URL that starts with postgres://')
  }
  // A command line that is refused ends without loading the driver.
  const { connectPostgres } = await import('./database/postgres.ts')
  const listenUrl = values['listen-url']
  const database = await connectPostgres({
    connectionString: given,
    connectTimeoutMs: 5_000,
    ...(listenUrl !== undefined && { listenConnectionString: listenUrl, namedStatements: false }),
  })
  const { host, pathname } = new URL(given)
  return { database, name: `${host}${pathname}` }
}

/** Host names and addresses that only this machine can reach. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/i

/** @throws {UsageError} if other machines could read the database without a secret */
function requireSecret(host: string, secret: string | undefined): void {
  if (secret !== undefined) return
  if (LOOPBACK.test(host)) return
  throw new UsageError(
    `other machines can reach --host ${host} and could read the database without a secret: set --secret or ELECTRIC_SECRET, or listen on 127.0.0.1`,
  )
}

function readCors(text: string | undefined): Cors | undefined {
  if (text === undefined || text === '*') return text
  const origins = text.split(',').map((origin) => origin.trim())
  for (const origin of origins) {
    if (URL.canParse(origin) && new URL(origin).origin === origin) continue
    throw new UsageError(
      `--cors must be * or a list of origins such as https://app.example.com, not "${origin}"`,
    )
  }
  return origins
}

function readPort(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_PORT
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535))
    throw new UsageError(`the port must be a number from 0 to 65535, not "${text}"`)
  return port
}

/** A larger chunk would exceed the longest string in JavaScript. */
const MAX_CHUNK_BYTES = 256 * 1024 * 1024

function readChunkBytes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const bytes = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(bytes >= 1 && bytes <= MAX_CHUNK_BYTES)) {
    throw new UsageError(
      `--chunk-bytes must be a whole number from 1 to ${MAX_CHUNK_BYTES}, not "${text}"`,
    )
  }
  return bytes
}

/** How long closing may take after a signal, in milliseconds. */
const STOP_DEADLINE_MS = 6_000

function closeOnSignal(close: () => Promise<void>): void {
  let isClosing = false
  const stop = (): void => {
    if (isClosing) return
    isClosing = true
    setTimeout(() => process.exit(1), STOP_DEADLINE_MS).unref()
    close().then(() => process.exit(0), fail)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

function fail(error: unknown): never {
  const isOurs = error instanceof UsageError || error instanceof EmbeddedError
  if (isOurs) console.error(`y-electric embedded: ${error.message}`)
  else console.error('y-electric embedded failed:', error)
  process.exit(isOurs ? 2 : 1)
}

main().catch(fail)
