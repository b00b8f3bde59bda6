/** Every way in which this package fails on purpose. Decide by `code`, never by the text. */
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

/** A mistake of the caller in a request: field -> messages, answered as Electric's 400 or as `status`. */
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

/** The five-letter SQLSTATE of an error from Postgres, if it is one. */
export function sqlStateOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Not of the expression: a permission, and a table or column that is gone. */
const OTHER_STATES = new Set(['42501', '42P01', '42703'])

/**
 * Is it the fault of an expression that somebody wrote: types that do not fit, a value without the
 * form of its type, a division by zero, or more work than is allowed?
 */
export function isOfExpression(error: unknown): boolean {
  const state = sqlStateOf(error) ?? ''
  return /^(22|42|54)...$|^57014$/.test(state) && !OTHER_STATES.has(state)
}

/**
 * Says what is wrong with an expression that Postgres could not evaluate for the rows of a table. What
 * Postgres itself says may contain values of rows that the client may not see.
 */
export function expressionError(error: unknown): string {
  const state = sqlStateOf(error) ?? ''
  if (state === '22012') return 'division by zero'
  if (state === '57014') return 'takes too long to evaluate'
  if (state.startsWith('54')) return 'is too complex'
  return `cannot be evaluated for every row of the table (SQLSTATE ${state})`
}
