import { calculate } from './arithmetic.ts'

/** What a line asks of the agent. */
export type AgentRequest =
  | { readonly type: 'answer'; readonly words: readonly string[] }
  | { readonly type: 'undo' }
  | { readonly type: 'stop' }

/** The most that it counts to. */
const MAX_COUNT = 1_000

/**
 * Reads what a line asks for, by its end: `=2*(3+4)?`, `@agent count to 20?`, `@agent words?`,
 * `@agent undo?` or `@agent stop`. The question mark says that it is complete.
 * @param text all that is written, to count its words
 * @returns null when it asks for nothing
 */
export function readRequest(line: string, text: string): AgentRequest | null {
  if (/@agent stop$/i.test(line)) return { type: 'stop' }
  const sum = /=([^=?]+)\?$/.exec(line)?.[1]
  if (sum !== undefined) {
    const value = calculate(sum)
    return value === null
      ? null
      : { type: 'answer', words: [String(Number(value.toPrecision(12)))] }
  }
  const command = /@agent ([^@?]+)\?$/i.exec(line)?.[1]?.trim().toLowerCase()
  if (command === 'undo') return { type: 'undo' }
  if (command === 'words') return { type: 'answer', words: describe(text).split(' ') }
  const count = /^count to (\d+)$/.exec(command ?? '')?.[1]
  if (count === undefined || Number(count) > MAX_COUNT) return null
  return { type: 'answer', words: Array.from({ length: Number(count) }, (_, i) => String(i + 1)) }
}

function describe(text: string): string {
  const words = text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0
  return `There are ${words} words.`
}
