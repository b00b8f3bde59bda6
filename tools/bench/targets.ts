// The measured servers: the y-electric server in a separate process, on each kind of backend.
import path from 'node:path'
import { createDatabase, startPostgres } from '../../test/harness/postgres.ts'
import {
  type ServerProcess,
  type ServerProcessOptions,
  startServerProcess,
} from '../../test/harness/serverProcess.ts'

export type TargetName = 'embedded (PGlite)' | 'native Postgres' | 'Electric'

export interface Target {
  readonly name: TargetName
  /** The environment variables of the server. */
  readonly env: Readonly<Record<string, string>>
  /** The database in which SQL can run outside the server. */
  readonly databaseUrl: string | undefined
  /** The Electric from which shapes can be read without the server. */
  readonly electricUrl: string | undefined
}

const { ELECTRIC_URL: electricUrl, DATABASE_URL: databaseUrl } = process.env

export const embedded: Target = {
  name: 'embedded (PGlite)',
  env: {},
  databaseUrl: undefined,
  electricUrl: undefined,
}

/** Runs `measure` on each backend, one after the other; on Electric only if the environment names one. */
export async function onEachTarget<T>(measure: (target: Target) => Promise<T>): Promise<T[]> {
  const results = [await measure(embedded), await onNativePostgres(measure)]
  if (electricUrl && databaseUrl) {
    const env = { DATABASE_URL: databaseUrl, ELECTRIC_URL: electricUrl }
    results.push(await measure({ name: 'Electric', env, databaseUrl, electricUrl }))
  }
  return results
}

/** Runs `measure` on a throwaway cluster that syncs to disk like a real one. */
async function onNativePostgres<T>(measure: (target: Target) => Promise<T>): Promise<T> {
  const cluster = await startPostgres({ durable: true })
  try {
    const { url, drop } = await createDatabase(cluster.url)
    try {
      return await measure({
        name: 'native Postgres',
        env: { DATABASE_URL: url },
        databaseUrl: url,
        electricUrl: undefined,
      })
    } finally {
      await drop()
    }
  } finally {
    await cluster.stop()
  }
}

/** Runs `use` with the shipped server. */
export const withServer = <T>(
  target: Target,
  use: (server: ServerProcess) => Promise<T>,
  options: ServerProcessOptions = {},
): Promise<T> => withProcess({ ...options, env: { ...target.env, ...options.env } }, use)

/** Runs `use` against the server of server.ts, which also takes plain SQL, shows its shapes and counts requests for them. */
export const withBenchServer = <T>(
  target: Target,
  use: (server: ServerProcess) => Promise<T>,
  nodeArguments: readonly string[] = [],
): Promise<T> =>
  withProcess(
    {
      script: path.join(import.meta.dirname, 'server.ts'),
      nodeArguments: ['--import', 'tsx', ...nodeArguments],
      env: target.env,
    },
    use,
  )

async function withProcess<T>(
  options: ServerProcessOptions,
  use: (server: ServerProcess) => Promise<T>,
): Promise<T> {
  const server = await startServerProcess(options)
  try {
    return await use(server)
  } finally {
    await server.stop()
  }
}
