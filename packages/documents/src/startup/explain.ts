import { EmbeddedError } from '@y-electric/embedded'
import { RequestError } from '@y-electric/server'
import { ConfigError } from '../config.ts'

/** The parts of a URL that may be shown: never the password, nor options that may hold one. */
export function describeUrl(url: string): {
  host: string
  user: string
  database: string
} {
  const { host, hostname, port, username, pathname } = new URL(url)
  const user = decodeURIComponent(username) || 'the default user'
  return {
    host: port === '' && hostname !== '' ? `${hostname}:5432` : host || 'the default host',
    user,
    database: decodeURIComponent(pathname.slice(1)) || user,
  }
}

/** Explains an error of `pg`: which setting is wrong, and what to do. */
export function explainDatabase(error: unknown, setting: string, url: string): ConfigError {
  const { host, user, database } = describeUrl(url)
  const cause = causeOf(error)
  const { code, message } = cause
  const say = (text: string): ConfigError => new ConfigError(`${setting}: ${text}`, { cause })
  switch (code) {
    case '28P01':
      return say(
        `Postgres at ${host} does not accept the password of user "${user}": correct user or password in the url`,
      )
    case '28000':
      return say(
        `Postgres at ${host} refuses user "${user}" (${message}): add the role, or a line in pg_hba.conf`,
      )
    case '3D000':
      return say(
        `there is no database "${database}" at ${host}: create it (createdb ${database}) or name another in the url`,
      )
    case '53300':
      return say(
        `Postgres at ${host} has no connection left: raise max_connections, or use a pooler`,
      )
    case '57P03':
      return say(
        `Postgres at ${host} is starting or stopping (${message}): start again in a moment`,
      )
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return say(`the host name of ${host} is not known: correct it in the url`)
    case 'ECONNREFUSED':
      return say(`nothing listens at ${host}: start Postgres, or correct host and port in the url`)
  }
  if (/SSL|TLS|certificate/i.test(message)) {
    return say(
      `no encrypted connection to ${host} (${message}): see sslmode and sslrootcert of the url`,
    )
  }
  if (isTimeout(code, message)) {
    return say(
      `Postgres at ${host} does not answer: check that it runs, and that no firewall blocks the connection`,
    )
  }
  return say(`Postgres at ${host} cannot be used: ${message}`)
}

/** Explains the rights that the schema needs. */
export function explainMigration(error: unknown, url: string | null): unknown {
  const cause = causeOf(error)
  if (url === null || cause.code !== '42501') return error
  const { user, database } = describeUrl(url)
  return new ConfigError(
    `DATABASE_URL: user "${user}" may not create the tables of y-electric in database "${database}" (${cause.message}): GRANT CREATE ON SCHEMA public TO "${user}"; or start once as the owner`,
    { cause },
  )
}

/** Explains an error of the embedded database. */
export function explainEmbedded(error: unknown): unknown {
  return error instanceof EmbeddedError
    ? new ConfigError(`DATA_DIR: ${error.message}`, { cause: error })
    : error
}

/** Explains an error of a database that stopped while the server ran. */
export function explainStopped(error: Error): RequestError {
  const isFull = error instanceof EmbeddedError && error.code === 'storage_full'
  return new RequestError(isFull ? 'storage_full' : 'database_unavailable', error.message, {
    cause: error,
  })
}

interface Cause extends Error {
  readonly code?: unknown
}

/** Unwraps our own errors, and takes the first error if several addresses of one host failed. */
function causeOf(error: unknown): { code: string; message: string } & Error {
  let cause: unknown = error
  while (cause instanceof EmbeddedError && cause.cause !== undefined) cause = cause.cause
  if (cause instanceof AggregateError && cause.errors.length > 0) cause = cause.errors[0]
  const found: Cause = cause instanceof Error ? cause : new Error(String(cause))
  return Object.assign(found, { code: typeof found.code === 'string' ? found.code : '' })
}

const isTimeout = (code: string, message: string): boolean =>
  ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code) || /timeout/i.test(message)
