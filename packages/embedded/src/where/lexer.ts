export type Token =
  | { kind: 'name'; text: string; quoted: boolean; at: number }
  | { kind: 'string'; text: string; at: number }
  | { kind: 'number'; text: string; at: number }
  | { kind: 'parameter'; index: number; at: number }
  | { kind: 'symbol'; text: string; at: number }
  | { kind: 'end'; at: number }

/** A where clause that cannot be parsed or is not supported, with the position in it. */
export class WhereError extends Error {
  override readonly name = 'WhereError'
  readonly at: number

  constructor(at: number, message: string) {
    super(`At location ${at}: ${message}`)
    this.at = at
  }
}

/**
 * Electric parses `SELECT 1 WHERE <clause>` and counts the positions of syntax errors from its
 * start.
 */
const SYNTAX_OFFSET = 'SELECT 1 WHERE '.length

export function syntaxError(token: Token): WhereError {
  return token.kind === 'end'
    ? new WhereError(token.at + SYNTAX_OFFSET, 'syntax error at end of input')
    : new WhereError(token.at + SYNTAX_OFFSET, `syntax error at or near "${textOf(token)}"`)
}

export function textOf(token: Token): string {
  switch (token.kind) {
    case 'parameter':
      return `$${token.index}`
    case 'string':
      return `'${token.text}'`
    case 'end':
      return 'end of input'
    default:
      return token.text
  }
}

const PATTERNS = [
  { kind: 'space', pattern: /\s+/y },
  { kind: 'string', pattern: /'(?:[^']|'')*'/y },
  { kind: 'quoted', pattern: /"(?:[^"]|"")+"/y },
  { kind: 'number', pattern: /(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/iy },
  { kind: 'parameter', pattern: /\$\d+/y },
  { kind: 'name', pattern: /[\p{L}_][\p{L}\p{M}\p{N}_$]*/uy },
  { kind: 'symbol', pattern: /::|<=|>=|<>|!=|\|\||\|\/|@>|<@|&&|[-+*/%^=<>(),.[\]:|&#~@]/y },
] as const

/** Longer than any real clause. The work on a clause is bounded by its length. */
export const MAX_WHERE_LENGTH = 65_536

/** The beginnings of a comment in Postgres. */
const COMMENT = /--|\/\*/y

export function tokenize(text: string): Token[] {
  if (text.length > MAX_WHERE_LENGTH) {
    throw new WhereError(0, `longer than ${MAX_WHERE_LENGTH} characters`)
  }
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    COMMENT.lastIndex = at
    const match = COMMENT.test(text) ? undefined : firstMatch(text, at)
    if (match === undefined) {
      throw new WhereError(
        at + SYNTAX_OFFSET,
        `syntax error at or near "${text.slice(at, at + 1)}"`,
      )
    }
    const token = toToken(match.kind, match.text, at)
    if (token !== undefined) tokens.push(token)
    at += match.text.length
  }
  // Postgres reports the position after the last character, including spaces.
  tokens.push({ kind: 'end', at: text.length })
  return tokens
}

type PatternKind = (typeof PATTERNS)[number]['kind']

function firstMatch(text: string, at: number): { kind: PatternKind; text: string } | undefined {
  for (const { kind, pattern } of PATTERNS) {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    if (found !== undefined && found !== '') return { kind, text: found }
  }
  return undefined
}

function toToken(kind: PatternKind, text: string, at: number): Token | undefined {
  switch (kind) {
    case 'space':
      return undefined
    case 'string':
      return { kind, text: text.slice(1, -1).replaceAll("''", "'"), at }
    case 'quoted':
      return { kind: 'name', text: text.slice(1, -1).replaceAll('""', '"'), quoted: true, at }
    case 'name':
      return { kind, text, quoted: false, at }
    case 'parameter':
      return { kind, index: Number(text.slice(1)), at }
    default:
      return { kind, text, at }
  }
}

export const unsupported = (at: number, what: string): WhereError =>
  new WhereError(at, `${what} is not supported: ${ALTERNATIVES}`)

/** Subqueries are the only feature that Electric supports and this service does not. */
export const unsupportedSubquery = (at: number): WhereError =>
  new WhereError(
    at,
    `a subquery is not supported: ${ALTERNATIVES}, or run the real Electric (https://electric-sql.com)`,
  )

const ALTERNATIVES =
  'use comparisons, AND, OR, NOT, IN, BETWEEN, [I]LIKE, IS, ANY, ALL, arithmetic, casts to built-in types and functions such as lower, coalesce and abs'
