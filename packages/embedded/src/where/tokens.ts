import { syntaxError, type Token, tokenize, WhereError } from './lexer.ts'

/** Deeper than any real clause; prevents a malicious clause from exhausting the stack. */
const MAX_DEPTH = 100

/** The tokens of a where clause, with the position of the parser. */
export class Tokens {
  readonly #tokens: readonly Token[]
  #next = 0
  #depth = 0

  constructor(text: string) {
    this.#tokens = tokenize(text)
  }

  peek(ahead = 0): Token {
    const token = this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)]
    if (token === undefined) throw new RangeError('no tokens')
    return token
  }

  take(): Token {
    const token = this.peek()
    this.#next++
    return token
  }

  isWord(word: string, ahead = 0): boolean {
    return wordOf(this.peek(ahead)) === word
  }

  takeWord(word: string): boolean {
    const found = this.isWord(word)
    if (found) this.#next++
    return found
  }

  expectWord(word: string): void {
    if (!this.takeWord(word)) throw syntaxError(this.peek())
  }

  /** Takes all of the words, or none of them. */
  takeWords(text: string): boolean {
    const words = text.split(' ')
    if (!words.every((word, i) => this.isWord(word, i))) return false
    this.#next += words.length
    return true
  }

  isSymbol(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === 'symbol' && token.text === symbol
  }

  takeSymbol(symbol: string): boolean {
    const found = this.isSymbol(symbol)
    if (found) this.#next++
    return found
  }

  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw syntaxError(this.peek())
  }

  /** Parses a part that may contain parts of the same kind, and limits their depth. */
  nested<T>(read: () => T): T {
    this.#depth++
    try {
      if (this.#depth > MAX_DEPTH) throw new WhereError(this.peek().at, 'too deeply nested')
      return read()
    } finally {
      this.#depth--
    }
  }

  /** `one, two, three` */
  list<T>(read: () => T): T[] {
    const items = [read()]
    while (this.takeSymbol(',')) items.push(read())
    return items
  }
}

/** An unquoted name, in lower case; undefined for everything else. */
export const wordOf = (token: Token): string | undefined =>
  token.kind === 'name' && !token.quoted ? token.text.toLowerCase() : undefined
