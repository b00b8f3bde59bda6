import type pg from 'pg'
import { inReadTransaction } from '../database/transaction.ts'
import { isOfExpression, messageOf, RequestError } from '../errors.ts'
import { quoteIdentifier, type TableName } from '../table/identifier.ts'
import { type Condition, conditionSql } from './condition.ts'
import { CLOCK_WORDS } from './vocabulary.ts'

const CLOCK_WORD = new RegExp(CLOCK_WORDS, 'i')

const STATEMENT = 'shape_service_check'

/** Dates and times, ranges of them, and composite types, which may contain them. */
const TYPES_SQL = `
  SELECT given.place::integer AS place, given.type::text AS type
  FROM pg_catalog.pg_prepared_statements s,
    unnest(s.parameter_types::oid[]::regtype[]) WITH ORDINALITY AS given(type, place)
  JOIN pg_catalog.pg_type t ON t.oid = given.type
  LEFT JOIN pg_catalog.pg_type element ON element.oid = t.typelem AND t.typcategory = 'A'
  WHERE s.name = $1 AND coalesce(element.typcategory, t.typcategory) IN ('D', 'R', 'C')`

/**
 * Makes Postgres check the expression that it will decide: types must match, and every value must
 * be valid input for its type.
 * @throws {RequestError}
 */
export async function checkCondition(
  pool: pg.Pool,
  { table: { schema, name }, condition }: { table: TableName; condition: Condition },
): Promise<void> {
  if (condition.rest === null || condition.never) return
  const values: string[] = []
  const where = conditionSql(condition, values)
  const from = `SELECT FROM ${quoteIdentifier(schema)}.${quoteIdentifier(name)} WHERE`
  try {
    await inReadTransaction(pool, {}, async (client) => {
      if (values.some((value) => CLOCK_WORD.test(value))) {
        await client.query(`PREPARE ${STATEMENT} AS ${from} ${where}`)
        const { rows } = await client.query<{ place: number; type: string }>(TYPES_SQL, [STATEMENT])
        await client.query(`DEALLOCATE ${STATEMENT}`)
        for (const { place, type } of rows) refuseClock(values[place - 1] ?? '', type)
      }
      // The query reads no row, because `false` comes first.
      await client.query(`${from} false AND (${where})`, values)
    })
  } catch (error) {
    if (!isOfExpression(error)) throw error
    throw RequestError.of('where', explain(messageOf(error)))
  }
}

function refuseClock(value: string, type: string): void {
  if (!CLOCK_WORD.test(value)) return
  throw RequestError.of(
    'where',
    `invalid syntax for type ${type}: ${value} (its meaning changes with time; use a fixed time instead)`,
  )
}

const explain = (message: string): string =>
  /^argument of (WHERE|AND) must be type boolean/.test(message)
    ? 'WHERE clause must return a boolean'
    : message
