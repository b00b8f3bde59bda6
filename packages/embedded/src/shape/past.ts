import type pg from 'pg'
import { type Decisions, decide, NO_DECISIONS } from '../where/decide.ts'
import { questionsOf } from './concern.ts'
import type { Definition } from './definition.ts'
import type { Past } from './history.ts'
import { hasColumnsOf } from './shape.ts'

/** More rows of the past than this are not decided: readers who come back with them start anew. */
const MAX_PAST_ROWS = 10_000

/** What has to be known of past transactions before a shape can be made of them. */
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
