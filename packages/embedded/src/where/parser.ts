import type { Expression, Of } from './expression.ts'
import { syntaxError, unsupported, unsupportedSubquery, WhereError } from './lexer.ts'
import { readPrimary } from './primary.ts'
import { readElement, readType } from './suffix.ts'
import { Tokens, wordOf } from './tokens.ts'
import { BINARY_OPERATORS, BINDING, PREFIX_OPERATORS } from './vocabulary.ts'

/** The most operators in a row without parentheses, such as `a || b || c`; AND and OR have no limit. */
const MAX_CHAIN = 50

/** Parses a where clause. @throws {WhereError} with the reason and the position */
export function parseWhere(text: string): Expression {
  const tokens = new Tokens(text)
  const expression = readExpression(tokens, 0)
  const rest = tokens.peek()
  if (rest.kind !== 'end') throw syntaxError(rest)
  return expression
}

/** An operator after a left operand: how tightly it binds, and how to parse the rest of the expression. */
interface Continuation {
  readonly binding: number
  /** `a < b < c` is an error, as in Postgres. */
  readonly chains: boolean
  read(left: Expression): Expression
}

/** Parses an expression whose operators all bind at least as tightly as `least`. */
function readExpression(tokens: Tokens, least: number): Expression {
  return tokens.nested(() => {
    let left = readPrefixed(tokens)
    let most = Number.POSITIVE_INFINITY
    for (let count = 0; ; count++) {
      const next = continuation(tokens)
      if (next === undefined || next.binding < least) return left
      if (next.binding > most) throw syntaxError(tokens.peek())
      const isLogic = next.binding <= BINDING.and
      if (!isLogic && count >= MAX_CHAIN) {
        throw new WhereError(tokens.peek().at, 'too many operators in a row')
      }
      left = next.read(left)
      most = next.chains ? Number.POSITIVE_INFINITY : next.binding - 1
    }
  })
}

function readPrefixed(tokens: Tokens): Expression {
  const token = tokens.peek()
  const { at } = token
  if (tokens.takeWord('not')) {
    return { kind: 'not', part: readExpression(tokens, BINDING.not), at }
  }
  const binding = token.kind === 'symbol' ? PREFIX_OPERATORS.get(token.text) : undefined
  if (token.kind !== 'symbol' || binding === undefined) {
    return readPrimary(tokens, () => readExpression(tokens, 0))
  }
  tokens.take()
  const operand = readExpression(tokens, binding)
  // A signed number is a literal, not an operation on one.
  if (operand.kind === 'number' && (token.text === '-' || token.text === '+')) {
    const isNegative = (token.text === '-') !== operand.value.startsWith('-')
    return { kind: 'number', value: (isNegative ? '-' : '') + operand.value.replace('-', ''), at }
  }
  return { kind: 'unary', operator: token.text, operand, at }
}

function continuation(tokens: Tokens): Continuation | undefined {
  const token = tokens.peek()
  if (token.kind === 'symbol') return symbolContinuation(tokens, token.text)
  switch (wordOf(token)) {
    case 'and':
      return logic(tokens, 'and')
    case 'or':
      return logic(tokens, 'or')
    case 'is':
    case 'isnull':
    case 'notnull':
      return { binding: BINDING.is, chains: false, read: (left) => readIs(tokens, left) }
    case 'not':
    case 'in':
    case 'between':
    case 'like':
    case 'ilike':
      return { binding: BINDING.range, chains: false, read: (left) => readRange(tokens, left) }
    case 'at':
      return { binding: BINDING.zone, chains: true, read: (left) => readZone(tokens, left) }
    case 'similar':
    case 'collate':
    case 'escape':
    case 'overlaps':
      throw unsupported(token.at, wordOf(token)?.toUpperCase() ?? '')
    default:
      return undefined
  }
}

function symbolContinuation(tokens: Tokens, symbol: string): Continuation | undefined {
  if (symbol === '::') {
    const read = (operand: Expression): Expression => {
      tokens.take()
      return { kind: 'cast', type: readType(tokens), operand, at: operand.at }
    }
    return { binding: BINDING.cast, chains: true, read }
  }
  if (symbol === '[') {
    const read = (left: Expression): Expression =>
      readElement(tokens, left, () => readExpression(tokens, 0))
    return { binding: BINDING.element, chains: true, read }
  }
  const operator = symbol === '!=' ? '<>' : symbol
  const binding = BINARY_OPERATORS.get(operator)
  if (binding === undefined) return undefined
  const read = (left: Expression): Expression => {
    tokens.take()
    return readRight(tokens, operator, binding, left)
  }
  return { binding, chains: binding !== BINDING.comparison, read }
}

/** Parses the right side of an operator, which may be ANY (…) or ALL (…). */
function readRight(
  tokens: Tokens,
  operator: string,
  binding: number,
  left: Expression,
): Expression {
  const { at } = left
  for (const [word, quantifier] of QUANTIFIERS) {
    if (!tokens.isWord(word) || !tokens.isSymbol('(', 1)) continue
    tokens.take()
    tokens.take()
    refuseSubquery(tokens)
    const array = readExpression(tokens, 0)
    tokens.expectSymbol(')')
    return { kind: 'quantified', operator, quantifier, left, array, at }
  }
  return { kind: 'binary', operator, left, right: readExpression(tokens, binding + 1), at }
}

const QUANTIFIERS = [
  ['any', 'ANY'],
  ['some', 'ANY'],
  ['all', 'ALL'],
] as const

function logic(tokens: Tokens, kind: 'and' | 'or'): Continuation {
  const binding = BINDING[kind]
  const read = (left: Expression): Expression => {
    const parts = [left]
    while (tokens.takeWord(kind)) parts.push(readExpression(tokens, binding + 1))
    return { kind, parts, at: left.at }
  }
  return { binding, chains: true, read }
}

function readIs(tokens: Tokens, operand: Expression): Expression {
  const { at } = operand
  if (tokens.takeWord('isnull')) return { kind: 'is', test: 'NULL', negated: false, operand, at }
  if (tokens.takeWord('notnull')) return { kind: 'is', test: 'NULL', negated: true, operand, at }
  tokens.expectWord('is')
  const negated = tokens.takeWord('not')
  if (tokens.takeWords('distinct from')) {
    const right = readExpression(tokens, BINDING.comparison)
    // IS DISTINCT FROM is true if the two values differ.
    return { kind: 'distinct', negated, left: operand, right, at }
  }
  for (const test of ['NULL', 'TRUE', 'FALSE', 'UNKNOWN'] as const) {
    if (tokens.takeWord(test.toLowerCase())) return { kind: 'is', test, negated, operand, at }
  }
  throw syntaxError(tokens.peek())
}

function readRange(tokens: Tokens, left: Expression): Expression {
  const { at } = left
  const negated = tokens.takeWord('not')
  if (tokens.takeWord('in')) return readIn(tokens, left, negated)
  if (tokens.takeWord('between')) {
    const symmetric = tokens.takeWord('symmetric')
    if (!symmetric) tokens.takeWord('asymmetric')
    const low = readExpression(tokens, BINDING.range + 1)
    tokens.expectWord('and')
    const high = readExpression(tokens, BINDING.range + 1)
    return { kind: 'between', negated, symmetric, operand: left, low, high, at }
  }
  for (const word of ['LIKE', 'ILIKE']) {
    if (!tokens.takeWord(word.toLowerCase())) continue
    const operator = negated ? `NOT ${word}` : word
    const expression = readRight(tokens, operator, BINDING.range, left)
    if (tokens.isWord('escape')) throw unsupported(tokens.peek().at, 'ESCAPE')
    return expression
  }
  if (tokens.isWord('similar')) throw unsupported(tokens.peek().at, 'SIMILAR')
  throw syntaxError(tokens.peek())
}

function readIn(tokens: Tokens, left: Expression, negated: boolean): Of<'in'> {
  tokens.expectSymbol('(')
  refuseSubquery(tokens)
  const list = tokens.list(() => readExpression(tokens, 0))
  tokens.expectSymbol(')')
  return { kind: 'in', negated, left, list, at: left.at }
}

/** `time AT TIME ZONE 'UTC'` is parsed as the function timezone('UTC', time). */
function readZone(tokens: Tokens, left: Expression): Expression {
  if (!tokens.takeWords('at time zone')) throw syntaxError(tokens.peek())
  const zone = readExpression(tokens, BINDING.zone + 1)
  return { kind: 'call', name: 'timezone', args: [zone, left], at: left.at }
}

function refuseSubquery(tokens: Tokens): void {
  if (tokens.isWord('select')) throw unsupportedSubquery(tokens.peek().at)
}
