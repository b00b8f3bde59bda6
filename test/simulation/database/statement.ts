// One statement of the double.
import type { DatabaseDouble } from './database.ts'
import type { Transaction } from './transaction.ts'

export interface StatementContext {
  readonly database: DatabaseDouble
  readonly tx: Transaction
  readonly values: readonly unknown[]
}

export type ResultRow = Record<string, unknown>

export interface Statement {
  /** The beginning of the text, with single spaces. */
  readonly begins: string
  readonly run: (context: StatementContext) => ResultRow[]
}

/** Makes an error with an SQLSTATE like those of `pg`. */
export function sqlError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
