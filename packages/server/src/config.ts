/** What a server runs on, as the environment says it. */
export interface ServeConfig {
  readonly host: string
  readonly port: number
  /** Path of a module whose default export is the `authorize` hook; null allows everybody. */
  readonly authorizeModule: string | null
}

/** Where rows are kept, and where shapes come from. */
export type Backend =
  | { readonly kind: 'pglite'; readonly dataDir: string }
  | { readonly kind: 'postgres'; readonly databaseUrl: string }
  | {
      readonly kind: 'electric'
      readonly databaseUrl: string
      readonly electricUrl: string
      readonly secret: string | undefined
      readonly sourceId: string | undefined
    }

/** A setting that is wrong, and what to do about it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

export const DEFAULT_PORT = 4000
export const DEFAULT_DATA_DIR = '.data'
const DEFAULT_HOST = '127.0.0.1'
const ALLOW_ALL = 'allow-all'

/**
 * Reads `PORT`, `HOST`, `AUTHORIZE` and `NODE_ENV`.
 * @throws {ConfigError} naming the setting that is wrong.
 */
export function readServeConfig(env: NodeJS.ProcessEnv): ServeConfig {
  return {
    host: env.HOST || DEFAULT_HOST,
    port: readPort(env.PORT),
    authorizeModule: readAuthorize(env),
  }
}

function readPort(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_PORT
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535))
    throw new ConfigError(`PORT must be a number from 0 to 65535, not "${text}"`)
  return port
}

/**
 * Reads `DATA_DIR`, `DATABASE_URL`, `ELECTRIC_URL`, `ELECTRIC_SECRET` and `ELECTRIC_SOURCE_ID`.
 * @throws {ConfigError} naming the setting that is wrong.
 */
export function readBackend(env: NodeJS.ProcessEnv): Backend {
  const databaseUrl = env.DATABASE_URL || undefined
  const electricUrl = env.ELECTRIC_URL || undefined
  if (databaseUrl === undefined) {
    if (electricUrl !== undefined) {
      throw new ConfigError(
        'ELECTRIC_URL is set but DATABASE_URL is not: set it to the database that Electric reads from',
      )
    }
    return { kind: 'pglite', dataDir: env.DATA_DIR || DEFAULT_DATA_DIR }
  }
  requireUrl('DATABASE_URL', databaseUrl, ['postgres:', 'postgresql:'])
  if (electricUrl === undefined) return { kind: 'postgres', databaseUrl }
  requireUrl('ELECTRIC_URL', electricUrl, ['http:', 'https:'])
  return {
    kind: 'electric',
    databaseUrl,
    electricUrl,
    secret: env.ELECTRIC_SECRET || undefined,
    sourceId: env.ELECTRIC_SOURCE_ID || undefined,
  }
}

function requireUrl(name: string, text: string, protocols: readonly string[]): void {
  const protocol = URL.canParse(text) ? new URL(text).protocol : undefined
  if (protocol === undefined || !protocols.includes(protocol)) {
    throw new ConfigError(`${name} must be a URL that starts with ${protocols.join(' or ')}`)
  }
}

function readAuthorize(env: NodeJS.ProcessEnv): string | null {
  const named = env.AUTHORIZE || undefined
  if (named === ALLOW_ALL) return null
  if (named !== undefined) return named
  if (env.NODE_ENV === 'production') {
    throw new ConfigError(
      `AUTHORIZE is not set: in production name a module whose default export is the authorize hook, or say AUTHORIZE=${ALLOW_ALL}`,
    )
  }
  return null
}
