import type pg from 'pg'
import { type Decisions, decide, NO_DECISIONS } from '../where/decide.ts'
import type { Definition } from './definition.ts'
import type { Past } from './history.ts'
import { questionsOf } from './match.ts'
import { hasColumnsOf } from './shape.ts'

/** The most rows of past transactions that Postgres decides; beyond that, returning readers start over. */
const MAX_PAST_ROWS = 10_000

/** Asks Postgres for the decisions that a shape needs before past transactions can be replayed into it. */
export async function decidePast(
  pool: pg.Pool,
  definition: Definition,
  past: Past,
): Promise<Decisions> {
  const questions = past.transactions.flatMap(({ changes }) =>
    changes
      .filter((change) => change.table === definition.table.oid)
      .filter((change) => hasColumnsOf(definition, change))
      .flatMap((change) => questionsOf(definition, change)),
  )
  if (questions.length === 0 || questions.length > MAX_PAST_ROWS) return NO_DECISIONS
  return decide(pool, questions)
}
