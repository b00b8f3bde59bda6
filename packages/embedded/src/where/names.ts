import type { Column, Table } from '../table/table.ts'
import type { Expression, Index } from './expression.ts'
import { WhereError } from './lexer.ts'
import { CLOCK_TYPES, WORDLESS_TYPES } from './vocabulary.ts'

/**
 * Replaces parameters by their values, rejects columns that the table does not have, and marks
 * casts whose result might depend on the clock.
 */
export function resolveNames(
  expression: Expression,
  table: Table,
  params: ReadonlyMap<number, string>,
): Expression {
  const resolve = (part: Expression): Expression => {
    switch (part.kind) {
      case 'column':
        columnOf(part.name, part.at, table)
        return part
      case 'parameter':
        return { kind: 'text', value: parameterOf(part.index, part.at, params), at: part.at }
      case 'cast': {
        const operand = resolve(part.operand)
        const isGuarded = CLOCK_TYPES.has(part.type.name) && mayBeWord(operand, table)
        return { ...part, operand, isGuarded }
      }
      default:
        return mapParts(part, resolve)
    }
  }
  return resolve(expression)
}

export function columnOf(name: string, at: number, table: Table): Column {
  const column = table.columns.find((candidate) => candidate.name === name)
  if (column === undefined) throw new WhereError(at, `unknown reference ${name}`)
  return column
}

function parameterOf(index: number, at: number, params: ReadonlyMap<number, string>): string {
  const value = params.get(index)
  if (value === undefined) throw new WhereError(at, `parameter $${index} was not provided`)
  return value
}

/**
 * True if this may be a text that is not a constant. Constants are checked once their types are
 * known.
 */
function mayBeWord(part: Expression, table: Table): boolean {
  switch (part.kind) {
    case 'text':
    case 'number':
    case 'boolean':
    case 'null':
      return false
    case 'column':
      return !WORDLESS_TYPES.has(columnOf(part.name, part.at, table).type)
    case 'cast':
      return !WORDLESS_TYPES.has(part.type.name)
    case 'call':
      return !/^date_trunc$|^timezone$|^justify_/.test(part.name)
    case 'binary':
      return !['+', '-', '*', '/'].includes(part.operator)
    case 'array':
      return part.items.some((item) => mayBeWord(item, table))
    case 'element':
      return mayBeWord(part.array, table)
    default:
      return false
  }
}

type Map = (part: Expression) => Expression

/** The same expression with its parts replaced. */
function mapParts(part: Expression, map: Map): Expression {
  switch (part.kind) {
    case 'and':
    case 'or':
      return { ...part, parts: part.parts.map(map) }
    case 'not':
      return { ...part, part: map(part.part) }
    case 'binary':
    case 'distinct':
      return { ...part, left: map(part.left), right: map(part.right) }
    case 'unary':
    case 'is':
    case 'cast':
      return { ...part, operand: map(part.operand) }
    case 'in':
      return { ...part, left: map(part.left), list: part.list.map(map) }
    case 'between':
      return { ...part, operand: map(part.operand), low: map(part.low), high: map(part.high) }
    case 'quantified':
      return { ...part, left: map(part.left), array: map(part.array) }
    case 'call':
      return { ...part, args: part.args.map(map) }
    case 'array':
      return { ...part, items: part.items.map(map) }
    case 'element':
      return {
        ...part,
        array: map(part.array),
        indexes: part.indexes.map((index) => mapIndex(index, map)),
      }
    default:
      return part
  }
}

function mapIndex(index: Index, map: Map): Index {
  if (index.kind === 'one') return { ...index, at: map(index.at) }
  const { from, to } = index
  return { ...index, from: from === null ? null : map(from), to: to === null ? null : map(to) }
}
