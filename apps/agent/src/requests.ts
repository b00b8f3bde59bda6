import { calculate } from './arithmetic.ts'

/** What a line asks of the agent. */
export type AgentRequest =
  | { readonly type: 'answer'; readonly words: readonly string[] }
  | { readonly type: 'undo' }
  | { readonly type: 'stop' }

/** A request, and how it is written. */
export interface WrittenRequest {
  readonly request: AgentRequest
  /** The part of the line that asks, and how often the line has it: typing elsewhere asks nothing new. */
  readonly key: string
}

/** How a request is written at the end of a line. */
const FORMS = [/@agent stop$/i, /=[^=?]+\?$/, /@agent [^@?]+\?$/i]

/** The most that it counts to. */
const MAX_COUNT = 1_000

/**
 * Reads what a line asks for, by its end: `=2*(3+4)?`, `@agent count to 20?`, `@agent words?`,
 * `@agent undo?` or `@agent stop`. The question mark says that it is complete.
 * @param text all that is written, to count its words
 * @returns null when it asks for nothing
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
