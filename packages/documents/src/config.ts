import { MIN_FREE_BYTES } from '@y-electric/embedded'

/** Settings of `serve` from the environment. */
export interface ServeConfig {
  readonly host: string
  readonly port: number
  /** Path of a module whose default export is the `authorize` hook; null allows everybody. */
  readonly authorizeModule: string | null
  /** `AUTHORIZE=allow-all`: everybody is allowed, on purpose. */
  readonly allowsAllOnPurpose: boolean
  /** A CDN in front may serve one client's answer to every other client. */
  readonly publicCache: boolean
  /** Other origins whose pages may use the API; `*` means all. */
  readonly corsOrigins: readonly string[]
  /** Other origins that the editor's assistant may call. */
  readonly agentOrigins: readonly string[]
  /** Host names that the server answers to; `*` for any, null for the default of `createApp`. */
  readonly allowedHosts: readonly string[] | '*' | null
}

/** The settings of a connection to Postgres. */
export interface DatabaseConfig {
  readonly databaseUrl: string
  /** The URL for LISTEN, if `databaseUrl` is that of a pooler. */
  readonly listenUrl: string | undefined
  /** False behind a pooler in transaction mode that keeps no prepared statements. */
  readonly namedStatements: boolean
}

/** The database, and the source of shapes. */
export type Backend =
  | {
      readonly kind: 'pglite'
      readonly dataDir: string
      /** Writes are refused while the disk of the folder has less space left, in bytes. */
      readonly minFreeBytes: number
    }
  | ({ readonly kind: 'postgres' } & DatabaseConfig)
  | ({
      readonly kind: 'electric'
      readonly electricUrl: string
      readonly secret: string | undefined
      readonly sourceId: string | undefined
    } & DatabaseConfig)

/** A wrong setting; the message says how to correct it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

export const DEFAULT_PORT = 4000
export const DEFAULT_DATA_DIR = '.data'
const DEFAULT_HOST = '127.0.0.1'
const ALLOW_ALL = 'allow-all'

/**
 * Reads `PORT`, `HOST`, `AUTHORIZE`, `PUBLIC_CACHE`, `CORS_ORIGINS`, `AGENT_ORIGINS`,
 * `ALLOWED_HOSTS` and `NODE_ENV`.
 * @throws {ConfigError} naming the wrong setting
 */
export function readServeConfig(env: NodeJS.ProcessEnv): ServeConfig {
  return {
    host: env.HOST || DEFAULT_HOST,
    port: readPort(env.PORT),
    authorizeModule: readAuthorize(env),
    allowsAllOnPurpose: env.AUTHORIZE === ALLOW_ALL,
    publicCache: readSwitch(env, 'PUBLIC_CACHE') ?? false,
    corsOrigins: readOrigins('CORS_ORIGINS', env.CORS_ORIGINS, ANY_ORIGIN),
    agentOrigins: readOrigins('AGENT_ORIGINS', env.AGENT_ORIGINS, HTTP_ORIGIN),
    allowedHosts: readHosts(env.ALLOWED_HOSTS),
  }
}

/** An origin as a browser sends it: a scheme, a host in lower case, and a port unless it is the default one; or all. */
const ANY_ORIGIN = /^([a-z][a-z0-9+.-]*:\/\/[^\s/?#@A-Z]+|\*)$/
/**
 * The origin of an HTTP server. It becomes a part of a header, in which some characters separate
 * parts. There is no way to allow all origins: a script that runs in the page by mistake could then
 * send the documents anywhere.
 */
const HTTP_ORIGIN = /^https?:\/\/([a-z0-9.-]+|\[[0-9a-f:]+\])(:\d{1,5})?$/

function readOrigins(name: string, text: string | undefined, valid: RegExp): readonly string[] {
  const origins = readList(text)
  for (const origin of origins) {
    if (valid.test(origin)) continue
    throw new ConfigError(
      `${name} must be origins separated by commas, such as https://app.example.com (no path, no slash at the end), not "${origin}"`,
    )
  }
  return origins
}

/** The names are checked where they are used. */
function readHosts(text: string | undefined): readonly string[] | '*' | null {
  const hosts = readList(text)
  if (hosts.includes('*')) return '*'
  return hosts.length === 0 ? null : hosts
}

const readList = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

function readPort(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_PORT
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535))
    throw new ConfigError(`PORT must be a number from 0 to 65535, not "${text}"`)
  return port
}

/**
 * Reads `DATA_DIR`, `DATABASE_URL`, `DATABASE_LISTEN_URL`, `PREPARED_STATEMENTS`, `ELECTRIC_URL`,
 * `ELECTRIC_SECRET` and `ELECTRIC_SOURCE_ID`.
 * @throws {ConfigError} naming the wrong setting
 */
export function readBackend(env: NodeJS.ProcessEnv): Backend {
  const databaseUrl = env.DATABASE_URL || undefined
  const electricUrl = env.ELECTRIC_URL || undefined
  if (databaseUrl === undefined) {
    for (const name of ['ELECTRIC_URL', 'DATABASE_LISTEN_URL'] as const) {
      if (!env[name]) continue
      throw new ConfigError(
        `${name} is set but DATABASE_URL is not: set it to the same database, where rows are written`,
      )
    }
    return {
      kind: 'pglite',
      dataDir: env.DATA_DIR || DEFAULT_DATA_DIR,
      minFreeBytes: readWhole(env, 'MIN_FREE_BYTES', MIN_FREE_BYTES),
    }
  }
  const database = readDatabase(env, databaseUrl)
  if (electricUrl === undefined) return { kind: 'postgres', ...database }
  requireUrl('ELECTRIC_URL', electricUrl, ['http:', 'https:'])
  return {
    kind: 'electric',
    ...database,
    electricUrl,
    secret: env.ELECTRIC_SECRET || undefined,
    sourceId: env.ELECTRIC_SOURCE_ID || undefined,
  }
}

function readDatabase(env: NodeJS.ProcessEnv, databaseUrl: string): DatabaseConfig {
  const listenUrl = env.DATABASE_LISTEN_URL || undefined
  requireUrl('DATABASE_URL', databaseUrl, POSTGRES)
  if (listenUrl !== undefined) requireUrl('DATABASE_LISTEN_URL', listenUrl, POSTGRES)
  // A separate URL for LISTEN means that the other one is that of a pooler.
  const namedStatements = readSwitch(env, 'PREPARED_STATEMENTS') ?? listenUrl === undefined
  return { databaseUrl, listenUrl, namedStatements }
}

/** Reads a whole number that is at least the minimum. @throws {ConfigError} */
export function readWhole(
  env: NodeJS.ProcessEnv,
  name: string,
  fallback: number,
  minimum: 0 | 1 = 1,
): number {
  const text = env[name] || undefined
  if (text === undefined) return fallback
  const value = /^\d{1,15}$/.test(text) ? Number(text) : -1
  if (value >= minimum) return value
  const allowed = minimum === 0 ? 'a whole number' : 'a whole number above 0'
  throw new ConfigError(`${name} must be ${allowed}, not "${text}"`)
}

const POSTGRES = ['postgres:', 'postgresql:']

/** @throws {ConfigError} if the setting is neither 1 nor 0 */
export function readSwitch(env: NodeJS.ProcessEnv, name: string): boolean | undefined {
  switch (env[name]) {
    case undefined:
    case '':
      return undefined
    case '1':
    case 'true':
      return true
    case '0':
    case 'false':
      return false
    default:
      throw new ConfigError(`${name} must be 1 or 0, not "${env[name]}"`)
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
      `AUTHORIZE is not set: in production set it to a module whose default export is the authorize hook, or set AUTHORIZE=${ALLOW_ALL}`,
    )
  }
  return null
}
