import type { Fields } from '../capture/record.ts'
import { quoteIdentifier } from '../table/identifier.ts'
import type { Column, Table } from '../table/table.ts'
import type { Expression, Operand } from './expression.ts'
import { WhereError } from './lexer.ts'
import { canMatch, canonicalText } from './value.ts'

/** One column must hold this text, or null, or (`notNull`) anything but null. */
export interface Term {
  readonly column: string
  /** The column's place in a row. */
  readonly index: number
  readonly test: { readonly equals: string } | 'null' | 'notNull'
}

/** A shape's where: all terms hold. Sorted, without repeats: equal conditions have equal terms. */
export interface Condition {
  readonly terms: readonly Term[]
  /** Two terms contradict each other (`a = 1 AND a = 2`), or FALSE was written. */
  readonly never: boolean
}

export const EVERYTHING: Condition = { terms: [], never: false }

const ONLY_CONJUNCTIONS =
  "a shape's where may be column = value (or $n) and column IS [NOT] NULL, joined by AND; for anything else run the real Electric (https://electric-sql.com)"

/** Makes a condition of a parsed where clause, or says what is wrong with it and where. */
export function toCondition(
  expression: Expression,
  table: Table,
  params: ReadonlyMap<number, string>,
): Condition {
  const terms = new Map<string, Term>()
  let never = false
  const visit = (part: Expression): void => {
    if (part.kind === 'and') {
      for (const inner of part.parts) visit(inner)
    } else if (part.kind === 'operand' && part.operand.kind === 'boolean') {
      if (!part.operand.value) never = true
    } else {
      const term = toTerm(part, table, params)
      terms.set(JSON.stringify([term.column, term.test]), term)
    }
  }
  visit(expression)
  const sorted = [...terms].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, term]) => term)
  return { terms: sorted, never: never || contradictory(sorted) }
}

/** Does a row belong? Three-valued logic needs no care here: null equals nothing. */
export function matches(condition: Condition, row: Fields): boolean {
  if (condition.never) return false
  return condition.terms.every(({ index, test }) => {
    const value = row[index] ?? null
    if (test === 'null') return value === null
    if (test === 'notNull') return value !== null
    return value === test.equals
  })
}

export function conditionSql(
  condition: Condition,
  firstParameter: number,
): {
  text: string
  values: string[]
} {
  if (condition.never) return { text: 'false', values: [] }
  if (condition.terms.length === 0) return { text: 'true', values: [] }
  const values: string[] = []
  const parts = condition.terms.map(({ column, test }) => {
    const name = quoteIdentifier(column)
    if (test === 'null') return `${name} IS NULL`
    if (test === 'notNull') return `${name} IS NOT NULL`
    values.push(test.equals)
    return `${name} = $${firstParameter + values.length - 1}`
  })
  return { text: parts.join(' AND '), values }
}

function toTerm(part: Expression, table: Table, params: ReadonlyMap<number, string>): Term {
  if (part.kind === 'isNull' && part.operand.kind === 'column') {
    const column = columnOf(part.operand, table)
    return termOf(column, table, part.negated ? 'notNull' : 'null')
  }
  if (part.kind === 'operand' && part.operand.kind === 'column') {
    return equality(part.operand, { kind: 'boolean', value: true, at: part.at }, table, params)
  }
  if (part.kind === 'not' && part.part.kind === 'operand' && part.part.operand.kind === 'column') {
    const value = { kind: 'boolean', value: false, at: part.at } as const
    return equality(part.part.operand, value, table, params)
  }
  if (part.kind === 'compare' && part.operator === '=') {
    const [column, value] =
      part.left.kind === 'column' ? [part.left, part.right] : [part.right, part.left]
    if (column.kind === 'column' && value.kind !== 'column') {
      return equality(column, value, table, params)
    }
  }
  throw new WhereError(part.at, `${describe(part)} is not supported: ${ONLY_CONJUNCTIONS}`)
}

function equality(
  operand: Extract<Operand, { kind: 'column' }>,
  value: Operand,
  table: Table,
  params: ReadonlyMap<number, string>,
): Term {
  const column = columnOf(operand, table)
  const text = valueText(value, params)
  if (!canMatch(column)) {
    throw new WhereError(
      operand.at,
      `comparing a column of type ${column.type}${'[]'.repeat(column.dims)} is not supported: ${ONLY_CONJUNCTIONS}`,
    )
  }
  if (!fits(value, column)) {
    throw new WhereError(value.at, `a ${value.kind} cannot be compared with type ${column.type}`)
  }
  const canonical = canonicalText(column, text)
  if (canonical === undefined) {
    throw new WhereError(value.at, `invalid syntax for type ${column.type}: ${text}`)
  }
  return termOf(column, table, { equals: canonical })
}

/** As in Postgres, a quoted text or a parameter takes the column's type; the others have their own. */
function fits(value: Operand, column: Column): boolean {
  if (value.kind === 'number') return column.type.startsWith('int')
  return value.kind !== 'boolean' || column.type === 'bool'
}

function valueText(value: Operand, params: ReadonlyMap<number, string>): string {
  switch (value.kind) {
    case 'text':
    case 'number':
      return value.value
    case 'boolean':
      return String(value.value)
    case 'parameter':
      return parameterOf(value, params)
    default:
      throw new WhereError(
        value.at,
        `comparing with ${value.kind} is not supported: ${ONLY_CONJUNCTIONS}`,
      )
  }
}

export function parameterOf(
  operand: Extract<Operand, { kind: 'parameter' }>,
  params: ReadonlyMap<number, string>,
): string {
  const value = params.get(operand.index)
  if (value === undefined) {
    throw new WhereError(operand.at, `parameter $${operand.index} was not provided`)
  }
  return value
}

export function columnOf(operand: Extract<Operand, { kind: 'column' }>, table: Table): Column {
  const column = table.columns.find(({ name }) => name === operand.name)
  if (column === undefined) throw new WhereError(operand.at, `unknown reference ${operand.name}`)
  return column
}

function termOf(column: Column, table: Table, test: Term['test']): Term {
  return { column: column.name, index: table.columns.indexOf(column), test }
}

function contradictory(terms: readonly Term[]): boolean {
  return terms.some((a, i) =>
    terms.slice(i + 1).some((b) => {
      if (a.column !== b.column || a.test === b.test) return false
      // Two terms of one column live together only as `= x` and `IS NOT NULL`.
      const kinds = [a.test, b.test]
      return kinds.includes('null') || !kinds.includes('notNull')
    }),
  )
}

function describe(part: Expression): string {
  switch (part.kind) {
    case 'compare':
      return part.operator === '=' ? 'this comparison' : part.operator
    case 'in':
    case 'any':
    case 'or':
    case 'not':
      return part.kind.toUpperCase()
    default:
      return 'this expression'
  }
}
