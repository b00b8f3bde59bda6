// Finds the statements of the server's store by the beginning of their text. A statement that is not listed
// throws an error, so a test fails if the SQL of the store changes.
import type { DatabaseDouble } from './database.ts'
import { DELETE_STATEMENTS } from './delete-statements.ts'
import { FOLD_STATEMENTS } from './fold-statements.ts'
import { PRESENCE_STATEMENTS } from './presence-statements.ts'
import { READ_STATEMENTS } from './read-statements.ts'
import type { ResultRow, Statement } from './statement.ts'
import type { Transaction } from './transaction.ts'
import { WRITE_STATEMENTS } from './write-statements.ts'

const ALL: readonly Statement[] = [
  ...WRITE_STATEMENTS,
  ...READ_STATEMENTS,
  ...FOLD_STATEMENTS,
  ...DELETE_STATEMENTS,
  ...PRESENCE_STATEMENTS,
]

const known = new Map<string, Statement>()

/** The short name of a statement, for the trace. */
export const nameOf = (text: string): string => find(text).begins.slice(0, 60)

function find(text: string): Statement {
  const cached = known.get(text)
  if (cached !== undefined) return cached
  const single = text.replace(/\s+/g, ' ').trim()
  const found = ALL.filter(({ begins }) => single.startsWith(begins)).sort(
    (a, b) => b.begins.length - a.begins.length,
  )[0]
  if (found === undefined) throw new Error(`the double does not know this statement: ${single}`)
  known.set(text, found)
  return found
}

export function runStatement(
  database: DatabaseDouble,
  tx: Transaction,
  text: string,
  values: readonly unknown[],
): ResultRow[] {
  return find(text).run({ database, tx, values })
}
