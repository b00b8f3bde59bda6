import { quoteIdentifier } from '../table/identifier.ts'
import type { Table } from '../table/table.ts'
import { columnOf, parameterOf } from './condition.ts'
import type { Expression, Operand } from './expression.ts'

/**
 * Writes a parsed where clause out as SQL again, for Postgres to judge: names checked against the
 * table and quoted, every value bound. `values` is appended to.
 */
export function expressionSql(
  expression: Expression,
  table: Table,
  params: ReadonlyMap<number, string>,
  values: string[],
): string {
  const bind = (text: string): string => {
    values.push(text)
    return `$${values.length}`
  }
  const operand = (part: Operand): string => {
    switch (part.kind) {
      case 'column':
        return quoteIdentifier(columnOf(part, table).name)
      case 'boolean':
        return part.value ? 'true' : 'false'
      case 'null':
        return 'NULL'
      case 'parameter':
        return bind(parameterOf(part, params))
      case 'number':
        // The lexer lets nothing but digits, a dot and an exponent be a number.
        return `(${part.value})`
      case 'text':
        return bind(part.value)
    }
  }
  const write = (part: Expression): string => {
    switch (part.kind) {
      case 'and':
      case 'or':
        return `(${part.parts.map(write).join(part.kind === 'and' ? ' AND ' : ' OR ')})`
      case 'not':
        return `(NOT ${write(part.part)})`
      case 'compare':
        return `(${operand(part.left)} ${part.operator} ${operand(part.right)})`
      case 'in':
        return `(${operand(part.left)} ${part.negated ? 'NOT IN' : 'IN'} (${part.list.map(operand).join(', ')}))`
      case 'any':
        return `(${operand(part.left)} = ANY(${operand(part.right)}))`
      case 'isNull':
        return `(${operand(part.operand)} IS ${part.negated ? 'NOT NULL' : 'NULL'})`
      case 'operand':
        return operand(part.operand)
    }
  }
  return write(expression)
}
