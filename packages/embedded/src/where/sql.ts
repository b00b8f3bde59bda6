import { quoteIdentifier } from '../table/identifier.ts'
import type { Expression, Index, TypeName } from './expression.ts'
import { CLOCK_WORDS, CONDITIONAL_FUNCTIONS } from './vocabulary.ts'

export interface SqlWriter {
  /** The column's name in the context of the SQL. */
  column(name: string): string
  /** Appends a value to the statement's parameters; returns its placeholder. */
  bind(text: string): string
}

/**
 * Writes the columns of the table that the statement reads from; bound values are appended to
 * `values`.
 */
export const tableWriter = (values: string[]): SqlWriter => ({
  column: quoteIdentifier,
  bind: (text) => {
    values.push(text)
    return `$${values.length}`
  },
})

/**
 * Writes an expression as SQL for Postgres. Only plain numbers of the original text remain in it: names
 * are quoted, values are bound, and operators, functions and types come from `vocabulary.ts`.
 */
export function expressionSql(expression: Expression, writer: SqlWriter): string {
  const write = (part: Expression): string => expressionSql(part, writer)
  const list = (parts: readonly Expression[]): string => parts.map(write).join(', ')
  const not = (negated: boolean): string => (negated ? 'NOT ' : '')
  switch (expression.kind) {
    case 'column':
      return writer.column(expression.name)
    case 'text':
      return writer.bind(expression.value)
    case 'number':
      // The lexer accepts only digits, a dot and an exponent in a number.
      return `(${expression.value})`
    case 'boolean':
      return expression.value ? 'true' : 'false'
    case 'null':
      return 'NULL'
    case 'parameter':
      throw new RangeError(`$${expression.index} has not been replaced by its value`)
    case 'and':
    case 'or':
      return `(${expression.parts.map(write).join(expression.kind === 'and' ? ' AND ' : ' OR ')})`
    case 'not':
      return `(NOT ${write(expression.part)})`
    case 'binary':
      return binarySql(expression.operator, write(expression.left), write(expression.right))
    case 'unary':
      return `(${expression.operator} ${write(expression.operand)})`
    case 'in':
      return `(${write(expression.left)} ${not(expression.negated)}IN (${list(expression.list)}))`
    case 'between': {
      const symmetric = expression.symmetric ? 'SYMMETRIC ' : ''
      const ends = `${write(expression.low)} AND ${write(expression.high)}`
      return `(${write(expression.operand)} ${not(expression.negated)}BETWEEN ${symmetric}${ends})`
    }
    case 'quantified': {
      const { operator, quantifier } = expression
      return `(${write(expression.left)} ${operator} ${quantifier} (${write(expression.array)}))`
    }
    case 'is': {
      const { operand, test, negated } = expression
      // IS NULL gives a bare value no type, so it is cast to text, as in Electric.
      return `(${write(test === 'NULL' ? asText(operand) : operand)} IS ${not(negated)}${test})`
    }
    case 'distinct':
      return `(${write(expression.left)} IS ${not(expression.negated)}DISTINCT FROM ${write(expression.right)})`
    case 'cast': {
      const operand = write(expression.operand)
      const cast = expression.isGuarded === true ? withoutClockWords(operand) : operand
      return `CAST(${cast} AS ${typeSql(expression.type)})`
    }
    case 'call': {
      const { name } = expression
      // `concat` takes values of any type and so gives a bare value no type.
      const args = name === 'concat' ? expression.args.map(asText) : expression.args
      // COALESCE and the like are SQL syntax, not functions in the catalog.
      const called = CONDITIONAL_FUNCTIONS.has(name)
        ? name.toUpperCase()
        : `pg_catalog.${quoteIdentifier(name)}`
      return `${called}(${list(args)})`
    }
    case 'array':
      return `ARRAY[${list(expression.items)}]`
    case 'element':
      return `(${write(expression.array)})${expression.indexes.map((index) => indexSql(index, write)).join('')}`
  }
}

const TEXT: TypeName = { name: 'text', isArray: false }
const FLOAT: TypeName = { name: 'float8', isArray: false }

const asText = (part: Expression): Expression =>
  part.kind === 'text' ? { kind: 'cast', type: TEXT, operand: part, at: part.at } : part

/**
 * Changes clock words such as `now`, so that Postgres rejects them instead of reading them as the
 * current time.
 */
const withoutClockWords = (operand: string): string =>
  `pg_catalog."regexp_replace"(CAST(${operand} AS ${typeSql(TEXT)}), '${CLOCK_WORDS}', '?', 'i')`

/** A power of numerics can take minutes, one of float8 cannot. */
const binarySql = (operator: string, left: string, right: string): string =>
  operator === '^'
    ? `(CAST(${left} AS ${typeSql(FLOAT)}) ^ CAST(${right} AS ${typeSql(FLOAT)}))`
    : `(${left} ${operator} ${right})`

const typeSql = ({ name, isArray }: TypeName): string =>
  `pg_catalog.${quoteIdentifier(name)}${isArray ? '[]' : ''}`

function indexSql(index: Index, write: (part: Expression) => string): string {
  if (index.kind === 'one') return `[${write(index.at)}]`
  const { from, to } = index
  return `[${from === null ? '' : write(from)}:${to === null ? '' : write(to)}]`
}
