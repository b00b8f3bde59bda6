// Shared by the plants of the database, which replace statements.
import type { StatementContext } from '../database/statement.ts'
import type { UpdateRow } from '../database/tables.ts'
import { DOC_ID } from '../names.ts'
import type { Plant } from '../plant.ts'

export type Run = () => Record<string, unknown>[]

/** Replaces the statements whose text contains some words. */
export const onStatement = (
  words: string,
  instead: (context: StatementContext, run: Run, text: string) => Record<string, unknown>[],
): Pick<Plant, 'statement'> => ({
  statement: (text, context, run) => (text.includes(words) ? instead(context, run, text) : run()),
})

export const isAppend = 'FROM ydoc_append('
export const withoutLocks = ({ tx }: StatementContext): void => {
  tx.lock = () => {}
}
export const rowsOf = ({ tx }: StatementContext): UpdateRow[] =>
  tx.rows('updates').filter(({ docId }) => docId === DOC_ID)

/** The newest row that the transaction has inserted. */
export function newest(context: StatementContext): UpdateRow | undefined {
  return rowsOf(context).sort((a, b) => b.seq - a.seq)[0]
}
