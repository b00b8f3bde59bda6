import { answerTo, MAX_COUNT } from '@y-electric/agent/answers'

/** The facts that an answer may depend on. */
export interface AnswerContext {
  /** The text of the document. */
  readonly document: string
  /** The text that an earlier run of the same request wrote and nobody deleted; '' at the first run. */
  readonly written: string
}

/**
 * Answers a prompt piece by piece, from the end of `written` on. The signal ends it early.
 * @throws {SourceError} if it cannot answer
 */
export type TextSource = (
  prompt: string,
  context: AnswerContext,
  signal: AbortSignal,
) => AsyncIterable<string>

/** Why a source cannot answer: a sentence for the person who asked. */
export class SourceError extends Error {
  override readonly name = 'SourceError'
}

const HINT = `The rules do not know this. They know “count to 20” (at most ${MAX_COUNT}), “words” and “2*(3+4)”. For other questions, set an endpoint in the settings below.`

/**
 * Answers by the rules of the example agent, without a key.
 * @param paceMs the pause before each word, in milliseconds
 */
export const byRules = (paceMs: number): TextSource =>
  async function* (prompt, { document, written }, signal) {
    const words = answerTo(commandIn(prompt), document)
    if (words === null) throw new SourceError(HINT)
    const known = written.split(/\s+/).filter((word) => word !== '').length
    for (const [index, word] of words.slice(known).entries()) {
      await pause(paceMs, signal)
      if (signal.aborted) return
      yield known + index === 0 ? word : ` ${word}`
    }
  }

/** A source that cannot answer, for this reason. */
export const failing = (reason: string): TextSource =>
  // biome-ignore lint/correctness/useYield: it fails before the first piece.
  async function* () {
    throw new SourceError(reason)
  }

/** The command in a prompt, which may have the form that the agent reads in the text. */
const commandIn = (prompt: string): string =>
  prompt
    .trim()
    .replace(/^@agent /i, '')
    .replace(/^=/, '')
    .replace(/\?$/, '')

/** Waits, at most until the signal. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    if (signal.aborted) end()
    else signal.addEventListener('abort', end)
  })
