import { answerTo, resultOf } from './answers.ts'

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
  if (written.startsWith('=')) return answer(resultOf(written.slice(1, -1)))
  const command = written.slice('@agent '.length, -1)
  return command.trim().toLowerCase() === 'undo'
    ? { type: 'undo' }
    : answer(answerTo(command, text))
}

const answer = (words: readonly string[] | null): AgentRequest | null =>
  words && { type: 'answer', words }
