import type { Expression } from './expression.ts'
import { syntaxError, unsupported, unsupportedSubquery } from './lexer.ts'
import { readType, takeType } from './suffix.ts'
import { type Tokens, wordOf } from './tokens.ts'
import { CONDITIONAL_FUNCTIONS, FUNCTION_ALIASES, FUNCTIONS, typeOf } from './vocabulary.ts'

/** Words that cannot be a column name without quotes. */
const RESERVED = new Set(
  `all and any array as asc between case cast check collate column constraint create default desc
   distinct do else end except false fetch for foreign from grant group having ilike in intersect
   into is isnull leading like limit not notnull null offset on only or order overlaps primary
   references returning select similar some symmetric table then to trailing true union unique
   user using when where window with`.split(/\s+/),
)

type Read = () => Expression

/** Parses a value, a column, a function call, or an expression in parentheses. */
export function readPrimary(tokens: Tokens, read: Read): Expression {
  const token = tokens.peek()
  const { at } = token
  switch (token.kind) {
    case 'string':
      tokens.take()
      return { kind: 'text', value: token.text, at }
    case 'number':
      tokens.take()
      return { kind: 'number', value: token.text, at }
    case 'parameter':
      tokens.take()
      return { kind: 'parameter', index: token.index, at }
    case 'name':
      return token.quoted ? readColumn(tokens, token.text) : readWord(tokens, read)
    case 'symbol':
      return readParentheses(tokens, read)
    case 'end':
      throw syntaxError(token)
  }
}

function readParentheses(tokens: Tokens, read: Read): Expression {
  if (!tokens.takeSymbol('(')) throw syntaxError(tokens.peek())
  if (tokens.isWord('select')) throw unsupportedSubquery(tokens.peek().at)
  const inner = read()
  if (tokens.isSymbol(',')) throw unsupported(tokens.peek().at, 'a row of several values')
  tokens.expectSymbol(')')
  return inner
}

function readWord(tokens: Tokens, read: Read): Expression {
  const token = tokens.peek()
  const { at } = token
  const word = wordOf(token) ?? ''
  if (word === 'true' || word === 'false') {
    tokens.take()
    return { kind: 'boolean', value: word === 'true', at }
  }
  if (tokens.takeWord('null')) return { kind: 'null', at }
  if (word === 'array' && tokens.isSymbol('[', 1)) {
    tokens.take()
    return readArray(tokens, read)
  }
  if (tokens.takeWord('cast')) return readCast(tokens, read, at)
  if (word === 'exists') throw unsupportedSubquery(at)
  if (word === 'case') throw unsupported(at, 'CASE')
  const typed = readTypedText(tokens)
  if (typed !== undefined) return typed
  if (tokens.isSymbol('(', 1)) return readCall(tokens, read, word)
  if (RESERVED.has(word)) throw syntaxError(token)
  return readColumn(tokens, word)
}

function readColumn(tokens: Tokens, name: string): Expression {
  const { at } = tokens.take()
  if (tokens.isSymbol('.')) throw unsupported(at, 'a name with a dot')
  return { kind: 'column', name, at }
}

/** `date '2024-01-31'` */
function readTypedText(tokens: Tokens): Expression | undefined {
  const { at } = tokens.peek()
  const taken = takeType(tokens, (length) => tokens.peek(length).kind === 'string')
  if (taken === undefined) return undefined
  const text = tokens.take()
  if (text.kind !== 'string') throw syntaxError(text)
  return { kind: 'cast', type: taken, operand: { kind: 'text', value: text.text, at: text.at }, at }
}

function readCast(tokens: Tokens, read: Read, at: number): Expression {
  tokens.expectSymbol('(')
  const operand = read()
  tokens.expectWord('as')
  const type = readType(tokens)
  tokens.expectSymbol(')')
  return { kind: 'cast', type, operand, at }
}

/** Parses `ARRAY[1, 2]`, and inside it also `[1, 2]`. */
function readArray(tokens: Tokens, read: Read): Expression {
  const { at } = tokens.peek()
  tokens.expectSymbol('[')
  if (tokens.takeSymbol(']')) return { kind: 'array', items: [], at }
  const item = (): Expression =>
    tokens.isSymbol('[') ? tokens.nested(() => readArray(tokens, read)) : read()
  const items = tokens.list(item)
  tokens.expectSymbol(']')
  return { kind: 'array', items, at }
}

function readCall(tokens: Tokens, read: Read, word: string): Expression {
  const { at } = tokens.take()
  tokens.expectSymbol('(')
  if (tokens.isWord('select')) throw unsupportedSubquery(tokens.peek().at)
  if (tokens.isSymbol('*') || tokens.isWord('distinct')) {
    throw unsupported(at, `aggregation with ${word}`)
  }
  const args = tokens.isSymbol(')') ? [] : tokens.list(read)
  tokens.expectSymbol(')')
  const [first] = args
  const type = typeOf(word)
  if (type !== undefined && first !== undefined && args.length === 1) {
    return { kind: 'cast', type: { name: type, isArray: false }, operand: first, at }
  }
  const name = FUNCTION_ALIASES[word] ?? word
  const isKnown = word in FUNCTION_ALIASES || FUNCTIONS.has(word) || CONDITIONAL_FUNCTIONS.has(word)
  if (!isKnown) throw unsupported(at, `function ${word}/${args.length}`)
  return { kind: 'call', name, args, at }
}
