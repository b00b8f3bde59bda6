/** SQLSTATE classes and codes that mean that the database is unavailable, not that the statement is wrong. */
const UNAVAILABLE_CLASSES = ['08', '53', '57', '58']
const UNAVAILABLE_CODES = new Set(['25006'])
/** Out of memory: the database is available, and this one statement needs too much. */
const STATEMENT_CODES = new Set(['53200'])
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  // From PGlite after a PANIC.
  'database_stopped',
])

/** Messages of `pg` errors that have no code: a connection broke or could not be made. */
const CONNECTION_MESSAGES = [
  'Connection terminated',
  'Client has encountered a connection error',
  'timeout exceeded when trying to connect',
  'Query read timeout',
  'Cannot use a pool after calling end on the pool',
  'PGlite is closed',
  'PGlite is closing',
]

/**
 * Classifies a failure to reach the database: the database refuses our credentials, is starting (or
 * stopping), or is unavailable.
 */
export function databaseTrouble(error: unknown): 'refused' | 'starting' | 'unavailable' {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  const code = codeOf(first)
  if (code === '57P03') return 'starting'
  return code.length === 5 && code.startsWith('28') ? 'refused' : 'unavailable'
}

/** True for a failure that means that the database cannot be reached or used now, so that a retry makes sense. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable)
  if (!(error instanceof Error)) return false
  const code = codeOf(error)
  return (
    NETWORK_CODES.has(code) ||
    UNAVAILABLE_CODES.has(code) ||
    (code.length === 5 &&
      UNAVAILABLE_CLASSES.includes(code.slice(0, 2)) &&
      !STATEMENT_CODES.has(code)) ||
    CONNECTION_MESSAGES.some((message) => error.message.includes(message))
  )
}

/** The SQLSTATE for a full disk, and the code of a PGlite that stopped because of it. */
const DISK_FULL = new Set(['53100', 'storage_full'])

/** True when a statement failed because the disk of the database is full. */
export const isDiskFull = (error: unknown): boolean => DISK_FULL.has(codeOf(error))

/** SQLSTATEs for text that Postgres cannot store: a NUL character, or a sequence that is not UTF-8. */
const NOT_STORABLE = new Set(['22021', '22P05'])

/** True when a statement failed because Postgres cannot store a text of the request. */
export const isUnstorableText = (error: unknown): boolean => NOT_STORABLE.has(codeOf(error))

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
