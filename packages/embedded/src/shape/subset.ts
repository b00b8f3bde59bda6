import { expressionError, isOfExpression, RequestError } from '../errors.ts'
import { parseIdentifier, quoteIdentifier, splitOutsideQuotes } from '../table/identifier.ts'
import type { Table } from '../table/table.ts'
import { conditionSql } from '../where/condition.ts'
import { WhereError } from '../where/lexer.ts'
import { resolveNames } from '../where/names.ts'
import { parseWhere } from '../where/parser.ts'
import { expressionSql, tableWriter } from '../where/sql.ts'
import type { Definition } from './definition.ts'
import type { RowsQuery } from './query.ts'

/** Some of a shape's rows as they are now, requested separately from its log. */
export interface SubsetRequest {
  readonly where: string | null
  readonly params: ReadonlyMap<number, string>
  readonly orderBy: string | null
  readonly limit: number | null
  readonly offset: number | null
}

export function subsetQuery(definition: Definition, subset: SubsetRequest): RowsQuery {
  const values: string[] = []
  const tail: string[] = []
  let where = conditionSql(definition.condition, values)
  if (subset.where !== null) {
    where += ` AND ${subsetWhere(subset.where, definition.table, subset.params, values)}`
  }
  if (subset.orderBy !== null) tail.push(`ORDER BY ${orderBy(subset.orderBy, definition.table)}`)
  for (const [word, count] of [
    ['LIMIT', subset.limit],
    ['OFFSET', subset.offset],
  ] as const) {
    if (count === null) continue
    values.push(String(count))
    tail.push(`${word} $${values.length}::bigint`)
  }
  return { where, values, tail: tail.join(' ') }
}

function subsetWhere(
  text: string,
  table: Table,
  params: ReadonlyMap<number, string>,
  values: string[],
): string {
  try {
    return expressionSql(resolveNames(parseWhere(text), table, params), tableWriter(values))
  } catch (error) {
    if (error instanceof WhereError) throw subsetError('where', error.message)
    throw error
  }
}

function orderBy(text: string, table: Table): string {
  return splitOutsideQuotes(text, ',')
    .map((part) => {
      const match =
        /^\s*("(?:[^"]|"")+"|[^\s"]+)(?:\s+(asc|desc))?(?:\s+nulls\s+(first|last))?\s*$/i.exec(part)
      const name = parseIdentifier(match?.[1] ?? '')
      if (match === null || !name.ok) {
        throw subsetError(
          'order_by',
          `cannot parse "${part.trim()}": expected column [ASC|DESC] [NULLS FIRST|LAST]`,
        )
      }
      if (!table.columns.some((column) => column.name === name.value)) {
        throw subsetError('order_by', `unknown reference ${name.value}`)
      }
      const direction = match[2] === undefined ? '' : ` ${match[2].toUpperCase()}`
      const nulls = match[3] === undefined ? '' : ` NULLS ${match[3].toUpperCase()}`
      return `${quoteIdentifier(name.value)}${direction}${nulls}`
    })
    .join(', ')
}

const subsetError = (field: string, message: string): RequestError =>
  new RequestError({ subset: { [field]: [message] } })

/**
 * Turns errors that only Postgres can detect, such as a comparison of a text with a number, into
 * request errors.
 */
export function explainSubsetError(error: unknown): unknown {
  return isOfExpression(error) ? subsetError('where', expressionError(error)) : error
}
