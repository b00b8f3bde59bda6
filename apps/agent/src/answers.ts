import { calculate } from './arithmetic.ts'

/** The largest number to which the rules count. */
export const MAX_COUNT = 1_000

/**
 * The answer of the rules to a command without its marks: `count to 20`, `words` or `2*(3+4)`.
 * @param text the whole text, for counting its words
 * @returns the words of the answer; null if no rule fits
 */
export function answerTo(command: string, text: string): readonly string[] | null {
  const wanted = command.trim().toLowerCase()
  if (wanted === 'words') return describe(text).split(' ')
  const count = /^count to (\d+)$/.exec(wanted)?.[1]
  if (count === undefined) return resultOf(wanted)
  if (Number(count) > MAX_COUNT) return null
  return Array.from({ length: Number(count) }, (_, i) => String(i + 1))
}

/** The result of an arithmetic expression as the only word of an answer; null if it is no expression. */
export function resultOf(expression: string): readonly string[] | null {
  const value = calculate(expression)
  return value === null ? null : [String(Number(value.toPrecision(12)))]
}

function describe(text: string): string {
  const words = text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0
  return `There are ${words} words.`
}
