import type { Expression, Operand, Operator } from './expression.ts'
import { syntaxError, type Token, tokenize, WhereError } from './lexer.ts'

/** Deeper than any real clause; keeps a hostile one from exhausting the stack. */
const MAX_DEPTH = 100

/** Words that cannot be a column's name without quotes. */
const RESERVED = new Set(
  'and or not in is null like ilike between any all some exists select case cast true false'.split(
    ' ',
  ),
)

/** What a subset's where may hold; a shape's may hold less. */
export const SUPPORTED =
  'this shape service reads comparisons of a column with a value or $n, IN, LIKE, IS [NOT] NULL, AND, OR, NOT and parentheses; for anything else run the real Electric (https://electric-sql.com)'

export function parseWhere(text: string): Expression {
  const parser = new Parser(tokenize(text))
  return parser.whole()
}

class Parser {
  readonly #tokens: readonly Token[]
  #next = 0
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  whole(): Expression {
    const expression = this.#or()
    const rest = this.#peek()
    if (rest.kind !== 'end') throw this.#unexpected(rest)
    return expression
  }

  #or(): Expression {
    return this.#chain('or', () => this.#and())
  }

  #and(): Expression {
    return this.#chain('and', () => this.#not())
  }

  #chain(kind: 'and' | 'or', part: () => Expression): Expression {
    const first = part()
    if (!this.#isWord(kind)) return first
    const parts = [first]
    while (this.#takeWord(kind)) parts.push(part())
    return { kind, parts, at: first.at }
  }

  #not(): Expression {
    const token = this.#peek()
    this.#enter(token)
    try {
      if (this.#takeWord('not')) return { kind: 'not', part: this.#not(), at: token.at }
      if (this.#takeSymbol('(')) {
        const inner = this.#or()
        this.#expectSymbol(')')
        // `(a) = 1`: a parenthesised operand.
        return inner.kind === 'operand' ? this.#predicate(inner.operand) : inner
      }
      return this.#predicate(this.#operand())
    } finally {
      this.#depth--
    }
  }

  #predicate(left: Operand): Expression {
    const token = this.#peek()
    const at = left.at
    if (this.#takeWord('is')) {
      const negated = this.#takeWord('not')
      if (!this.#takeWord('null')) throw this.#unexpected(this.#peek())
      return { kind: 'isNull', negated, operand: left, at }
    }
    const negated = this.#takeWord('not')
    if (this.#takeWord('in')) return { kind: 'in', negated, left, list: this.#list(), at }
    for (const word of ['like', 'ilike'] as const) {
      if (!this.#takeWord(word)) continue
      const upper = word === 'like' ? 'LIKE' : 'ILIKE'
      const operator: Operator = negated ? `NOT ${upper}` : upper
      return { kind: 'compare', operator, left, right: this.#operand(), at }
    }
    if (negated) throw this.#unexpected(this.#peek())
    const operator = comparisonOf(token)
    if (operator === undefined) return { kind: 'operand', operand: left, at }
    this.#next++
    if (operator === '=' && this.#takeWord('any')) {
      this.#expectSymbol('(')
      const right = this.#operand()
      this.#expectSymbol(')')
      return { kind: 'any', left, right, at }
    }
    return { kind: 'compare', operator, left, right: this.#operand(), at }
  }

  #list(): Operand[] {
    this.#expectSymbol('(')
    const list = [this.#operand()]
    while (this.#takeSymbol(',')) list.push(this.#operand())
    this.#expectSymbol(')')
    return list
  }

  #operand(): Operand {
    const token = this.#peek()
    this.#enter(token)
    try {
      return this.#withoutCast(this.#bareOperand(token))
    } finally {
      this.#depth--
    }
  }

  #bareOperand(token: Token): Operand {
    this.#next++
    const { at } = token
    switch (token.kind) {
      case 'string':
        return { kind: 'text', value: token.text, at }
      case 'number':
        return { kind: 'number', value: token.text, at }
      case 'parameter':
        return { kind: 'parameter', index: token.index, at }
      case 'name': {
        if (token.quoted) return { kind: 'column', name: token.text, at }
        const word = token.text.toLowerCase()
        if (word === 'true' || word === 'false') {
          return { kind: 'boolean', value: word === 'true', at }
        }
        if (word === 'null') return { kind: 'null', at }
        if (RESERVED.has(word)) throw this.#unexpected(token)
        if (this.#isSymbol('(')) throw unsupported(at, `function ${word}`)
        if (this.#isSymbol('.')) throw unsupported(at, 'a name with a dot')
        return { kind: 'column', name: word, at }
      }
      case 'symbol': {
        if (token.text === '(') {
          const inner = this.#operand()
          this.#expectSymbol(')')
          return inner
        }
        const following = this.#peek()
        if ((token.text === '-' || token.text === '+') && following.kind === 'number') {
          this.#next++
          const sign = token.text === '-' ? '-' : ''
          return { kind: 'number', value: sign + following.text, at }
        }
        throw syntaxError(token)
      }
      default:
        throw syntaxError(token)
    }
  }

  #withoutCast(operand: Operand): Operand {
    const token = this.#peek()
    if (token.kind === 'symbol' && ['::', '+', '-', '*', '/', '%', '.', '['].includes(token.text)) {
      throw unsupported(token.at, token.text === '::' ? 'a cast' : `operator ${token.text}`)
    }
    return operand
  }

  #enter(token: Token): void {
    this.#depth++
    if (this.#depth > MAX_DEPTH) throw new WhereError(token.at, 'too deeply nested')
  }

  #unexpected(token: Token): WhereError {
    if (token.kind === 'name' && !token.quoted) {
      const word = token.text.toLowerCase()
      if (['between', 'similar', 'select', 'exists', 'case', 'cast', 'any', 'all'].includes(word)) {
        return unsupported(token.at, word.toUpperCase())
      }
    }
    return syntaxError(token)
  }

  #peek(): Token {
    const token = this.#tokens[Math.min(this.#next, this.#tokens.length - 1)]
    if (token === undefined) throw new RangeError('no tokens')
    return token
  }

  #isWord(word: string): boolean {
    const token = this.#peek()
    return token.kind === 'name' && !token.quoted && token.text.toLowerCase() === word
  }

  #takeWord(word: string): boolean {
    const found = this.#isWord(word)
    if (found) this.#next++
    return found
  }

  #isSymbol(symbol: string): boolean {
    const token = this.#peek()
    return token.kind === 'symbol' && token.text === symbol
  }

  #takeSymbol(symbol: string): boolean {
    const found = this.#isSymbol(symbol)
    if (found) this.#next++
    return found
  }

  #expectSymbol(symbol: string): void {
    if (!this.#takeSymbol(symbol)) throw this.#unexpected(this.#peek())
  }
}

export const unsupported = (at: number, what: string): WhereError =>
  new WhereError(at, `${what} is not supported: ${SUPPORTED}`)

function comparisonOf(token: Token): Operator | undefined {
  if (token.kind !== 'symbol') return undefined
  switch (token.text) {
    case '=':
    case '<>':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return token.text
    case '!=':
      return '<>'
    default:
      return undefined
  }
}
