import { calculate } from './arithmetic.ts'

/** A request to the agent. */
export type AgentRequest =
  | { readonly type: 'answer'; readonly words: readonly string[] }
  | { readonly type: 'undo' }
  | { readonly type: 'stop' }

/** A request and its text. */
export interface WrittenRequest {
  readonly request: AgentRequest
  /**
   * The request's text and how often the line contains it, so that typing elsewhere is not a new
   * request.
   */
  readonly key: string
}

/** The forms of a request at the end of a line. */
const FORMS = [/@agent stop$/i, /=[^=?]+\?$/, /@agent [^@?]+\?$/i]

/** The largest number to which the agent counts. */
const MAX_COUNT = 1_000

/**
 * Parses the request at the end of a line: `=2*(3+4)?`, `@agent count to 20?`, `@agent words?`,
 * `@agent undo?` or `@agent stop`. The question mark ends a request.
 * @param text the whole text, for counting its words
 * @returns null if the line contains no request
 */
export function readRequest(line: string, text: string): WrittenRequest | null {
  const found = FORMS.map((form) => form.exec(line)?.[0])
  const written = found.find((part) => part !== undefined)
  if (written === undefined) return null
  const request = requestOf(written, text)
  return request && { request, key: `${line.split(written).length - 1} ${written}` }
}

function requestOf(written: string, text: string): AgentRequest | null {
  if (/^@agent stop$/i.test(written)) return { type: 'stop' }
  if (written.startsWith('=')) {
    const value = calculate(written.slice(1, -1))
    return value === null
      ? null
      : { type: 'answer', words: [String(Number(value.toPrecision(12)))] }
  }
  const command = written.slice('@agent '.length, -1).trim().toLowerCase()
  if (command === 'undo') return { type: 'undo' }
  if (command === 'words') return { type: 'answer', words: describe(text).split(' ') }
  const count = /^count to (\d+)$/.exec(command)?.[1]
  if (count === undefined || Number(count) > MAX_COUNT) return null
  return { type: 'answer', words: Array.from({ length: Number(count) }, (_, i) => String(i + 1)) }
}

function describe(text: string): string {
  const words = text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0
  return `There are ${words} words.`
}
