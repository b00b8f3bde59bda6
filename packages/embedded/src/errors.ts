/**
 * The codes of all errors that this package throws on purpose. Decide by `code`, never by the
 * message.
 */
export type EmbeddedErrorCode =
  | 'data_folder_locked'
  | 'data_folder_unusable'
  | 'database_stopped'
  | 'storage_full'
  | 'database_unreachable'
  | 'capture_not_permitted'
  | 'capture_timed_out'
  | 'feed_down'
  | 'closed'

export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError'
  readonly code: EmbeddedErrorCode

  constructor(code: EmbeddedErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/**
 * A mistake in a client's request: field -> messages, sent in the form of Electric's 400, with
 * `status`.
 */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly errors: Record<string, unknown>
  readonly status: number

  constructor(errors: Record<string, unknown>, status = 400) {
    super('Invalid request')
    this.errors = errors
    this.status = status
  }

  static of(field: string, message: string): RequestError {
    return new RequestError({ [field]: [message] })
  }
}

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

/** The SQLSTATE of an error from Postgres, five characters; undefined for other errors. */
export function sqlStateOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/**
 * States not caused by the expression: a missing permission, and a table or column that does not
 * exist.
 */
const OTHER_STATES = new Set(['42501', '42P01', '42703'])

/**
 * True if a client's expression caused the error: types that do not match, a value that is not
 * valid input for its type, a division by zero, or more work than is allowed.
 */
export function isOfExpression(error: unknown): boolean {
  const state = sqlStateOf(error) ?? ''
  return /^(22|42|54)...$|^57014$/.test(state) && !OTHER_STATES.has(state)
}

/**
 * Describes the error of an expression that Postgres could not evaluate for the rows of a table.
 * The message of Postgres is not used, because it may contain values of rows that the client may
 * not see.
 */
export function expressionError(error: unknown): string {
  const state = sqlStateOf(error) ?? ''
  if (state === '22012') return 'division by zero'
  if (state === '57014') return 'takes too long to evaluate'
  if (state.startsWith('54')) return 'is too complex'
  return `cannot be evaluated for every row of the table (SQLSTATE ${state})`
}
