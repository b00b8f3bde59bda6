import type { Expression, Index, TypeName } from './expression.ts'
import { textOf, unsupported } from './lexer.ts'
import { type Tokens, wordOf } from './tokens.ts'
import { LONG_TYPE_NAMES, typeOf } from './vocabulary.ts'

/** Parses the name of a type, and the `[]` of an array type. */
export function readType(tokens: Tokens): TypeName {
  const token = tokens.peek()
  const type = takeType(tokens, () => true)
  if (type === undefined) throw unsupported(token.at, `type ${textOf(token)}`)
  if (tokens.isSymbol('(')) throw unsupported(token.at, 'a type with a length or a precision')
  let isArray = false
  while (tokens.isSymbol('[') && tokens.isSymbol(']', 1)) {
    tokens.take()
    tokens.take()
    isArray = true
  }
  return { name: type.name, isArray }
}

/**
 * Takes the longest type name at the parser's position, if `isFollowed` accepts the token after it.
 */
export function takeType(
  tokens: Tokens,
  isFollowed: (length: number) => boolean,
): TypeName | undefined {
  const long = LONG_TYPE_NAMES.find((candidate) =>
    candidate.split(' ').every((word, i) => tokens.isWord(word, i)),
  )
  const token = tokens.peek()
  const name = long ?? (token.kind === 'name' && token.quoted ? token.text : wordOf(token))
  const type = name === undefined ? undefined : typeOf(name)
  const length = long?.split(' ').length ?? 1
  if (type === undefined || !isFollowed(length)) return undefined
  for (let i = 0; i < length; i++) tokens.take()
  return { name: type, isArray: false }
}

/** `[1]`, `[1:2]`, `[2][3]` after an array. */
export function readElement(tokens: Tokens, array: Expression, read: () => Expression): Expression {
  const indexes: Index[] = []
  while (tokens.takeSymbol('[')) {
    const from = tokens.isSymbol(':') ? null : read()
    if (tokens.takeSymbol(':')) {
      indexes.push({ kind: 'slice', from, to: tokens.isSymbol(']') ? null : read() })
    } else if (from !== null) indexes.push({ kind: 'one', at: from })
    tokens.expectSymbol(']')
  }
  return { kind: 'element', array, indexes, at: array.at }
}
