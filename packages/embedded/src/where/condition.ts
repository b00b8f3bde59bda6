import type { Fields } from '../capture/record.ts'
import { quoteIdentifier } from '../table/identifier.ts'
import type { Column, Table } from '../table/table.ts'
import type { Expression, Of } from './expression.ts'
import { WhereError } from './lexer.ts'
import { columnOf, resolveNames } from './names.ts'
import { expressionSql, type SqlWriter, tableWriter } from './sql.ts'
import { canMatch, canonicalText } from './value.ts'

/** The condition that one column equals this text, is null, or (`notNull`) is not null. */
export interface Term {
  readonly column: string
  /** The column's index in a row. */
  readonly index: number
  readonly test: { readonly equals: string } | 'null' | 'notNull'
}

/** The part of a where clause that only Postgres can decide. */
export interface Rest {
  /** Two rests with the same key are equivalent. */
  readonly key: string
  /** Its SQL, which is boolean. */
  sql(writer: SqlWriter): string
}

/**
 * The where clause of a shape: a row matches if all terms and the rest (if any) hold. Terms are sorted
 * and have no duplicates, so that equal conditions have equal terms.
 */
export interface Condition {
  readonly terms: readonly Term[]
  readonly rest: Rest | null
  /** Two terms contradict each other (`a = 1 AND a = 2`), or FALSE was written. */
  readonly never: boolean
}

export const EVERYTHING: Condition = { terms: [], rest: null, never: false }

/**
 * Makes a condition from a parsed where clause, or throws an error with the reason and the position.
 * Equalities joined by AND become terms, which this service decides; Postgres decides everything else.
 */
export function toCondition(
  expression: Expression,
  table: Table,
  params: ReadonlyMap<number, string>,
): Condition {
  const terms = new Map<string, Term>()
  const rest = new Map<string, Expression>()
  let never = false
  const visit = (part: Expression): void => {
    if (part.kind === 'and') {
      for (const inner of part.parts) visit(inner)
    } else if (part.kind === 'boolean') {
      if (!part.value) never = true
    } else {
      const term = toTerm(part, table)
      if (term === undefined) rest.set(keyOf(part), part)
      else terms.set(JSON.stringify([term.column, term.test]), term)
    }
  }
  visit(resolveNames(expression, table, params))
  const sorted = [...terms].sort(byKey).map(([, term]) => term)
  return {
    terms: sorted,
    rest: rest.size === 0 ? null : restOf([...rest].sort(byKey)),
    never: never || contradictory(sorted),
  }
}

/** True if all terms hold. Three-valued logic needs no special case: null equals nothing. */
export function termsHold(condition: Condition, row: Fields): boolean {
  if (condition.never) return false
  return condition.terms.every(({ index, test }) => {
    const value = row[index] ?? null
    if (test === 'null') return value === null
    if (test === 'notNull') return value !== null
    return value === test.equals
  })
}

/** The whole condition as SQL about the table's own columns; values are appended to `values`. */
export function conditionSql(condition: Condition, values: string[]): string {
  if (condition.never) return 'false'
  const writer = tableWriter(values)
  const parts = condition.terms.map(({ column, test }) => {
    const name = quoteIdentifier(column)
    if (test === 'null') return `${name} IS NULL`
    if (test === 'notNull') return `${name} IS NOT NULL`
    return `${name} = ${writer.bind(test.equals)}`
  })
  if (condition.rest !== null) parts.push(condition.rest.sql(writer))
  return parts.length === 0 ? 'true' : parts.join(' AND ')
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1)

function keyOf(part: Expression): string {
  const values: string[] = []
  return JSON.stringify([expressionSql(part, tableWriter(values)), values])
}

function restOf(parts: [string, Expression][]): Rest {
  return {
    key: JSON.stringify(parts.map(([key]) => key)),
    sql: (writer) => parts.map(([, part]) => expressionSql(part, writer)).join(' AND '),
  }
}

/** The part as a term that this service can decide; undefined if only Postgres can decide it. */
function toTerm(part: Expression, table: Table): Term | undefined {
  if (part.kind === 'is' && part.test === 'NULL' && part.operand.kind === 'column') {
    const column = columnOf(part.operand.name, part.operand.at, table)
    // For SQL, a composite value whose fields are all null IS NULL, although its text is not null.
    if (column.isComposite && column.dims === 0) return undefined
    return termOf(column, table, part.negated ? 'notNull' : 'null')
  }
  if (part.kind === 'column') {
    return equality(part, { kind: 'boolean', value: true, at: part.at }, table)
  }
  if (part.kind === 'not' && part.part.kind === 'column') {
    return equality(part.part, { kind: 'boolean', value: false, at: part.at }, table)
  }
  if (part.kind === 'binary' && part.operator === '=') {
    const { left, right } = part
    if (left.kind === 'column' && isValue(right)) return equality(left, right, table)
    if (right.kind === 'column' && isValue(left)) return equality(right, left, table)
  }
  return undefined
}

type Value = Of<'text'> | Of<'number'> | Of<'boolean'>

const isValue = (part: Expression): part is Value =>
  part.kind === 'text' || part.kind === 'number' || part.kind === 'boolean'

function equality(operand: Of<'column'>, value: Value, table: Table): Term | undefined {
  const column = columnOf(operand.name, operand.at, table)
  if (!canMatch(column) || !fits(value, column)) return undefined
  const canonical = canonicalText(column, String(value.value))
  if (canonical !== undefined) return termOf(column, table, { equals: canonical })
  // A number of another type can still be compared; a text must be valid input for the column's type.
  if (value.kind === 'number') return undefined
  throw new WhereError(value.at, `invalid syntax for type ${column.type}: ${value.value}`)
}

/**
 * As in Postgres, a quoted text or a parameter takes the type of the column; numbers and booleans
 * have their own type.
 */
function fits(value: Value, column: Column): boolean {
  if (value.kind === 'number') return column.type.startsWith('int')
  return value.kind !== 'boolean' || column.type === 'bool'
}

function termOf(column: Column, table: Table, test: Term['test']): Term {
  return { column: column.name, index: table.columns.indexOf(column), test }
}

function contradictory(terms: readonly Term[]): boolean {
  return terms.some((a, i) =>
    terms.slice(i + 1).some((b) => {
      if (a.column !== b.column || a.test === b.test) return false
      // Two terms of one column are compatible only as `= x` and `IS NOT NULL`.
      const kinds = [a.test, b.test]
      return kinds.includes('null') || !kinds.includes('notNull')
    }),
  )
}
